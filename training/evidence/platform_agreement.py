"""How far the answers that the same lines get on two platforms agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from training.evidence.controls import ControlData
from training.evidence.figures import Figure, NotEstimable, figure_json, number_or
from training.metrics import FloatArray, IntArray, interval_of, roc_auc


@dataclass(frozen=True, slots=True)
class Agreement:
    """One drug, one way of aligning the other platform.

    Attributes
    ----------
    spearman
        Of the probabilities of the same held-out lines on both platforms.
    spearman_within_lineage
        The same after the mean rank of each lineage is taken away: both platforms know the same
        lineage, and so agree on it whatever they measured.
    flipped_at_half, flipped_at_prevalence
        Share of lines that are called otherwise, with the call made at 0.5, and at the share of
        sensitive lines.
    roc_auc_same, roc_auc_other
        On the platform of training, and on the other one; over all held-out lines.
    """

    spearman: Figure
    spearman_within_lineage: Figure
    flipped_at_half: Figure
    flipped_at_prevalence: Figure
    roc_auc_same: Figure
    roc_auc_other: Figure

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        return {name: figure_json(getattr(self, name)) for name in AGREEMENT_FIGURES}


AGREEMENT_FIGURES = tuple(Agreement.__slots__)


def measure_agreement(
    data: ControlData, at: int, same: FloatArray, other: FloatArray, draws: FloatArray
) -> Agreement:
    """Compare the probabilities that one drug's lines get on two platforms.

    Parameters
    ----------
    at
        Position of the drug.
    same, other
        (n_lines, n_drugs) on the platform of training and on the other one; NaN where a line was
        not asked about.
    draws
        (n_draws, n_lines) bootstrap weights.
    """
    lines = np.flatnonzero(np.isfinite(same[:, at]) & np.isfinite(other[:, at]))
    first, second = same[lines, at], other[lines, at]
    counts = draws[:, lines].astype(np.int64)
    measured = np.isfinite(data.response[:, at])
    prevalence = float(data.is_sensitive[measured, at].mean())
    known, label = measured[lines], data.is_sensitive[lines, at][measured[lines]]
    return Agreement(
        spearman=_correlation(first, second, None, counts),
        spearman_within_lineage=_within_lineage(data, lines, (first, second), counts),
        flipped_at_half=_flipped(first, second, 0.5, counts),
        flipped_at_prevalence=_flipped(first, second, prevalence, counts),
        roc_auc_same=number_or(roc_auc(label, first[known]), "one class only"),
        roc_auc_other=number_or(roc_auc(label, second[known]), "one class only"),
    )


def mean_agreement(figures: Mapping[str, Agreement]) -> dict[str, Figure]:
    """Mean over drugs of every figure that could be estimated."""
    means: dict[str, Figure] = {}
    for name in AGREEMENT_FIGURES:
        values = [_value(getattr(one, name)) for one in figures.values()]
        finite = [value for value in values if np.isfinite(value)]
        missing = NotEstimable("no drug has this figure")
        means[name] = float(np.mean(finite)) if finite else missing
    return means


def spearman(
    first: FloatArray,
    second: FloatArray,
    strata: np.ndarray[Any, np.dtype[np.str_]] | None = None,
) -> float:
    """Correlation of ranks, with the mean rank of every stratum taken away where strata are given.

    Returns
    -------
    float
        NaN where one of the two does not vary (within strata).
    """
    ranks = np.stack([rankdata(first), rankdata(second)]).astype(np.float64)
    if strata is None:
        strata = np.zeros(len(first), dtype=np.str_)
    _, members, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    for row in ranks:
        row -= (np.bincount(members, weights=row) / sizes)[members]
    norms = float(np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float(ranks[0] @ ranks[1] / norms) if norms > 1e-9 else float("nan")


def _within_lineage(
    data: ControlData,
    lines: IntArray,
    probabilities: tuple[FloatArray, FloatArray],
    counts: IntArray,
) -> Figure:
    """Correlation over the lines whose lineage is known."""
    lineage = data.lineage.iloc[lines]
    known = lineage.notna().to_numpy(dtype=np.bool_)
    if not known.any():
        return NotEstimable("the cohort holds no lineage")
    first, second = (one[known] for one in probabilities)
    strata = lineage[known].astype(str).to_numpy(dtype=np.str_)
    return _correlation(first, second, strata, counts[:, known])


def _correlation(
    first: FloatArray,
    second: FloatArray,
    strata: np.ndarray[Any, np.dtype[np.str_]] | None,
    counts: IntArray,
) -> Figure:
    value = spearman(first, second, strata)
    if not np.isfinite(value):
        return NotEstimable("the probabilities do not vary")
    drawn = []
    for weights in counts:
        rows = np.repeat(np.arange(len(first)), weights)
        drawn.append(spearman(first[rows], second[rows], None if strata is None else strata[rows]))
    return interval_of(value, np.array(drawn))


def _flipped(
    first: FloatArray,
    second: FloatArray,
    threshold: float,
    counts: IntArray,
) -> Figure:
    if not len(first):
        return NotEstimable("no line was asked about")
    flipped = ((first >= threshold) != (second >= threshold)).astype(np.float64)
    totals = counts.sum(axis=1)
    drawn = np.full(len(counts), np.nan)
    np.divide(counts @ flipped, totals, out=drawn, where=totals > 0)
    return interval_of(float(flipped.mean()), drawn)


def _value(figure: Figure) -> float:
    if isinstance(figure, NotEstimable):
        return float("nan")
    return figure if isinstance(figure, float) else figure.value
