"""How well lines of a lineage are ranked by a classifier that never saw that lineage.

All drugs share the ridge of `training.evidence.shared_ridge`: one factorisation a lineage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from training.evidence.controls import ControlData, ControlSettings
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.evidence.intervals import too_few
from training.evidence.panel_features import FoldTables, PanelAlgebra
from training.evidence.shared_ridge import predict_held_out, rank_targets
from training.metrics import (
    BoolArray,
    FloatArray,
    IntArray,
    Interval,
    RankedPairs,
    group_bootstrap_weights,
    interval_of,
    pooled_roc_auc,
    ranked_pairs,
)
from training.splits import Fold

NO_LINEAGE = "the cohort names no lineage, or only one"
MIXED_NOWHERE = "no lineage holds sensitive and resistant lines of two patients"


@dataclass(frozen=True, slots=True)
class LineageOut:
    """roc_auc of one drug on lineages that were left out.

    Attributes
    ----------
    roc_auc
        Share of pairs of a sensitive and a resistant line of the same lineage that are ranked
        rightly, over all lineages with two patients and both classes, however few their lines.
    by_lineage
        The same of one lineage, for at least ten lines of two patients and of both classes.
    """

    roc_auc: Figure
    by_lineage: dict[str, Figure]

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        by_lineage = {name: figure_json(figure) for name, figure in self.by_lineage.items()}
        return {"roc_auc": figure_json(self.roc_auc), "by_lineage": by_lineage}


def leave_lineages_out(
    data: ControlData, settings: ControlSettings, *, n_bootstrap: int = 500
) -> dict[str, LineageOut]:
    """Rank the lines of every lineage by rank ridge learned from all other lineages.

    The features are the panel and the lineages that the classifier learned from; of the lineage
    that is left out it knows nothing. A patient with lines of two lineages teaches neither.

    Parameters
    ----------
    data
        Cohort.
    settings
        Coding of lineages, and the seed of the bootstrap over patients.
    n_bootstrap
        Draws of patients behind every interval.

    Returns
    -------
    dict
        Drug -> figures.
    """
    folds = lineage_folds(data)
    with threadpool_limits(limits=1):
        scores = {name: _held_out_scores(data, settings, fold) for name, fold in folds.items()}
    generator = np.random.default_rng(settings.random_state)
    draws = group_bootstrap_weights(data.groups, n_bootstrap, generator)
    weights = np.vstack([np.ones(len(data.groups)), draws])
    found = {}
    for column, drug in enumerate(data.drugs):
        measured = np.isfinite(data.response[:, column])
        by_lineage = {}
        for name, fold in folds.items():
            kept = measured[fold.test]
            by_lineage[name] = (fold.test[kept], scores[name][kept, column])
        found[drug] = _figures(data, data.is_sensitive[:, column], by_lineage, weights)
    return found


def lineage_folds(data: ControlData) -> dict[str, Fold]:
    """One fold a lineage of at least two lines; none where there is only one lineage.

    Other lines of the patients that are tested are left out of the lines to learn from.
    """
    lineage = data.lineage.astype(object).where(data.lineage.notna(), None).to_numpy()
    names = sorted({str(name) for name in lineage if name is not None})
    folds = {}
    for name in names if len(names) > 1 else []:
        inside = lineage == name
        others = ~inside & ~np.isin(data.groups, data.groups[inside])
        if inside.sum() > 1 and others.sum() > 1:
            folds[name] = Fold(np.flatnonzero(others), np.flatnonzero(inside))
    return folds


def _held_out_scores(data: ControlData, settings: ControlSettings, fold: Fold) -> FloatArray:
    """(n_test, n_drugs)."""
    algebra = PanelAlgebra.of_plan(data.plan)
    tables = FoldTables.learn(
        data.expression[list(algebra.panel)],
        data.lineage,
        fold.train,
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
    )
    features = np.hstack([algebra.features(tables.of(algebra.panel)), tables.lineage])
    targets = rank_targets(data.response[fold.train])
    return predict_held_out(features[fold.train], features[fold.test], targets)


def _figures(
    data: ControlData,
    is_sensitive: BoolArray,
    by_lineage: dict[str, tuple[IntArray, FloatArray]],
    weights: FloatArray,
) -> LineageOut:
    pairs, figures = [], {}
    for name, (lines, scores) in by_lineage.items():
        one = _pairs(is_sensitive, lines, scores)
        members = np.isin(np.arange(len(is_sensitive)), lines)
        figures[name] = _figure_of_lineage(data, members, one, weights)
        if not too_few(members, data.groups, fewest_lines=2):
            pairs.append(one)
    reason = MIXED_NOWHERE if by_lineage else NO_LINEAGE
    return LineageOut(_pooled(pairs, weights, reason=reason), figures)


def _pairs(is_sensitive: BoolArray, lines: IntArray, scores: FloatArray) -> RankedPairs:
    everyone = np.zeros(len(is_sensitive))
    everyone[lines] = scores
    return ranked_pairs(is_sensitive, everyone, lines)


def _figure_of_lineage(
    data: ControlData, members: BoolArray, pairs: RankedPairs, weights: FloatArray
) -> Figure:
    reason = too_few(members, data.groups)
    if reason:
        return reason
    n_lines = int(members.sum())
    label = "sensitive" if not len(pairs.resistant) else "resistant"
    return _pooled([pairs], weights, reason=f"all {n_lines} lines are {label}")


def _pooled(pairs: Sequence[RankedPairs], weights: FloatArray, *, reason: str) -> Figure:
    if not any(one.won.size for one in pairs):
        return NotEstimable(reason)
    drawn = pooled_roc_auc(list(pairs), weights)
    interval: Interval = interval_of(float(drawn[0]), drawn[1:])
    return interval
