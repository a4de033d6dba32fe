"""Lineage as columns of numbers, in which not knowing it is the training mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from features.errors import SampleError
from features.gene_values import FloatArray

if TYPE_CHECKING:
    import pandas as pd

LINEAGE_COLUMN = "covariate:lineage"


@dataclass(frozen=True, slots=True, eq=False)
class LineageCoding:
    """One column a lineage, minus the training mean of that column, times a weight.

    Attributes
    ----------
    lineages
        Lineages with enough training samples, sorted.
    means
        (n_lineages,) share of each among the training samples of these lineages.
    weight
        What a sample's own column rises by; beside z values of spread 1, a weight above 1 shrinks
        lineages less than genes.
    """

    lineages: tuple[str, ...]
    means: FloatArray
    weight: float = 1.0

    def encode(self, lineage: Iterable[object]) -> FloatArray:
        """Code lineages as columns; an unknown or missing lineage is a row of zeros."""
        return self.encode_places(self.places(lineage))

    def encode_places(self, places: npt.NDArray[np.intp]) -> FloatArray:
        """Code what `places` found as columns."""
        columns = np.zeros((len(places), len(self.lineages)))
        known = np.flatnonzero(places >= 0)
        columns[known] = -self.means
        columns[known, places[known]] += 1.0
        return columns * self.weight

    def is_unknown(self, lineage: Iterable[object]) -> npt.NDArray[np.bool_]:
        """Whether a sample's lineage is missing or has no column."""
        return self.places(lineage) < 0

    def places(self, lineage: Iterable[object]) -> npt.NDArray[np.intp]:
        """Column of each lineage; -1 for one that is missing or has none."""
        known: dict[object, int] = {name: place for place, name in enumerate(self.lineages)}
        return np.array([known.get(name, -1) for name in lineage], dtype=np.intp)


def fit_lineage_coding(
    lineage: pd.Series[str], *, minimum: int, weight: float = 1.0
) -> LineageCoding:
    """Learn which lineages have at least `minimum` training samples, and their shares."""
    counts = lineage.dropna().astype(str).value_counts()
    frequent = counts[counts >= minimum].sort_index()
    total = max(int(frequent.sum()), 1)
    means = frequent.to_numpy(dtype=np.float64) / total
    return LineageCoding(tuple(str(name) for name in frequent.index), means, weight)


def lineage_column(expression: pd.DataFrame, *, required: bool) -> pd.Series[str]:
    """Take the lineage beside the genes; all missing without that column, or SampleError."""
    if LINEAGE_COLUMN in expression.columns:
        return expression[LINEAGE_COLUMN]
    if required:
        raise SampleError(
            f"The training samples have no column {LINEAGE_COLUMN!r}.",
            needed="the lineage of every training sample (missing values are allowed).",
            remedy="Add the column, or leave 'lineage' out of the covariates.",
        )
    import pandas as pd

    return pd.Series([None] * len(expression), index=expression.index, dtype=object)
