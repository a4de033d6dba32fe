"""Whether a promised probability comes true, on lines that were held out.

All figures read the probabilities of `DrugEvaluation`: (n_seeds, n_lines), each line as it was
predicted while it was held out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import rankdata

from training.evidence.figures import Figure, NotEstimable, figure_json
from training.evidence.intervals import mean_interval
from training.evidence.logistic_fit import fit_logistic
from training.metrics import (
    BoolArray,
    FloatArray,
    Interval,
    expected_calibration_error,
    interval_of,
)

N_BINS = 10
N_SIMULATIONS = 200
SMALLEST_SPREAD = 0.1
NARROW = "the probabilities hardly differ between lines"
SEPARATED = "the probabilities part the classes, or all but, so that no slope is the best one"


@dataclass(frozen=True, slots=True)
class ReliabilityPoint:
    """Promised and observed share of sensitive lines in one bin of equal count.

    `n_predictions` counts lines once a seed.
    """

    promised: float
    observed: Interval
    n_predictions: int


@dataclass(frozen=True, slots=True)
class CalibrationQuality:
    """Figures of calibration.

    Attributes
    ----------
    brier, prevalence_brier
        Mean squared error of the probabilities; of the prevalence promised to every line.
    expected_calibration_error, error_if_calibrated
        Mean gap between promise and outcome, in bins of equal count; and the gap that would be
        seen, at this number of lines, if every promise held exactly (mean and 95% range over
        simulated labels). The second is far above 0 for a few hundred lines: only a gap beyond it
        speaks against calibration.
    slope, intercept
        Of the logistic regression of the label on the log-odds of the promise: 1 and 0 when
        promises hold; a slope below 1 means promises too extreme (Cox 1958,
        doi:10.1093/biomet/45.3-4.562).
    in_the_large
        Intercept with the slope held at 1: above 0 when more lines are sensitive than promised.
    """

    brier: Interval
    prevalence_brier: float
    expected_calibration_error: Interval
    error_if_calibrated: Interval
    slope: Figure
    intercept: Figure
    in_the_large: Figure
    reliability: tuple[ReliabilityPoint, ...]

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        names = ("brier", "prevalence_brier", "expected_calibration_error", "error_if_calibrated")
        figures: dict[str, Any] = {
            name: figure_json(getattr(self, name))
            for name in (*names, "slope", "intercept", "in_the_large")
        }
        figures["reliability"] = [
            {
                "promised": point.promised,
                "observed": point.observed.to_json(),
                "n_predictions": point.n_predictions,
            }
            for point in self.reliability
        ]
        return figures


def measure_calibration(
    is_sensitive: BoolArray, probability: FloatArray, draws: FloatArray, *, random_state: int
) -> CalibrationQuality:
    """Measure how well held-out probabilities come true.

    Parameters
    ----------
    is_sensitive
        (n_lines,) labels.
    probability
        (n_seeds, n_lines) held-out probability of being sensitive.
    draws
        (n_draws, n_lines) weights of a bootstrap over patients.
    random_state
        Of the labels simulated for `error_if_calibrated`.
    """
    prevalence = float(is_sensitive.mean())
    errors = ((probability - is_sensitive) ** 2).mean(axis=0)
    slope, intercept, in_the_large = _cox_figures(is_sensitive, probability, draws)
    return CalibrationQuality(
        brier=mean_interval(errors, draws),
        prevalence_brier=prevalence * (1 - prevalence),
        expected_calibration_error=calibration_error(is_sensitive, probability, draws),
        error_if_calibrated=error_if_calibrated(probability, random_state=random_state),
        slope=slope,
        intercept=intercept,
        in_the_large=in_the_large,
        reliability=_reliability_points(is_sensitive, probability, draws),
    )


def calibration_error(
    is_sensitive: BoolArray, probability: FloatArray, draws: FloatArray
) -> Interval:
    """Give the expected calibration error over the (n_seeds, n_lines) promises, with its interval.

    A gap is never below 0, so that drawing lines again adds noise to it and every draw lies higher
    than the figure. The draws are moved down to have the figure as their mean, but not below 0.
    """
    gaps = [expected_calibration_error(is_sensitive, row, n_bins=N_BINS) for row in probability]
    value = float(np.mean(gaps))
    drawn = np.mean([_drawn_gaps(is_sensitive, row, draws) for row in probability], axis=0)
    return interval_of(value, np.maximum(drawn - drawn.mean() + value, 0.0))


def error_if_calibrated(
    probability: FloatArray, *, random_state: int, n_simulations: int = N_SIMULATIONS
) -> Interval:
    """Give the calibration error of labels that are drawn from the (n_seeds, n_lines) promises.

    Returns
    -------
    Interval
        Mean over simulated labels, with the range that holds 95% of them.
    """
    generator = np.random.default_rng(random_state)
    uniform = generator.random((n_simulations, probability.shape[1]))
    gaps = np.mean([_gaps(row, uniform < row) for row in probability], axis=0)
    return interval_of(float(gaps.mean()), gaps)


def equal_count_bins(probability: FloatArray, n_bins: int) -> FloatArray:
    """(n_lines, n_bins_with_lines) of 0 and 1: the bins of `training.metrics.reliability`."""
    middle_rank = np.asarray(rankdata(probability), dtype=np.float64) - 0.5
    bins = np.floor(middle_rank * n_bins / len(middle_rank))
    members: FloatArray = (bins[:, None] == np.unique(bins)).astype(np.float64)
    return members


def _cox_figures(
    is_sensitive: BoolArray, probability: FloatArray, draws: FloatArray
) -> tuple[Figure, Figure, Figure]:
    """Slope, intercept and calibration in the large; every line counts once a seed."""
    log_odds = np.log(probability) - np.log1p(-probability)
    if not float(log_odds.std(axis=1).mean()) >= SMALLEST_SPREAD:
        narrow = NotEstimable(NARROW)
        return narrow, narrow, _in_the_large(is_sensitive, log_odds, draws)
    fitted = _fit_all(is_sensitive, log_odds, draws, slope=None)
    if not np.isfinite(fitted[0]).all():
        return NotEstimable(SEPARATED), NotEstimable(SEPARATED), NotEstimable(SEPARATED)
    slope, intercept = (interval_of(float(one[0]), one[1:]) for one in fitted.T)
    return slope, intercept, _in_the_large(is_sensitive, log_odds, draws)


def _in_the_large(is_sensitive: BoolArray, log_odds: FloatArray, draws: FloatArray) -> Figure:
    fitted = _fit_all(is_sensitive, log_odds, draws, slope=1.0)[:, 1]
    if not np.isfinite(fitted[0]):
        return NotEstimable(SEPARATED)
    return interval_of(float(fitted[0]), fitted[1:])


def _fit_all(
    is_sensitive: BoolArray, log_odds: FloatArray, draws: FloatArray, *, slope: float | None
) -> FloatArray:
    """(1 + n_draws, 2): the fit to all lines, then to every draw; a line counts once a seed."""
    n_seeds = len(log_odds)
    label = np.tile(is_sensitive.astype(np.float64), n_seeds)
    weights = np.tile(np.vstack([np.ones(draws.shape[1]), draws]), (1, n_seeds))
    return fit_logistic(log_odds.ravel(), label, weights, slope=slope)


def _gaps(probability: FloatArray, labels: BoolArray) -> FloatArray:
    """(n_simulations,) expected calibration errors of (n_simulations, n_lines) labels."""
    members = equal_count_bins(probability, N_BINS)
    gaps: FloatArray = np.abs((labels - probability) @ members).sum(axis=1) / len(probability)
    return gaps


def _drawn_gaps(is_sensitive: BoolArray, probability: FloatArray, draws: FloatArray) -> FloatArray:
    """(n_draws,) expected calibration errors of weighted lines, in the bins of all lines."""
    members = equal_count_bins(probability, N_BINS)
    excess = (draws * (is_sensitive - probability)) @ members
    gaps: FloatArray = np.abs(excess).sum(axis=1) / draws.sum(axis=1)
    return gaps


def _reliability_points(
    is_sensitive: BoolArray, probability: FloatArray, draws: FloatArray
) -> tuple[ReliabilityPoint, ...]:
    members = equal_count_bins(probability.ravel(), N_BINS)
    label, weights = np.tile(is_sensitive, len(probability)), np.tile(draws, (1, len(probability)))
    points = []
    for inside in members.T.astype(bool):
        observed = mean_interval(label[inside].astype(np.float64), weights[:, inside])
        promised = float(probability.ravel()[inside].mean())
        points.append(ReliabilityPoint(promised, observed, int(inside.sum())))
    return tuple(points)
