"""Rank ridge for all drugs at once: one factorisation a set of features and fold.

A random gene set is fitted for every drug. What costs is the eigendecomposition of the lines'
products, and it does not depend on the drug; so it is done once, and each drug is a column. The
price is that a line without a measurement stands at the mean of the ranks (0) instead of being
left out. Panel, lineage and random sets are all fitted this way when they are compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from models.estimators import RankRidge
from training.metrics import FloatArray

PENALTIES = np.array(RankRidge().penalties)


@dataclass(frozen=True, slots=True)
class RankTargets:
    """Ranks of sensitivity of many drugs on the same lines.

    Attributes
    ----------
    ranks
        (n_lines, n_drugs), mean 0 and variance 1 over measured lines, 0 where not measured; high =
        sensitive.
    measured
        (n_lines, n_drugs).
    """

    ranks: FloatArray
    measured: npt.NDArray[np.bool_]


def rank_targets(response: FloatArray) -> RankTargets:
    """Turn (n_lines, n_drugs) responses, NaN where not measured and low = sensitive, into ranks."""
    measured = np.isfinite(response)
    # What is not measured ranks last of all, and so leaves the ranks of the others alone.
    ranks = np.asarray(rankdata(np.where(measured, -response, np.inf), axis=0), dtype=np.float64)
    counts = np.maximum(measured.sum(axis=0), 1)
    centred = np.where(measured, ranks - np.where(measured, ranks, 0.0).sum(axis=0) / counts, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / counts)
    return RankTargets(centred / np.where(spread > 0, spread, 1.0), measured)


def predict_held_out(train: FloatArray, test: FloatArray, targets: RankTargets) -> FloatArray:
    """Fit ridge to every drug on the training lines and score the test lines.

    Each drug gets the strongest penalty whose leave-one-out error over its measured lines is
    within one standard error (paired) of the smallest, as in `models.estimators.RankRidge`.

    Parameters
    ----------
    train, test
        (n_train, n_features) and (n_test, n_features).
    targets
        Of the training lines.

    Returns
    -------
    FloatArray
        (n_test, n_drugs); higher = more sensitive.
    """
    centre = train.mean(axis=0)
    centred = train - centre
    values, vectors = np.linalg.eigh(centred @ centred.T)
    values = np.maximum(values, 0.0)
    projected = vectors.T @ targets.ranks
    penalties = PENALTIES[_chosen(values, vectors, projected, targets)]
    weights = vectors @ (projected / (values[:, None] + penalties))
    scores: FloatArray = ((test - centre) @ centred.T) @ weights
    return scores


def _chosen(
    values: FloatArray, vectors: FloatArray, projected: FloatArray, targets: RankTargets
) -> npt.NDArray[np.int64]:
    """Position of the penalty of each drug, (n_drugs,)."""
    n_lines = len(targets.ranks)
    counts = np.maximum(targets.measured.sum(axis=0), 1)
    squared = vectors**2
    errors = np.empty((len(PENALTIES), *targets.ranks.shape))
    for row, penalty in enumerate(PENALTIES):
        shrinkage = values / (values + penalty)
        leverage = 1 / n_lines + squared @ shrinkage
        residual = targets.ranks - vectors @ (shrinkage[:, None] * projected)
        one_out = residual / np.maximum(1 - leverage, 1e-12)[:, None]
        errors[row] = np.where(targets.measured, one_out**2, 0.0)
    means = errors.sum(axis=1) / counts
    best = np.argmin(means, axis=0)
    gaps = errors - np.take_along_axis(errors, best[None, None, :], axis=0)
    variance = (gaps**2).sum(axis=1) / counts - (gaps.sum(axis=1) / counts) ** 2
    standard_error = np.sqrt(np.maximum(variance, 0.0) / counts)
    within = means <= means.min(axis=0) + standard_error
    chosen: npt.NDArray[np.int64] = np.argmax(within, axis=0)
    return chosen
