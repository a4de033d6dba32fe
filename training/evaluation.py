"""How well one drug's classifier does on lines that it has not seen.

Repeated cross-validation grouped by patient. In every fold the reference, the gene-set features,
the estimator, its setting and its calibration are learned from the training lines alone. The same
folds serve lineage alone, so that the gain over lineage is a paired figure. The folds are those of
the cohort (`evaluate_in_shared_folds`), or the drug's own (`evaluate_drug`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.transformer import GeneSetFeatures
from models.calibration import SigmoidCalibration, fit_sigmoid
from models.estimators import FAMILIES, EstimatorFamily, RankRidge, Target
from training.labels import LabelCard
from training.metrics import (
    BoolArray,
    FloatArray,
    Interval,
    RankedPairs,
    brier_score,
    expected_calibration_error,
    group_bootstrap_weights,
    interval_of,
    pooled_roc_auc,
    ranked_pairs,
)
from training.selection import learn
from training.shared_folds import SharedDrug
from training.shared_score import SharedSettings
from training.splits import Fold, grouped_folds

LINEAGE_FAMILY = RankRidge()


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """How a training is evaluated; every field is recorded in the run.

    Attributes
    ----------
    n_folds, n_inner_folds
        Outer folds that measure, inner folds that choose and calibrate.
    seeds
        One repetition of the outer folds a seed.
    n_bootstrap
        Draws of patients behind every interval.
    families
        Estimator families, simplest first, of drugs that learn by themselves.
    shared
        How the drugs of a cohort learn together; None lets every drug learn by itself.
    """

    n_folds: int = 5
    n_inner_folds: int = 5
    seeds: tuple[int, ...] = (0, 1, 2)
    n_bootstrap: int = 500
    families: tuple[EstimatorFamily, ...] = FAMILIES
    shared: SharedSettings | None = field(default_factory=SharedSettings)


@dataclass(frozen=True, slots=True)
class DrugTask:
    """One drug of a cohort: the lines on which it was measured.

    Attributes
    ----------
    samples
        (n_lines, n_genes) expression of the lines, with the covariate columns.
    response
        (n_lines,), low = sensitive, nothing missing.
    """

    drug: str
    samples: pd.DataFrame
    response: FloatArray
    is_sensitive: BoolArray
    groups: npt.NDArray[np.str_]
    label_card: LabelCard

    @property
    def target(self) -> Target:
        """Responses and labels."""
        return Target(self.response, self.is_sensitive)


@dataclass(frozen=True, slots=True)
class HeldOutFold:
    """What one outer fold measured, for figures that are drawn from it later.

    Attributes
    ----------
    repetition
        Row of `DrugEvaluation.probability` that the fold belongs to.
    lines
        Lines that were learned from, and lines that were held out.
    test_scores
        (n_test,) scores of the lines that were held out.
    calibration_scores
        (n_train,) scores of the training lines while inner folds held them out: what a
        calibration and a conformal predictor of this fold are learned from.
    calibration
        Sigmoid learned from them.
    """

    repetition: int
    lines: Fold
    test_scores: FloatArray
    calibration_scores: FloatArray
    calibration: SigmoidCalibration


@dataclass(frozen=True, slots=True)
class DrugEvaluation:
    """Figures of one drug on unseen lines.

    Attributes
    ----------
    roc_auc, lineage_roc_auc, gain_over_lineage
        Of the classifier, of lineage alone, and of their difference, with intervals.
    lineage_known
        Whether any fold's training lines held two lineages often enough for columns; without them
        there is no control by lineage, and its figures mean nothing.
    seed_band
        Lowest and highest roc_auc over the seeds.
    probability
        (n_seeds, n_lines) calibrated probability of each line while it was held out.
    estimator_counts
        How often each family was chosen over folds and seeds.
    folds
        What every fold of every seed measured.
    """

    n_lines: int
    n_sensitive: int
    n_groups: int
    roc_auc: Interval
    lineage_roc_auc: Interval
    gain_over_lineage: Interval
    lineage_known: bool
    seed_band: tuple[float, float]
    brier: float
    prevalence_brier: float
    expected_calibration_error: float
    probability: FloatArray
    estimator_counts: dict[str, int]
    folds: tuple[HeldOutFold, ...] = ()

    @property
    def metrics(self) -> dict[str, float]:
        """The figures as flat names, for tracking."""
        flat: dict[str, float] = {
            "n_lines": self.n_lines,
            "n_sensitive": self.n_sensitive,
            "n_groups": self.n_groups,
            "roc_auc_seed_lowest": self.seed_band[0],
            "roc_auc_seed_highest": self.seed_band[1],
            "brier": self.brier,
            "prevalence_brier": self.prevalence_brier,
            "expected_calibration_error": self.expected_calibration_error,
        }
        lineage = ("lineage_roc_auc", "gain_over_lineage") if self.lineage_known else ()
        for name in ("roc_auc", *lineage):
            interval: Interval = getattr(self, name)
            flat |= {name: interval.value, f"{name}_low": interval.low}
            flat[f"{name}_high"] = interval.high
        return {name: value for name, value in flat.items() if np.isfinite(value)}


@dataclass(slots=True)
class _HeldOut:
    """What was collected over the folds, from the classifier and from lineage alone."""

    probability: FloatArray
    pairs: list[RankedPairs] = field(default_factory=list)
    lineage_pairs: list[RankedPairs] = field(default_factory=list)
    lineage_known: bool = False
    estimators: list[str] = field(default_factory=list)
    folds: list[HeldOutFold] = field(default_factory=list)


def evaluate_drug(
    task: DrugTask,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
) -> DrugEvaluation:
    """Cross-validate one drug.

    Parameters
    ----------
    task
        Lines, responses, labels and groups.
    make_features
        Gives an unfitted transformer; called in every fold.
    settings
        Folds, seeds and families.

    Raises
    ------
    LabelError
        Too few patients of one class for the folds.
    """
    held_out = _HeldOut(np.zeros((len(settings.seeds), len(task.response))))
    for repetition, seed in enumerate(settings.seeds):
        folds = grouped_folds(task.is_sensitive, task.groups, n_folds=settings.n_folds, seed=seed)
        for fold in folds:
            _run_fold(task, fold, make_features(), settings, repetition, held_out)
    return _figures(task, settings, held_out)


def evaluate_in_shared_folds(
    task: DrugTask, shared: SharedDrug, settings: EvaluationSettings
) -> DrugEvaluation:
    """Figures of one drug from the folds that all drugs of its cohort share.

    Parameters
    ----------
    task, shared
        The drug, and its part of what the folds have measured.
    settings
        Those of the folds.
    """
    held_out = _HeldOut(np.zeros((len(settings.seeds), len(task.response))))
    for fold in shared.folds:
        lines = fold.lines
        calibration = fit_sigmoid(fold.out_of_fold_scores, task.is_sensitive[lines.train])
        held_out.pairs.append(_pairs(task, lines, fold.test_scores))
        held_out.lineage_pairs.append(_pairs(task, lines, fold.lineage_scores))
        held_out.lineage_known |= fold.lineage_known
        held_out.probability[fold.repetition, lines.test] = calibration.probability(
            fold.test_scores
        )
        held_out.estimators.append(shared.estimator)
        held_out.folds.append(
            HeldOutFold(
                fold.repetition, lines, fold.test_scores, fold.out_of_fold_scores, calibration
            )
        )
    return _figures(task, settings, held_out)


def _run_fold(
    task: DrugTask,
    fold: Fold,
    features: GeneSetFeatures,
    settings: EvaluationSettings,
    repetition: int,
    held_out: _HeldOut,
) -> None:
    train = features.fit(task.samples.iloc[fold.train]).transform(task.samples.iloc[fold.train])
    test = features.transform(task.samples.iloc[fold.test])
    target, seed = task.target.take(fold.train), settings.seeds[repetition]
    learned = learn(
        train,
        target,
        task.groups[fold.train],
        families=settings.families,
        n_folds=settings.n_inner_folds,
        seed=seed,
    )
    scores = learned.score.score(test)
    held_out.pairs.append(_pairs(task, fold, scores))
    held_out.probability[repetition, fold.test] = learned.calibration.probability(scores)
    held_out.estimators.append(learned.estimator)
    held_out.folds.append(
        HeldOutFold(repetition, fold, scores, learned.out_of_fold_scores, learned.calibration)
    )
    columns = np.char.startswith(features.feature_names_, "lineage:")
    held_out.lineage_known |= int(columns.sum()) > 1  # a lone lineage is a constant column
    (alone,) = LINEAGE_FAMILY.fit_settings(
        train[:, columns], target, LINEAGE_FAMILY.settings, seed=seed
    )
    held_out.lineage_pairs.append(_pairs(task, fold, alone.score.score(test[:, columns])))


def _pairs(task: DrugTask, fold: Fold, test_scores: FloatArray) -> RankedPairs:
    scores = np.zeros(len(task.response))
    scores[fold.test] = test_scores
    return ranked_pairs(task.is_sensitive, scores, fold.test)


def _figures(task: DrugTask, settings: EvaluationSettings, held_out: _HeldOut) -> DrugEvaluation:
    generator = np.random.default_rng(settings.seeds[0])
    draws = group_bootstrap_weights(task.groups, settings.n_bootstrap, generator)
    everyone = np.ones((1, len(task.response)))
    roc_auc, drawn = (pooled_roc_auc(held_out.pairs, w) for w in (everyone, draws))
    lineage, lineage_drawn = (pooled_roc_auc(held_out.lineage_pairs, w) for w in (everyone, draws))
    per_seed = [
        float(pooled_roc_auc(held_out.pairs[start : start + settings.n_folds], everyone)[0])
        for start in range(0, len(held_out.pairs), settings.n_folds)
    ]
    prevalence = float(task.is_sensitive.mean())
    return DrugEvaluation(
        n_lines=len(task.response),
        n_sensitive=int(task.is_sensitive.sum()),
        n_groups=len(np.unique(task.groups)),
        roc_auc=interval_of(float(roc_auc[0]), drawn),
        lineage_roc_auc=interval_of(float(lineage[0]), lineage_drawn),
        gain_over_lineage=interval_of(float(roc_auc[0] - lineage[0]), drawn - lineage_drawn),
        lineage_known=held_out.lineage_known,
        seed_band=(min(per_seed), max(per_seed)),
        brier=_mean_over_seeds(brier_score, task, held_out),
        prevalence_brier=prevalence * (1 - prevalence),
        expected_calibration_error=_mean_over_seeds(expected_calibration_error, task, held_out),
        probability=held_out.probability,
        estimator_counts=dict(sorted(Counter(held_out.estimators).items())),
        folds=tuple(held_out.folds),
    )


def _mean_over_seeds(
    figure: Callable[[BoolArray, FloatArray], float], task: DrugTask, held_out: _HeldOut
) -> float:
    return float(np.mean([figure(task.is_sensitive, one) for one in held_out.probability]))
