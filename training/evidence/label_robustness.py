"""Whether roc_auc depends on where the line between sensitive and resistant is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from features.transformer import GeneSetFeatures
from models.estimators import RankRidge
from training.errors import LabelError
from training.evaluation import DrugTask, EvaluationSettings
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.labels import LabelMethod, label_response
from training.metrics import (
    BoolArray,
    FloatArray,
    RankedPairs,
    group_bootstrap_weights,
    interval_of,
    pooled_roc_auc,
    ranked_pairs,
)
from training.splits import Fold, grouped_folds


@dataclass(frozen=True, slots=True)
class LabelRobustness:
    """roc_auc of the same held-out scores of rank ridge under two label methods.

    Rank ridge reads the rank of the response, never the label; so the scores are the same and the
    label method changes only which pairs of lines count.

    Attributes
    ----------
    roc_auc, second_roc_auc, difference
        Under the drug's own labels, under the second method, and second minus own.
    seed_band, second_seed_band
        Lowest and highest over the seeds; None where there is no figure.
    agreement
        Share of lines with the same label under both.
    estimator
        What gave the scores: rank ridge, or what drugs that learn together share.
    """

    method: str
    second_method: LabelMethod
    roc_auc: Figure
    second_roc_auc: Figure
    difference: Figure
    seed_band: tuple[float, float] | None
    second_seed_band: tuple[float, float] | None
    agreement: Figure
    n_sensitive: int
    second_n_sensitive: int | None
    estimator: str = "rank_ridge"

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        names = ("roc_auc", "second_roc_auc", "difference", "agreement")
        bands = {name: getattr(self, name) for name in ("seed_band", "second_seed_band")}
        return {
            "estimator": self.estimator,
            "method": self.method,
            "second_method": self.second_method,
            **{name: figure_json(getattr(self, name)) for name in names},
            **{name: None if band is None else list(band) for name, band in bands.items()},
            "n_sensitive": self.n_sensitive,
            "second_n_sensitive": self.second_n_sensitive,
        }


def measure_label_robustness(
    task: DrugTask,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
    *,
    second_method: LabelMethod = "waterfall",
) -> LabelRobustness:
    """Judge held-out scores of rank ridge by a second way of making labels.

    Folds and seeds are those of `training.evaluation.evaluate_drug`.

    Raises
    ------
    LabelError
        Too few patients of one class for the folds, under the drug's own labels.
    """
    with threadpool_limits(limits=1):
        scored = _held_out_scores(task, make_features, settings)
    generator = np.random.default_rng(settings.seeds[0])
    draws = group_bootstrap_weights(task.groups, settings.n_bootstrap, generator)
    weights = np.vstack([np.ones(len(task.groups)), draws])
    own = _pairs(scored, task.is_sensitive)
    second = _second_labels(task, second_method)
    if isinstance(second, NotEstimable):
        return _without_second(task, second_method, own, weights, settings, second)
    other = _pairs(scored, second)
    drawn, second_drawn = pooled_roc_auc(own, weights), pooled_roc_auc(other, weights)
    return LabelRobustness(
        method=task.label_card.method,
        second_method=second_method,
        roc_auc=_interval(drawn),
        second_roc_auc=_interval(second_drawn),
        difference=_interval(second_drawn - drawn),
        seed_band=_seed_band(own, weights[:1], settings.n_folds),
        second_seed_band=_seed_band(other, weights[:1], settings.n_folds),
        agreement=float(np.mean(second == task.is_sensitive)),
        n_sensitive=int(task.is_sensitive.sum()),
        second_n_sensitive=int(second.sum()),
    )


def _held_out_scores(
    task: DrugTask, make_features: Callable[[], GeneSetFeatures], settings: EvaluationSettings
) -> list[tuple[Fold, FloatArray]]:
    """Folds of every seed, with (n_lines,) scores that are filled in for their test lines."""
    family, scored = RankRidge(), []
    for seed in settings.seeds:
        folds = grouped_folds(task.is_sensitive, task.groups, n_folds=settings.n_folds, seed=seed)
        for fold in folds:
            features = make_features().fit(task.samples.iloc[fold.train])
            train = features.transform(task.samples.iloc[fold.train])
            target = task.target.take(fold.train)
            (fitted,) = family.fit_settings(train, target, family.settings, seed=seed)
            scores = np.zeros(len(task.response))
            test = features.transform(task.samples.iloc[fold.test])
            scores[fold.test] = fitted.score.score(test)
            scored.append((fold, scores))
    return scored


def _second_labels(task: DrugTask, method: LabelMethod) -> BoolArray | NotEstimable:
    kind = task.label_card.response_kind
    if kind == "clinical_response":
        return NotEstimable("the response of patients comes with its labels")
    if method == task.label_card.method:
        return NotEstimable(f"the labels were made by {method} in the first place")
    try:
        labels, _ = label_response(task.response, drug=task.drug, kind=kind, method=method)
    except LabelError as error:
        return NotEstimable(f"{method}: {error.found}")
    return labels


def _pairs(scored: list[tuple[Fold, FloatArray]], is_sensitive: BoolArray) -> list[RankedPairs]:
    return [ranked_pairs(is_sensitive, scores, fold.test) for fold, scores in scored]


def _interval(drawn: FloatArray) -> Figure:
    if not np.isfinite(drawn[0]):
        return NotEstimable("no fold holds both classes")
    return interval_of(float(drawn[0]), drawn[1:])


def _seed_band(pairs: list[RankedPairs], everyone: FloatArray, n_folds: int) -> tuple[float, float]:
    per_seed = [
        float(pooled_roc_auc(pairs[start : start + n_folds], everyone)[0])
        for start in range(0, len(pairs), n_folds)
    ]
    return min(per_seed), max(per_seed)


def _without_second(
    task: DrugTask,
    second_method: LabelMethod,
    own: list[RankedPairs],
    weights: FloatArray,
    settings: EvaluationSettings,
    reason: NotEstimable,
) -> LabelRobustness:
    return LabelRobustness(
        method=task.label_card.method,
        second_method=second_method,
        roc_auc=_interval(pooled_roc_auc(own, weights)),
        second_roc_auc=reason,
        difference=reason,
        seed_band=_seed_band(own, weights[:1], settings.n_folds),
        second_seed_band=None,
        agreement=reason,
        n_sensitive=int(task.is_sensitive.sum()),
        second_n_sensitive=None,
    )
