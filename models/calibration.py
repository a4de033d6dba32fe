"""From a score to a probability: sigmoid calibration (Platt 1999), in NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import ModelsError

MAX_NEWTON_STEPS = 100
GRADIENT_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class SigmoidCalibration:
    """probability_sensitive = 1 / (1 + exp(-(slope * score + intercept))).

    `slope` is never negative, so a higher score never means a lower probability.
    """

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and np.isfinite(self.intercept) and self.slope >= 0):
            raise ModelsError(
                f"A calibration with slope {self.slope} and intercept {self.intercept}.",
                needed="a finite slope of at least 0 and a finite intercept.",
                remedy="make it with fit_sigmoid.",
            )

    def probability(self, score: ArrayLike) -> NDArray[np.float64]:
        """Probability of being sensitive for each score, in any shape."""
        margin = self.slope * np.asarray(score, dtype=np.float64) + self.intercept
        return sigmoid(margin)


def sigmoid(margin: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic function that neither overflows nor loses small probabilities."""
    probability: NDArray[np.float64] = np.exp(-np.logaddexp(0.0, -margin))
    return probability


def fit_sigmoid(
    scores: ArrayLike, is_sensitive: ArrayLike, *, weights: ArrayLike | None = None
) -> SigmoidCalibration:
    """Fit a sigmoid to out-of-fold scores.

    Platt's smoothed targets keep the optimum finite when the scores separate the classes. The
    slope is held at 0 or above: scores that rank the wrong way round on unseen samples are worth
    nothing, and turning them round would be fitting noise. With slope 0 every sample gets the
    (smoothed) prevalence.

    Parameters
    ----------
    scores
        (n,) scores of samples that the classifier did not see; higher = more sensitive.
    is_sensitive
        (n,) True for sensitive.
    weights
        (n,) weights of the samples; 1 each by default.

    References
    ----------
    Platt 1999, Advances in Large Margin Classifiers, 61-74; the Newton iteration is that of
    Lin, Lin and Weng 2007, doi:10.1007/s10994-007-5018-6.
    """
    score, sensitive, weight = _checked(scores, is_sensitive, weights)
    target = _smoothed_targets(sensitive, weight)
    prevalence = float(np.average(target, weights=weight))
    flat = SigmoidCalibration(0.0, float(np.log(prevalence / (1 - prevalence))))
    centre = float(np.average(score, weights=weight))
    spread = float(np.sqrt(np.average((score - centre) ** 2, weights=weight)))
    if spread <= 1e-12 * max(1.0, abs(centre)):
        return flat
    slope, intercept = _newton((score - centre) / spread, target, weight, start=flat.intercept)
    if slope <= 0:
        return flat
    return SigmoidCalibration(slope / spread, intercept - slope * centre / spread)


def _checked(
    scores: ArrayLike, is_sensitive: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    score = np.asarray(scores, dtype=np.float64)
    sensitive = np.asarray(is_sensitive).astype(bool)
    weight = np.ones_like(score) if weights is None else np.asarray(weights, dtype=np.float64)
    if score.ndim != 1 or not score.shape == sensitive.shape == weight.shape:
        raise ModelsError(
            f"Scores {score.shape}, labels {sensitive.shape} and weights {weight.shape}.",
            needed="three one-dimensional arrays of the same length.",
            remedy="pass one score, one label and one weight a sample.",
        )
    if not (np.isfinite(score).all() and np.isfinite(weight).all() and (weight >= 0).all()):
        raise ModelsError(
            "Scores or weights that are not finite, or negative weights.",
            needed="finite scores and weights of at least 0.",
            remedy="leave out the samples that were not scored.",
        )
    if not (weight[sensitive].sum() > 0 and weight[~sensitive].sum() > 0):
        raise ModelsError(
            f"{int(sensitive.sum())} sensitive of {len(score)} samples.",
            needed="samples of both classes.",
            remedy="choose another cut-off for the label, or leave the drug out.",
        )
    return score, sensitive, weight


def _smoothed_targets(
    sensitive: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    n_sensitive, n_resistant = weight[sensitive].sum(), weight[~sensitive].sum()
    high, low = (n_sensitive + 1) / (n_sensitive + 2), 1 / (n_resistant + 2)
    target: NDArray[np.float64] = np.where(sensitive, high, low)
    return target


def _newton(
    score: NDArray[np.float64],
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    start: float,
) -> tuple[float, float]:
    """Minimise the weighted cross-entropy; the problem is strictly convex in two unknowns."""
    design = np.column_stack([score, np.ones_like(score)])
    point = np.array([0.0, start])
    loss = _cross_entropy(design @ point, target, weight)
    for _ in range(MAX_NEWTON_STEPS):
        probability = sigmoid(design @ point)
        gradient = design.T @ (weight * (probability - target))
        if np.abs(gradient).max() < GRADIENT_TOLERANCE * weight.sum():
            break
        curvature = weight * probability * (1 - probability)
        hessian = design.T @ (curvature[:, None] * design)
        step = np.linalg.solve(hessian + 1e-12 * np.eye(2), gradient)
        size = 1.0
        while (new := _cross_entropy(design @ (point - size * step), target, weight)) > loss:
            size /= 2
            if size < 1e-10:
                return float(point[0]), float(point[1])
        point, loss = point - size * step, new
    return float(point[0]), float(point[1])


def _cross_entropy(
    margin: NDArray[np.float64], target: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    return float(np.sum(weight * (np.logaddexp(0.0, margin) - target * margin)))
