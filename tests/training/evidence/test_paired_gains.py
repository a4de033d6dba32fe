"""roc_auc drawn for all drugs at once against the figures of one drug at a time."""

import numpy as np
import pandas as pd
import pytest

from features.feature_plan import FeaturePlan
from training.evidence.controls import ControlData, shared_folds
from training.evidence.figures import NotEstimable
from training.evidence.paired_gains import HeldOutScores, draw_roc_auc, gains, mean_gain
from training.metrics import Interval, group_bootstrap_weights, pooled_roc_auc, ranked_pairs


def simulated() -> tuple[ControlData, list[HeldOutScores]]:
    generator = np.random.default_rng(0)
    n_lines = 60
    response = generator.normal(size=(n_lines, 3))
    response[generator.random(response.shape) < 0.2] = np.nan
    response[:, 2] = np.nan
    data = ControlData(
        expression=pd.DataFrame(index=range(n_lines)),
        lineage=pd.Series(["Lung"] * n_lines),
        groups=(np.arange(n_lines) // 2).astype(str),
        drugs=("A", "B", "C"),
        response=response,
        is_sensitive=response < -0.4,
        plan=FeaturePlan((), {}, (), (), (), {}),
    )
    folds = [
        HeldOutScores(fold.test, generator.normal(size=(len(fold.test), 3)).round(1))
        for fold in shared_folds(data.groups, n_folds=4, seed=0)
    ]
    return data, folds


def test_the_draws_are_those_of_one_drug_at_a_time() -> None:
    data, folds = simulated()
    drawn = draw_roc_auc(folds, data, n_bootstrap=20, random_state=5)
    weights = group_bootstrap_weights(data.groups, 20, np.random.default_rng(5))
    for drug in range(2):
        scores = np.zeros(len(data.groups))
        pairs = []
        for fold in folds:
            scores[fold.lines] = fold.scores[:, drug]
            known = fold.lines[np.isfinite(data.response[fold.lines, drug])]
            pairs.append(ranked_pairs(data.is_sensitive[:, drug], scores, known))
        np.testing.assert_allclose(drawn.draws[:, drug], pooled_roc_auc(pairs, weights))
        plain = pooled_roc_auc(pairs, np.ones((1, len(scores))))[0]
        assert drawn.value[drug] == pytest.approx(plain)


def test_scores_gain_nothing_over_themselves() -> None:
    data, folds = simulated()
    drawn = draw_roc_auc(folds, data, n_bootstrap=20, random_state=5)
    assert gains(drawn, drawn)[:2] == (Interval(0, 0, 0), Interval(0, 0, 0))
    assert mean_gain(drawn, drawn) == Interval(0, 0, 0)


def test_a_drug_without_pairs_has_a_reason() -> None:
    data, folds = simulated()
    drawn = draw_roc_auc(folds, data, n_bootstrap=20, random_state=5)
    assert isinstance(gains(drawn, drawn)[2], NotEstimable)
