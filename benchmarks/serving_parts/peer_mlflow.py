"""Peer: a pyfunc model of boosters for `mlflow models serve`, logged from this very file.

`only` limits it to so many boosters.
"""

from pathlib import Path

import mlflow
import numpy as np
import xgboost


class Boosters(mlflow.pyfunc.PythonModel):
    """Every booster of the artifact folder."""

    def load_context(self, context):
        self.boosters = []
        for path in sorted(Path(context.artifacts["models"]).glob("*.ubj")):
            booster = xgboost.Booster()
            booster.load_model(path)
            booster.set_param({"nthread": 1})
            self.boosters.append(booster)

    def predict(self, context, model_input, params=None):
        """One column a booster."""
        rows = np.asarray(model_input, dtype=np.float32)
        return np.stack([booster.inplace_predict(rows) for booster in self.boosters], axis=1)


mlflow.models.set_model(Boosters())
