"""How far two histograms of each gene lie apart: population stability index, and greatest step.

Both histograms are samples, and the training cohort is often the smaller one: a profile count is
held against it with the error of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from models.drift.chances import Z_95, chi_square_tail

FloatArray = NDArray[np.float64]

# A bin that nobody fell into would make the index infinite (Jeffreys' prior of a multinomial).
PSEUDO_COUNT = 0.5
ALPHA = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """The population stability index of n genes.

    Attributes
    ----------
    raw
        (n,) sum over bins of (p - q) ln(p / q), with half a count more in every bin.
    by_chance
        (n,) what `raw` is on average where nothing has changed.
    index
        (n,) `raw` less `by_chance`, and 0 where that is below 0.
    low, high
        (n,) 95% interval of the index.
    chance
        (n,) p-value of the bins being drawn alike.

    References
    ----------
    Yurdakul and Naranjo 2020, doi:10.21314/JRMV.2020.227: where nothing has changed, the raw index
    over (1/n + 1/m) is a chi-square with one degree of freedom less than there are bins. It keeps
    its level from 50 profiles on and stays below it with fewer; Pearson's chi-square does not,
    because bins at quantiles of the training lines hold no chance of their own.
    """

    raw: FloatArray
    by_chance: FloatArray
    index: FloatArray
    low: FloatArray
    high: FloatArray
    chance: FloatArray


def stability(counts: NDArray[np.number], reference: NDArray[np.number]) -> Stability:
    """Compare histograms of the same bins.

    Parameters
    ----------
    counts, reference
        (n_genes, n_bins) numbers of profiles, and of training lines. Bins that are empty in both
        say nothing and are left out.
    """
    ours, theirs = np.asarray(counts, np.float64), np.asarray(reference, np.float64)
    n, m = ours.sum(axis=1), theirs.sum(axis=1)
    known = (n > 0) & (m > 0)
    used = ((ours + theirs) > 0) & known[:, None]
    bins = used.sum(axis=1)
    p, q = _shares(ours, used), _shares(theirs, used)
    ratio = np.log(p / q)
    raw = ((p - q) * ratio).sum(axis=1)
    sampling = np.where(known, 1 / np.maximum(n, 1) + 1 / np.maximum(m, 1), 0.0)
    degrees = np.maximum(bins - 1, 0)
    by_chance = degrees * sampling
    spread = np.sqrt(
        _slope_variance(p, ratio + 1 - q / p, n)
        + _slope_variance(q, -ratio + 1 - p / q, m)
        + 2 * degrees * sampling**2
    )
    centre = raw - by_chance
    return Stability(
        raw=raw,
        by_chance=by_chance,
        index=np.maximum(centre, 0.0),
        low=np.maximum(centre - Z_95 * spread, 0.0),
        high=np.maximum(centre + Z_95 * spread, 0.0),
        chance=_chances(raw, sampling, degrees),
    )


def _shares(counts: FloatArray, used: NDArray[np.bool_]) -> FloatArray:
    """Shares with half a count more a bin; 1 where a bin is not used, which then adds nothing."""
    filled = np.where(used, counts + PSEUDO_COUNT, 0.0)
    total = np.maximum(filled.sum(axis=1, keepdims=True), PSEUDO_COUNT)
    return np.where(used, filled / total, 1.0)


def _slope_variance(share: FloatArray, slope: FloatArray, n: FloatArray) -> FloatArray:
    """Variance of a smooth function of multinomial shares, by its slopes (delta method)."""
    weight = np.where(slope == 0, 0.0, share)
    mean = (weight * slope).sum(axis=1)
    variance = (weight * slope**2).sum(axis=1) - mean**2
    of_mean: FloatArray = np.maximum(variance, 0.0) / np.maximum(n, 1)
    return of_mean


def _chances(raw: FloatArray, sampling: FloatArray, degrees: NDArray[np.intp]) -> FloatArray:
    triples = zip(raw.tolist(), sampling.tolist(), degrees.tolist(), strict=True)
    return np.array(
        [chi_square_tail(one / error if error else 0.0, free) for one, error, free in triples]
    )


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The greatest distance between two cumulative distributions (Kolmogorov and Smirnov).

    Attributes
    ----------
    distance
        (n,) at the edges of the bins, 0 to 1: the distance between edges can be larger.
    low, high
        (n,) 95% interval of the distance at the edges, of Dvoretzky, Kiefer and Wolfowitz with
        Massart's constant (1990, doi:10.1214/aop/1176990746), half of the error for each sample.
        It is wide, and holds for every sample size.
    """

    distance: FloatArray
    low: FloatArray
    high: FloatArray


def steps(counts: NDArray[np.number], reference: NDArray[np.number]) -> Steps:
    """Compare histograms of the same bins; see `stability`."""
    ours, theirs = np.asarray(counts, np.float64), np.asarray(reference, np.float64)
    n, m = ours.sum(axis=1), theirs.sum(axis=1)
    cumulated = np.cumsum(ours, axis=1) / np.maximum(n, 1)[:, None]
    cumulated -= np.cumsum(theirs, axis=1) / np.maximum(m, 1)[:, None]
    known = (n > 0) & (m > 0)
    distance = np.where(known, np.abs(cumulated[:, :-1]).max(axis=1, initial=0.0), 0.0)
    reach = np.sqrt(log(4 / ALPHA) / 2) * (
        1 / np.sqrt(np.maximum(n, 1)) + 1 / np.sqrt(np.maximum(m, 1))
    )
    return Steps(distance, np.maximum(distance - reach, 0.0), np.minimum(distance + reach, 1.0))
