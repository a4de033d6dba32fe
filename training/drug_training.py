"""All that is done for one drug: evaluate it, then learn its classifier from every line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits

from features.transformer import GeneSetFeatures
from models.conformal import ClassConditionalConformal
from models.drug_model import DrugModel
from models.estimators.boosted_trees import BoosterScore
from models.linear import LinearScore
from models.trees import FlatTrees
from training.bundle_parts import held_out_of
from training.errors import LabelError
from training.evaluation import (
    DrugEvaluation,
    DrugTask,
    EvaluationSettings,
    evaluate_drug,
    evaluate_in_shared_folds,
)
from training.evidence.drug_quality import DrugQuality, measure_quality
from training.evidence.figures import JsonFigure, NotEstimable, figure_json
from training.metrics import FloatArray, Interval
from training.plots import draw_curves
from training.selection import LearnedClassifier, learn, take_shared
from training.shared_folds import SharedDrug
from training.status import judge

NO_LINEAGE = "no lineage has enough lines of its own"
CONTROLS_STILL_TO_RUN = (
    "proliferation",
    "shuffled labels",
    "random gene sets",
    "all genes",
    "leave one lineage out",
)


@dataclass(frozen=True, slots=True)
class TrainedDrug:
    """One drug's classifier with the figures behind it.

    Attributes
    ----------
    curves_png
        ROC and reliability curves on unseen lines.
    booster
        UBJ of the XGBoost model where trees were chosen, else None.
    """

    model: DrugModel
    evaluation: DrugEvaluation
    curves_png: bytes
    booster: bytes | None


@dataclass(frozen=True, slots=True)
class SkippedDrug:
    """A drug that was not trained, and why."""

    drug: str
    reason: str


def train_drug(
    task: DrugTask,
    all_features: FloatArray,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
    shared: SharedDrug | None = None,
) -> TrainedDrug | SkippedDrug:
    """Evaluate a drug by cross-validation and learn its final classifier.

    Parameters
    ----------
    task
        Lines on which the drug was measured.
    all_features
        (n_lines, n_features) of these lines under the reference of the whole cohort, which is the
        one that the bundle serves.
    make_features
        Unfitted transformer for the folds.
    settings
        Folds, seeds, families.
    shared
        The drug's part of what all drugs of the cohort learned together; it then learns nothing by
        itself.

    Returns
    -------
    TrainedDrug or SkippedDrug
        Skipped where the classes are too small for the folds.
    """
    with threadpool_limits(limits=1):
        try:
            evaluation, learned = _learn(task, all_features, make_features, settings, shared)
        except LabelError as error:
            return SkippedDrug(task.drug, str(error))
        quality = measure_quality(task, evaluation)
    return TrainedDrug(
        model=_drug_model(task, learned, evaluation, quality, all_features),
        evaluation=evaluation,
        curves_png=draw_curves(task.drug, task.is_sensitive, evaluation),
        booster=_booster_bytes(learned),
    )


def _learn(
    task: DrugTask,
    all_features: FloatArray,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
    shared: SharedDrug | None,
) -> tuple[DrugEvaluation, LearnedClassifier]:
    if shared is not None:
        evaluation = evaluate_in_shared_folds(task, shared, settings)
        return evaluation, take_shared(shared, task.is_sensitive)
    evaluation = evaluate_drug(task, make_features, settings)
    return evaluation, learn(
        all_features,
        task.target,
        task.groups,
        families=settings.families,
        n_folds=settings.n_inner_folds,
        seed=settings.seeds[0],
    )


def _drug_model(
    task: DrugTask,
    learned: LearnedClassifier,
    evaluation: DrugEvaluation,
    quality: DrugQuality,
    all_features: FloatArray,
) -> DrugModel:
    verdict = judge(
        roc_auc=evaluation.roc_auc,
        gain_over_lineage=evaluation.gain_over_lineage if evaluation.lineage_known else None,
        expected_calibration_error=evaluation.expected_calibration_error,
        calibration_error_limit=quality.calibration.error_if_calibrated.high,
        random_sets_q=None,
    )
    out_of_fold = learned.calibration.probability(learned.out_of_fold_scores)
    score = learned.score
    return DrugModel(
        drug=task.drug,
        estimator=learned.estimator,
        parameters=dict(learned.parameters),
        linear=score if isinstance(score, LinearScore) else None,
        trees=(
            FlatTrees.from_booster(score.booster, check_on=all_features)
            if isinstance(score, BoosterScore)
            else None
        ),
        calibration=learned.calibration,
        conformal=ClassConditionalConformal.from_probabilities(out_of_fold, task.is_sensitive),
        label_card=task.label_card.to_json(),
        evidence_card=_evidence_card(evaluation, learned, verdict.reason) | quality.to_json(),
        status=verdict.status,
        held_out=held_out_of(task, evaluation),
    )


def _evidence_card(
    evaluation: DrugEvaluation, learned: LearnedClassifier, reason: str
) -> dict[str, Any]:
    return {
        "n_lines": evaluation.n_lines,
        "n_sensitive": evaluation.n_sensitive,
        "n_groups": evaluation.n_groups,
        "roc_auc": evaluation.roc_auc.to_json(),
        "lineage": {
            "roc_auc": _lineage_figure(evaluation, evaluation.lineage_roc_auc),
            "gain": _lineage_figure(evaluation, evaluation.gain_over_lineage),
        },
        "seed_band": list(evaluation.seed_band),
        "brier": evaluation.brier,
        "prevalence_brier": evaluation.prevalence_brier,
        "expected_calibration_error": evaluation.expected_calibration_error,
        "estimators_in_folds": evaluation.estimator_counts,
        "inner_roc_auc": learned.inner_roc_auc,
        "status_reason": reason,
        "not_run": list(CONTROLS_STILL_TO_RUN),
    }


def _lineage_figure(evaluation: DrugEvaluation, figure: Interval) -> JsonFigure:
    return figure_json(figure if evaluation.lineage_known else NotEstimable(NO_LINEAGE))


def _booster_bytes(learned: LearnedClassifier) -> bytes | None:
    if not isinstance(learned.score, BoosterScore):
        return None
    return bytes(learned.score.booster.save_raw("ubj"))
