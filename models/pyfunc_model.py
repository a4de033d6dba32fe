"""The bundle as an MLflow pyfunc model, logged from this very file: code, never a pickle.

`mlflow models serve --env-manager local` and Spark run it where this project is installed. MLflow
imports the file by itself; nothing else in the project does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from models.bundle_files import load_bundle
from models.prediction import predict
from models.profile_tables import expression_of, lineage_of


class BundleModel(PythonModel):
    """Answers a table of profiles with a table of one row a sample and drug."""

    def load_context(self, context: PythonModelContext) -> None:
        """Verify and load the bundle that lies beside this file."""
        self.bundle = load_bundle(Path(context.artifacts["bundle"]))

    # MLflow would read type hints as a schema of the input.
    def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]
        """Answer profiles.

        Parameters
        ----------
        context
            Not used; `load_context` read it.
        model_input
            Samples x genes, in any form that a DataFrame can be made of; optionally with the
            columns `sample_id` and `lineage`.
        params
            scale (required), drugs, align, level, lineage: as `models.prediction.predict`.
        """
        return answer(self.bundle, model_input, params or {})


def answer(bundle: Any, model_input: Any, params: dict[str, Any]) -> pd.DataFrame:
    """Table of answers for what `mlflow.pyfunc` hands over."""
    table = pd.DataFrame(model_input)
    expression = expression_of(table, scale=params.get("scale"), symbols=bundle.symbols)
    lineage = params.get("lineage") or lineage_of(table)
    return predict(
        bundle,
        expression,
        drugs=_named_drugs(params.get("drugs")),
        align=params.get("align") or "auto",
        level=0.8 if params.get("level") is None else float(params["level"]),
        lineage=lineage,
    ).table


def _named_drugs(drugs: Sequence[str] | None) -> list[str] | None:
    """MLflow's schema has no missing list: an empty one asks for all that are not withheld."""
    return None if drugs is None or len(drugs) == 0 else [str(drug) for drug in drugs]


mlflow.models.set_model(BundleModel())
