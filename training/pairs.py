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
    ranks = np.asarray(rankdata(np.where(measured, scores, np.inf), axis=0), dtype=np.float64)
    sensitive = is_sensitive & measured
    n_sensitive = sensitive.sum(axis=0)
    won: FloatArray = (
        np.where(sensitive, ranks, 0.0).sum(axis=0) - n_sensitive * (n_sensitive + 1) / 2
    )
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
