"""Rank correlations over all lines and within lineages, in every draw of a bootstrap at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.metrics import FloatArray, IntArray

NO_VARIATION = 1e-9
"""Share of the squared ranks below which what varies is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class RankedDraws:
    """One variable in every draw: its ranks over all lines, and what is left within lineages.

    Attributes
    ----------
    all_lines, within_lineage
        (n_draws, n_lines), centred and scaled so that the weighted products of two variables add
        up to their correlation; NaN in a draw in which nothing varies.
    """

    all_lines: FloatArray
    within_lineage: FloatArray


def rank_draws(values: FloatArray, weights: FloatArray, lineage: IntArray) -> RankedDraws:
    """Rank one variable anew in every draw.

    Parameters
    ----------
    values
        (n_lines,) finite.
    weights
        (n_draws, n_lines): how often each line counts in a draw.
    lineage
        (n_lines,) number of the lineage.
    """
    ranks = weighted_ranks(values, weights)
    everyone = np.zeros(len(values), dtype=np.int64)
    return RankedDraws(
        all_lines=_standardise(ranks, weights, everyone),
        within_lineage=_standardise(ranks, weights, lineage),
    )


def weighted_ranks(values: FloatArray, weights: FloatArray) -> FloatArray:
    """Mid-ranks that the lines have in the sample that a draw makes of them.

    Returns
    -------
    FloatArray
        (n_draws, n_lines); a row of ones as weights gives the plain mid-ranks, and a line of
        weight 0 has the rank at which it would stand.
    """
    distinct, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    last = np.searchsorted(place[order], np.arange(len(distinct)), side="right") - 1
    up_to = np.cumsum(weights[:, order], axis=1)[:, last]
    below = np.hstack([np.zeros((len(weights), 1)), up_to[:, :-1]])
    mid_ranks: FloatArray = ((below + up_to + 1) / 2)[:, place]
    return mid_ranks


def correlate(left: FloatArray, right: FloatArray, weights: FloatArray) -> FloatArray:
    """(n_draws,) correlation of two standardised variables."""
    correlation: FloatArray = np.einsum("dl,dl,dl->d", left, right, weights)
    return correlation


def _standardise(ranks: FloatArray, weights: FloatArray, groups: IntArray) -> FloatArray:
    """Take the weighted group means away and scale to unit weighted length."""
    _, place = np.unique(groups, return_inverse=True)
    member = np.eye(int(place.max()) + 1)[place]
    n_lines = weights @ member
    means = ((weights * ranks) @ member) / np.maximum(n_lines, 1.0)
    left = ranks - means[:, place]
    squares = np.einsum("dl,dl,dl->d", left, left, weights)
    varies = squares > NO_VARIATION * np.einsum("dl,dl,dl->d", ranks, ranks, weights)
    length = np.sqrt(np.where(varies, squares, np.nan))
    return left / length[:, None]
