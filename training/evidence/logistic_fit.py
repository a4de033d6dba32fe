"""Logistic regression on one predictor, for many bootstrap draws at once."""

from __future__ import annotations

import numpy as np

from models.calibration import sigmoid
from training.metrics import FloatArray

MAX_STEPS = 30
LARGEST_STEP = 5.0
SETTLED = 1e-6


def fit_logistic(
    predictor: FloatArray, label: FloatArray, weights: FloatArray, *, slope: float | None = None
) -> FloatArray:
    """Logistic regression on one predictor, for every row of weights at once, by Newton's method.

    Parameters
    ----------
    predictor, label
        (n,) and (n,) of 0 and 1.
    weights
        (n_draws, n).
    slope
        Held at this value; None to fit it.

    Returns
    -------
    FloatArray
        (n_draws, 2) slope and intercept; NaN where there is no finite optimum.
    """
    at = np.zeros((len(weights), 2))
    at[:, 0] = slope if slope is not None else 0.0
    settled = np.zeros(len(weights), dtype=np.bool_)
    for _ in range(MAX_STEPS):
        fitted = sigmoid(at[:, :1] * predictor + at[:, 1:])
        gradient = _moments(predictor, weights * (fitted - label))[:, :2]
        curvature = _moments(predictor, weights * fitted * (1 - fitted))
        step = _newton_step(gradient, curvature, hold_slope=slope is not None)
        settled = np.abs(step).max(axis=1) < SETTLED
        at = at - np.clip(np.nan_to_num(step), -LARGEST_STEP, LARGEST_STEP)
        if settled.all():
            break
    at[~settled] = np.nan
    return at


def _moments(predictor: FloatArray, terms: FloatArray) -> FloatArray:
    """(n_draws, 3) sums of (n_draws, n) terms times the predictor, times 1, times its square."""
    design = np.column_stack([predictor, np.ones_like(predictor), predictor**2])
    sums: FloatArray = terms @ design
    return sums


def _newton_step(gradient: FloatArray, curvature: FloatArray, *, hold_slope: bool) -> FloatArray:
    """(n_draws, 2) steps; NaN where the curvature is all but 0 (the classes are parted)."""
    mixed, constant, square = curvature.T
    step = np.full_like(gradient, np.nan)
    if hold_slope:
        step[:, 0] = 0.0
        np.divide(gradient[:, 1], constant, out=step[:, 1], where=constant > 1e-9)
        return step
    determinant = square * constant - mixed**2
    bent = determinant > 1e-9 * np.maximum(square * constant, 1e-9)
    along_slope = constant * gradient[:, 0] - mixed * gradient[:, 1]
    along_intercept = square * gradient[:, 1] - mixed * gradient[:, 0]
    np.divide(along_slope, determinant, out=step[:, 0], where=bent)
    np.divide(along_intercept, determinant, out=step[:, 1], where=bent)
    return step
