"""Which genes have drifted, by how much, and which way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.drift.chances import adjusted
from models.drift.counts import DriftCounts
from models.drift.differences import stability, steps
from models.drift.reference import N_BINS, DriftReference

FloatArray = NDArray[np.float64]

# What the index is usually held against, in credit scoring, from where it comes: from 0.1 on a
# population has changed, from 0.25 on much (Siddiqi 2006, doi:10.1002/9781119201731).
CHANGED, MUCH_CHANGED = 0.1, 0.25
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True, slots=True)
class GeneDrift:
    """One gene of the panel.

    Attributes
    ----------
    gene
        Symbol.
    n_profiles
        Profiles that held it.
    index, low, high
        Population stability index with its 95% interval; what chance alone gives is taken off.
    raw
        The index with that part.
    distance, distance_low, distance_high
        Greatest distance between the cumulative distributions, with its 95% interval.
    p, q
        P-value of no change, and the same adjusted for the number of genes.
    drifted
        q is at most 0.05, and the index at least 0.1.
    shift
        How far its values moved on the whole, in shares of the training lines, -0.5 to 0.5.
    outer
        How many more (or fewer) profiles lie in the two outermost bins, as a share of all.
    bins, reference_bins
        (8,) shares of the profiles, and of the training lines.
    """

    gene: str
    n_profiles: int
    index: float
    low: float
    high: float
    raw: float
    distance: float
    distance_low: float
    distance_high: float
    p: float
    q: float
    drifted: bool
    shift: float
    outer: float
    bins: tuple[float, ...]
    reference_bins: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Drifts:
    """The same of all genes that were measured, as arrays along `places` in the panel."""

    places: NDArray[np.intp]
    columns: dict[str, NDArray[Any]]

    @property
    def n_drifted(self) -> int:
        """How many have drifted."""
        return int(self.columns["drifted"].sum())

    @property
    def share_drifted(self) -> float:
        """Share of the measured genes that have drifted; 0 where none was measured."""
        return self.n_drifted / len(self.places) if len(self.places) else 0.0

    @property
    def median_index(self) -> float | None:
        """Median index; None where no gene was measured."""
        return float(np.median(self.columns["index"])) if len(self.places) else None

    def listed(self, reference: DriftReference) -> list[GeneDrift]:
        """List the genes, the most changed first; of equals the first in the panel."""
        order = np.argsort(-self.columns["index"], kind="stable")
        columns = {name: values[order].tolist() for name, values in self.columns.items()}
        columns["bins"] = [tuple(row) for row in columns["bins"]]
        columns["reference_bins"] = [tuple(row) for row in columns["reference_bins"]]
        genes = [reference.genes[place] for place in self.places[order]]
        rows = zip(*columns.values(), strict=True)
        return [
            GeneDrift(gene=gene, **dict(zip(columns, row, strict=True)))
            for gene, row in zip(genes, rows, strict=True)
        ]


def drifts(reference: DriftReference, counts: DriftCounts) -> Drifts:
    """Compare the genes that any profile held with the training lines."""
    n_profiles = counts.by_gene.sum(axis=1)
    places = np.flatnonzero(n_profiles)
    ours, theirs = counts.by_gene[places], reference.counts[places]
    index, distance = stability(ours, theirs), steps(ours, theirs)
    bins, reference_bins = _shares(ours), _shares(theirs)
    q = adjusted(index.chance)
    middle = (np.arange(N_BINS) + 0.5) / N_BINS
    gap = bins - reference_bins
    columns = {
        "n_profiles": n_profiles[places],
        "index": index.index,
        "low": index.low,
        "high": index.high,
        "raw": index.raw,
        "distance": distance.distance,
        "distance_low": distance.low,
        "distance_high": distance.high,
        "p": index.chance,
        "q": q,
        "drifted": (q <= FALSE_DISCOVERIES) & (index.index >= CHANGED),
        "shift": gap @ middle,
        "outer": gap[:, 0] + gap[:, -1],
        "bins": bins,
        "reference_bins": reference_bins,
    }
    return Drifts(places, columns)


def _shares(counts: NDArray[Any]) -> FloatArray:
    shares: FloatArray = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return shares
