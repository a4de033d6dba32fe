"""Choosing, fitting and calibrating one drug's classifier, all inside the lines it is given.

`learn` is the whole procedure of a drug that learns by itself. The evaluation calls it on the
training lines of every fold, the final bundle calls it on all lines: what is measured is what is
served. Drugs that learn together come from `training.cohort_evaluation`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.calibration import SigmoidCalibration, fit_sigmoid
from models.estimators import EstimatorFamily, FittedScore, Target
from models.linear import LinearScore
from training.metrics import BoolArray, FloatArray, roc_auc
from training.shared_folds import SharedDrug
from training.splits import Fold, grouped_folds


@dataclass(frozen=True, slots=True)
class LearnedClassifier:
    """A classifier and what it was learned with.

    Attributes
    ----------
    estimator, parameters
        The family and the setting that were chosen (JSON).
    score
        Fitted on every line that `learn` was given.
    calibration
        From scores to probabilities, fitted on the out-of-fold scores.
    out_of_fold_scores
        (n_lines,) scores of the chosen setting on lines that it had not seen.
    inner_roc_auc
        Mean roc_auc over the inner folds, for the best setting of each family.
    """

    estimator: str
    parameters: dict[str, Any]
    score: FittedScore
    calibration: SigmoidCalibration
    out_of_fold_scores: FloatArray
    inner_roc_auc: dict[str, float]

    def probability(self, features: FloatArray) -> FloatArray:
        """(n_samples, n_features) to calibrated probabilities of being sensitive."""
        return self.calibration.probability(self.score.score(features))


@dataclass(frozen=True, slots=True)
class _Tried:
    """One family with its best setting in the inner folds."""

    family: EstimatorFamily
    parameters: dict[str, float]
    fold_roc_auc: FloatArray
    out_of_fold_scores: FloatArray


def learn(
    features: FloatArray,
    target: Target,
    groups: npt.NDArray[np.str_],
    *,
    families: Sequence[EstimatorFamily],
    n_folds: int,
    seed: int,
) -> LearnedClassifier:
    """Choose a family by the one-standard-error rule, fit it on all lines, and calibrate it.

    Parameters
    ----------
    features
        (n_lines, n_features).
    target
        Responses and labels of the lines.
    groups
        (n_lines,) split groups.
    families
        Simplest first. Within a family the setting with the best mean roc_auc is taken.
    n_folds
        Number of inner folds.
    seed
        Of the inner folds and the estimators.

    Raises
    ------
    LabelError
        Too few lines of one class for the inner folds.
    """
    folds = grouped_folds(target.is_sensitive, groups, n_folds=n_folds, seed=seed)
    tried = [_try_family(family, features, target, folds, seed) for family in families]
    chosen = tried[simplest_within_one_standard_error([one.fold_roc_auc for one in tried])]
    (final,) = chosen.family.fit_settings(features, target, [chosen.parameters], seed=seed)
    return LearnedClassifier(
        estimator=chosen.family.name,
        parameters=final.parameters,
        score=final.score,
        calibration=fit_sigmoid(chosen.out_of_fold_scores, target.is_sensitive),
        out_of_fold_scores=chosen.out_of_fold_scores,
        inner_roc_auc={one.family.name: float(one.fold_roc_auc.mean()) for one in tried},
    )


def take_shared(shared: SharedDrug, is_sensitive: BoolArray) -> LearnedClassifier:
    """Give one drug's part of what all drugs of its cohort learned together, calibrated.

    Parameters
    ----------
    is_sensitive
        (n_measured,) labels of the lines where the drug was measured.
    """
    figure = shared.inner_roc_auc
    return LearnedClassifier(
        estimator=shared.estimator,
        parameters={"averaged": [asdict(choice) for choice in shared.choices]},
        score=LinearScore(shared.coefficients, shared.intercept),
        calibration=fit_sigmoid(shared.out_of_fold_scores, is_sensitive),
        out_of_fold_scores=shared.out_of_fold_scores,
        inner_roc_auc={shared.estimator: figure} if np.isfinite(figure) else {},
    )


def simplest_within_one_standard_error(fold_roc_auc: Sequence[FloatArray]) -> int:
    """Position of the first candidate whose mean is within one SE of the best one's.

    Parameters
    ----------
    fold_roc_auc
        One array (n_folds,) a candidate, simplest candidate first.

    References
    ----------
    Breiman, Friedman, Olshen and Stone 1984, Classification and Regression Trees, section 3.4.3.
    """
    means = np.array([figures.mean() for figures in fold_roc_auc])
    best = int(np.argmax(means))
    figures = fold_roc_auc[best]
    standard_error = float(figures.std(ddof=1) / np.sqrt(len(figures))) if len(figures) > 1 else 0.0
    return int(np.flatnonzero(means >= means[best] - standard_error)[0])


def _try_family(
    family: EstimatorFamily, features: FloatArray, target: Target, folds: list[Fold], seed: int
) -> _Tried:
    settings = family.settings
    scores = np.empty((len(settings), len(features)))
    figures = np.empty((len(settings), len(folds)))
    for position, fold in enumerate(folds):
        fitted = family.fit_settings(
            features[fold.train], target.take(fold.train), settings, seed=seed
        )
        for row, one in enumerate(fitted):
            scores[row, fold.test] = one.score.score(features[fold.test])
            figures[row, position] = roc_auc(target.is_sensitive[fold.test], scores[row, fold.test])
    figures = figures[:, np.isfinite(figures[0])]  # a fold of one class ranks nothing
    best = int(np.argmax(figures.mean(axis=1)))
    return _Tried(family, dict(settings[best]), figures[best], scores[best])
