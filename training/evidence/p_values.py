"""Empirical p-values and the share of false discoveries among them."""

from __future__ import annotations

import numpy as np
from scipy.stats import beta

from training.metrics import FloatArray, Interval


def empirical_p_values(observed: FloatArray, random: FloatArray) -> FloatArray:
    """How often a random gene set does at least as well, for every drug.

    Parameters
    ----------
    observed
        (n_drugs,) figure of the panel.
    random
        (n_sets, n_drugs) the same figure of every random set.

    Returns
    -------
    FloatArray
        (n_drugs,) (r + 1) / (n + 1), never 0; NaN without random sets or a figure
        (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585).
    """
    if not len(random):
        return np.full(len(observed), np.nan)
    at_least = (random >= observed).sum(axis=0)
    p_values: FloatArray = (at_least + 1) / (len(random) + 1)
    estimable = np.isfinite(observed) & np.isfinite(random).all(axis=0)
    return np.where(estimable, p_values, np.nan)


def benjamini_hochberg(p_values: FloatArray) -> FloatArray:
    """q-values of (n_drugs,) p-values; NaN stays NaN and does not count as a test.

    References
    ----------
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    q_values = np.full(len(p_values), np.nan)
    tested = np.flatnonzero(np.isfinite(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    scaled = p_values[order] * len(order) / np.arange(1, len(order) + 1)
    q_values[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q_values


def p_interval(p_value: float, n_sets: int) -> Interval:
    """Give an empirical p of `empirical_p_values` with the 95% interval that its draws allow.

    References
    ----------
    Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404.
    """
    n_as_good = round(p_value * (n_sets + 1)) - 1
    low = beta.ppf(0.025, n_as_good, n_sets - n_as_good + 1) if n_as_good else 0.0
    high = beta.ppf(0.975, n_as_good + 1, n_sets - n_as_good) if n_as_good < n_sets else 1.0
    # The estimate counts the panel itself as one of the sets, and so may lie above both bounds.
    return Interval(p_value, min(float(low), p_value), max(float(high), p_value))
