"""Average precision on held-out lines, beside the prevalence that it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.evaluation import HeldOutFold
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.evidence.intervals import mean_interval
from training.metrics import BoolArray, FloatArray, Interval, interval_of


@dataclass(frozen=True, slots=True)
class PrecisionFigures:
    """Average precision, and the share of sensitive lines: about what a coin would reach.

    `seed_band`: lowest and highest average precision over the seeds; None without a figure.
    """

    average_precision: Figure
    seed_band: tuple[float, float] | None
    prevalence: Interval

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        return {
            "average_precision": figure_json(self.average_precision),
            "average_precision_seed_band": None if self.seed_band is None else list(self.seed_band),
            "prevalence": self.prevalence.to_json(),
        }


def measure_precision(
    is_sensitive: BoolArray, folds: Sequence[HeldOutFold], draws: FloatArray
) -> PrecisionFigures:
    """Average precision within folds, weighted by their sensitive lines, over all folds and seeds.

    Lines are ranked against lines of the same fold only, as for roc_auc.

    Parameters
    ----------
    is_sensitive
        (n_lines,) labels.
    folds
        Of `DrugEvaluation`.
    draws
        (n_draws, n_lines) weights of a bootstrap over patients.
    """
    weights = np.vstack([np.ones(len(is_sensitive)), draws])
    repetitions = 1 + max((fold.repetition for fold in folds), default=0)
    gained, sensitive = np.zeros((2, repetitions, len(weights)))
    for fold in folds:
        test = fold.lines.test
        gained[fold.repetition] += precision_gained(
            is_sensitive[test], fold.test_scores, weights[:, test]
        )
        sensitive[fold.repetition] += weights[:, test] @ is_sensitive[test]
    figures = _share(gained.sum(axis=0), sensitive.sum(axis=0))
    per_seed = _share(gained[:, 0], sensitive[:, 0])
    known = bool(np.isfinite(figures[0]) and np.isfinite(per_seed).all())
    return PrecisionFigures(
        average_precision=interval_of(float(figures[0]), figures[1:])
        if known
        else NotEstimable("no sensitive line was held out"),
        seed_band=(float(per_seed.min()), float(per_seed.max())) if known else None,
        prevalence=mean_interval(is_sensitive.astype(np.float64), draws),
    )


def _share(gained: FloatArray, sensitive: FloatArray) -> FloatArray:
    share: FloatArray = np.full(gained.shape, np.nan)
    np.divide(gained, sensitive, out=share, where=sensitive > 0)
    return share


def precision_gained(
    is_sensitive: BoolArray, scores: FloatArray, weights: FloatArray
) -> FloatArray:
    """Sum of the precision at which each sensitive line is found, for every row of weights.

    Divided by the weight of the sensitive lines it is the average precision. Lines of the same
    score are found together.

    Parameters
    ----------
    is_sensitive, scores
        (n_lines,).
    weights
        (n_draws, n_lines).

    Returns
    -------
    FloatArray
        (n_draws,).
    """
    order = np.argsort(-scores, kind="stable")
    last_of_score = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    found = np.cumsum(weights[:, order], axis=1)[:, last_of_score]
    right = np.cumsum(weights[:, order] * is_sensitive[order], axis=1)[:, last_of_score]
    precision = np.divide(right, found, out=np.zeros_like(right), where=found > 0)
    gained: FloatArray = (np.diff(right, axis=1, prepend=0.0) * precision).sum(axis=1)
    return gained
