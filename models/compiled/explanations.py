"""What genes and gene sets gave to the answers of a compiled bundle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.attribution import Attributions
from models.compiled.answers import CompiledAnswers


@dataclass(frozen=True, slots=True, eq=False)
class CompiledExplanations:
    """Exact attributions for n samples and d drugs, in log-odds of being sensitive.

    Attributes
    ----------
    answers
        The answers that are explained.
    genes, sets
        Attributions by gene (and covariate), and by gene set (and covariate); see
        `models.attribution.Attributions` for shapes, base values, residuals and directions.
    top
        (n, d, k) places in `genes.names` of the entries that gave most, largest first, whatever
        their direction.
    """

    answers: CompiledAnswers
    genes: Attributions
    sets: Attributions
    top: NDArray[np.intp]

    def top_names(self) -> list[list[list[str]]]:
        """Names of the entries that gave most, of each sample and drug."""
        names: list[list[list[str]]] = np.array(self.genes.names, dtype=object)[self.top].tolist()
        return names

    def top_log_odds(self) -> NDArray[np.float64]:
        """(n, d, k) what they gave; above 0 speaks for sensitive."""
        return np.take_along_axis(self.genes.log_odds, self.top, axis=2)

    def top_values(self) -> NDArray[np.float64]:
        """(n, d, k) their values in the profile: z of genes, NaN for lineage."""
        rows = np.arange(len(self.top))[:, None, None]
        values: NDArray[np.float64] = self.genes.values[rows, self.top]
        return values


def largest(log_odds: NDArray[np.float64], k: int) -> NDArray[np.intp]:
    """(n, d, k) places of the entries farthest from 0, largest first; of equal ones the first."""
    size = np.abs(log_odds)
    k = min(k, size.shape[2])
    places = np.sort(np.argpartition(-size, max(k - 1, 0), axis=2)[:, :, :k], axis=2)
    order = np.argsort(-np.take_along_axis(size, places, axis=2), axis=2, kind="stable")
    return np.take_along_axis(places, order, axis=2)
