"""Chances: of a chi-square, of many tests at once, and intervals of shares; NumPy alone."""

from __future__ import annotations

from math import erfc, exp, gamma, sqrt

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

Z_95 = 1.959963984540054


def chi_square_tail(value: float, degrees: int) -> float:
    """Chance that a chi-square exceeds a value; a finite sum for whole degrees of freedom.

    Parameters
    ----------
    value
        At least 0.
    degrees
        Degrees of freedom; with 0 the variable is 0.

    References
    ----------
    Abramowitz and Stegun 1964, 26.4.4 and 26.4.5.
    """
    if degrees < 1 or value <= 0:
        return 1.0 if value <= 0 else 0.0
    half = value / 2
    if half > 700:  # exp(-half) is 0 then
        return 0.0
    first = 0.0 if degrees % 2 == 0 else erfc(sqrt(half))
    powers = [term + degrees % 2 / 2 for term in range(degrees // 2)]
    rest = sum(half**power / gamma(power + 1) for power in powers)
    return float(min(1.0, first + exp(-half) * rest))


def adjusted(chances: FloatArray) -> FloatArray:
    """Adjust (n,) p-values for their number: the smallest false discovery rate that takes each in.

    References
    ----------
    Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x. It holds for tests that
    depend on each other positively (Benjamini and Yekutieli 2001, doi:10.1214/aos/1013699998).
    """
    n_tests = len(chances)
    if n_tests == 0:
        return chances.copy()
    order = np.argsort(chances, kind="stable")
    rising = chances[order] * n_tests / np.arange(1, n_tests + 1)
    falling = np.minimum.accumulate(rising[::-1])[::-1]
    given = np.empty(n_tests)
    given[order] = np.minimum(falling, 1.0)
    return given


def share_interval(count: float, total: float) -> tuple[float, float]:
    """95% interval of a share, after Wilson 1927, doi:10.1080/01621459.1927.10502953."""
    if total <= 0:
        return 0.0, 1.0
    share, square = count / total, Z_95**2
    centre = share + square / (2 * total)
    reach = Z_95 * sqrt(share * (1 - share) / total + square / (4 * total**2))
    shrunk = 1 + square / total
    return max(0.0, (centre - reach) / shrunk), min(1.0, (centre + reach) / shrunk)
