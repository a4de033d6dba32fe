"""Pairs of a sensitive and a resistant line of one fold, for all drugs at once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.stats import rankdata

from training.metrics import BoolArray, FloatArray
from training.splits import Fold


def pairs_won(scores: FloatArray, is_sensitive: BoolArray, measured: BoolArray) -> FloatArray:
    """Sum, for each drug, the pairs of one fold that are ranked rightly; a tie counts a half.

    Parameters
    ----------
    scores, is_sensitive, measured
        (n_test, n_drugs).

    Returns
    -------
    FloatArray
        (n_drugs,).
    """
    # What is not measured ranks last of all, and so leaves the ranks of the others alone.
    ranked = np.where(measured, scores, np.inf)
    sensitive = is_sensitive & measured
    n_sensitive = sensitive.sum(axis=0)
    won: FloatArray = _rank_sums(ranked, sensitive) - n_sensitive * (n_sensitive + 1) / 2
    return won


def pairs_in_folds(
    is_sensitive: BoolArray, measured: BoolArray, folds: Iterable[Fold]
) -> FloatArray:
    """(n_drugs,) pairs that folds can compare, over all of them.

    Parameters
    ----------
    is_sensitive, measured
        (n_lines, n_drugs).
    """
    pairs = np.zeros(is_sensitive.shape[1])
    for fold in folds:
        sensitive = (is_sensitive & measured)[fold.test].sum(axis=0)
        pairs += sensitive * (measured[fold.test].sum(axis=0) - sensitive)
    return pairs


def _rank_sums(scores: FloatArray, members: BoolArray) -> FloatArray:
    """Sum the mid-ranks of the members of every column; twice as fast where nothing is tied."""
    order = np.argsort(scores, axis=0)
    ordered = np.take_along_axis(scores, order, axis=0)
    tied = (ordered[1:] == ordered[:-1]) & (ordered[1:] < np.inf)
    if tied.any() or np.isnan(ordered[-1:]).any():
        ranks = np.asarray(rankdata(scores, axis=0), dtype=np.float64)
        sums: FloatArray = np.where(members, ranks, 0.0).sum(axis=0)
    else:
        places = np.arange(1.0, len(scores) + 1)
        sums = places @ np.take_along_axis(members, order, axis=0)
    return sums
