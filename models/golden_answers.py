"""Profiles with the answers that a bundle gave when it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.alignment import AlignMethod
from features.expression import Scale


@dataclass(frozen=True, slots=True, eq=False)
class GoldenAnswers:
    """What a bundle must answer wherever it is loaded.

    Attributes
    ----------
    expression
        Profiles, samples x genes, log2.
    scale
        Scale that the profiles are declared in.
    lineage
        Lineage of a sample; a sample that is not named has none.
    drugs
        Every drug of the bundle.
    probability
        For each alignment method, (n_samples, n_drugs) probabilities of being sensitive.
    """

    expression: pd.DataFrame
    scale: Scale
    lineage: dict[str, str]
    drugs: tuple[str, ...]
    probability: dict[AlignMethod, NDArray[np.float64]]

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Arrays and JSON, for the files of a bundle."""
        arrays: dict[str, NDArray[Any]] = {
            f"probability_{method}": values for method, values in self.probability.items()
        }
        arrays["expression"] = self.expression.to_numpy(dtype=np.float32)
        meta = {
            "samples": [str(sample) for sample in self.expression.index],
            "genes": [str(gene) for gene in self.expression.columns],
            "scale": self.scale,
            "lineage": self.lineage,
            "drugs": list(self.drugs),
            "alignments": list(self.probability),
        }
        return arrays, meta

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> GoldenAnswers:
        """Make it from what `to_arrays` gave."""
        expression = pd.DataFrame(
            arrays["expression"], index=meta["samples"], columns=meta["genes"]
        )
        return cls(
            expression=expression,
            scale=meta["scale"],
            lineage=dict(meta["lineage"]),
            drugs=tuple(meta["drugs"]),
            probability={
                method: arrays[f"probability_{method}"].astype(np.float64, copy=False)
                for method in meta["alignments"]
            },
        )
