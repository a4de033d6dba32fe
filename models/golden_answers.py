"""Profiles with the answers that a bundle gave when it was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from features.alignment import AlignMethod
from features.expression import Scale

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, eq=False)
class GoldenAnswers:
    """What a bundle must answer wherever it is loaded.

    Attributes
    ----------
    values
        Profiles, samples x genes, float32, log2.
    samples, genes
        Names of the rows and of the columns.
    scale
        Scale that the profiles are declared in.
    lineage
        Lineage of a sample; a sample that is not named has none.
    drugs
        Every drug of the bundle.
    probability
        For each alignment method, (n_samples, n_drugs) probabilities of being sensitive.
    domain_percentile
        For each alignment method, (n_samples,) domain percentiles; empty for a bundle that cannot
        give them.
    """

    values: NDArray[np.float32]
    samples: tuple[str, ...]
    genes: tuple[str, ...]
    scale: Scale
    lineage: dict[str, str]
    drugs: tuple[str, ...]
    probability: dict[AlignMethod, NDArray[np.float64]]
    domain_percentile: dict[AlignMethod, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def expression(self) -> pd.DataFrame:
        """The profiles as a table."""
        import pandas as pd

        return pd.DataFrame(self.values, index=list(self.samples), columns=list(self.genes))

    def to_arrays(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Arrays and JSON, for the files of a bundle."""
        arrays: dict[str, NDArray[Any]] = {
            f"probability_{method}": values for method, values in self.probability.items()
        }
        for method, percentiles in self.domain_percentile.items():
            arrays[f"domain_percentile_{method}"] = percentiles
        arrays["expression"] = self.values
        meta = {
            "samples": list(self.samples),
            "genes": list(self.genes),
            "scale": self.scale,
            "lineage": self.lineage,
            "drugs": list(self.drugs),
            "alignments": list(self.probability),
        }
        return arrays, meta

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> GoldenAnswers:
        """Make it from what `to_arrays` gave."""
        values = arrays["expression"].astype(np.float32, copy=False)
        if values.shape != (len(meta["samples"]), len(meta["genes"])):
            raise ValueError(f"profiles of shape {values.shape}, which their names do not fit")
        return cls(
            values=values,
            samples=tuple(map(str, meta["samples"])),
            genes=tuple(map(str, meta["genes"])),
            scale=meta["scale"],
            lineage=dict(meta["lineage"]),
            drugs=tuple(meta["drugs"]),
            probability={
                method: arrays[f"probability_{method}"].astype(np.float64, copy=False)
                for method in meta["alignments"]
            },
            domain_percentile={
                method: arrays[name].astype(np.float64, copy=False)
                for method in meta["alignments"]
                if (name := f"domain_percentile_{method}") in arrays
            },
        )
