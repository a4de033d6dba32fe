"""Weighted means with intervals: the arithmetic that figures of held-out lines share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import norm, t

from training.evidence.figures import NotEstimable
from training.metrics import BoolArray, FloatArray, Interval, interval_of

FEWEST_LINES = 10
SMALLEST_SPREAD = 1e-12


def mean_interval(values: FloatArray, draws: FloatArray) -> Interval:
    """Mean of (n_lines,) values, with the interval over (n_draws, n_lines) bootstrap weights."""
    return interval_of(float(values.mean()), drawn_means(values, draws))


def drawn_means(values: FloatArray, draws: FloatArray) -> FloatArray:
    """(n_draws,) weighted means; NaN for a draw that holds none of the lines."""
    total = draws.sum(axis=1)
    means: FloatArray = np.full(len(draws), np.nan)
    np.divide(draws @ values, total, out=means, where=total > 0)
    return means


def standard_error(drawn: FloatArray) -> float:
    """Spread of the finite draws of a figure; NaN for fewer than two."""
    finite = drawn[np.isfinite(drawn)]
    return float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")


def jackknife_interval(value: float, left_out: FloatArray) -> Interval:
    """95% interval of a figure from how far it moves without each part of the patients.

    Parameters
    ----------
    left_out
        (n_parts,) the figure without one of equal parts each. Student's t with one degree of
        freedom less than parts; the variance is on average too large rather than too small.

    References
    ----------
    Efron and Stein 1981, doi:10.1214/aos/1176345462.
    """
    n_parts = len(left_out)
    if n_parts < 2:
        return Interval(value, float("nan"), float("nan"))
    error = np.sqrt((n_parts - 1) * left_out.var())
    reach = float(t.ppf(0.975, n_parts - 1) * error)
    return Interval(value, value - reach, value + reach)


def p_of_interval(difference: Interval) -> float:
    """Two-sided p-value of a difference against 0, by the normal approximation.

    Parameters
    ----------
    difference
        With its 95% interval, whose half width is taken for 1.96 standard errors. Counting draws of
        a bootstrap beyond 0 instead could give no p-value below 2 / n_draws, which is too coarse to
        correct over some hundred drugs.

    Returns
    -------
    float
        1 for a difference of 0 that never varies; NaN without an interval.
    """
    standard_error = (difference.high - difference.low) / (2 * norm.ppf(0.975))
    if difference.value == 0 and standard_error == 0:
        return 1.0
    if not np.isfinite([difference.value, standard_error]).all():
        return float("nan")
    return float(2 * norm.sf(abs(difference.value) / max(standard_error, SMALLEST_SPREAD)))


def too_few(
    members: BoolArray, groups: npt.NDArray[np.str_], *, fewest_lines: int = FEWEST_LINES
) -> NotEstimable | None:
    """Say why some of the lines are too few for a figure of their own, or nothing.

    Parameters
    ----------
    members
        (n_lines,) which lines the figure would be of.
    groups
        (n_lines,) patients.
    """
    n_lines = int(members.sum())
    if n_lines < fewest_lines:
        return NotEstimable(f"{n_lines} lines, at least {fewest_lines} are needed")
    if len(np.unique(groups[members])) < 2:
        return NotEstimable(f"all {n_lines} lines are of a single patient")
    return None
