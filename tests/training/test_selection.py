from __future__ import annotations

import numpy as np
import pytest

from models.calibration import fit_sigmoid
from models.estimators import FAMILIES, RankRidge, RidgeLogistic, Target
from training import selection
from training.errors import LabelError
from training.metrics import roc_auc
from training.selection import learn, simplest_within_one_standard_error
from training.splits import Fold, grouped_folds


def make_drug(seed=0, n_lines=90, n_features=20):
    random = np.random.default_rng(seed)
    features = random.normal(size=(n_lines, n_features))
    response = random.normal(size=n_lines) - 1.5 * features[:, 0]
    is_sensitive = response <= np.quantile(response, 1 / 3)
    return features, Target(response, is_sensitive), np.arange(n_lines).astype(str)


@pytest.mark.parametrize(
    ("fold_roc_auc", "chosen"),
    [
        # SE of the best is 0.02 / sqrt(2) * sqrt(2) = 0.02.
        ([[0.69, 0.69], [0.72, 0.68]], 0),
        ([[0.67, 0.67], [0.72, 0.68]], 1),
        ([[0.70, 0.70], [0.70, 0.70]], 0),
        ([[0.60, 0.60], [0.65, 0.65], [0.65, 0.65]], 1),
        ([[0.80, 0.80], [0.72, 0.68]], 0),
        ([[0.60], [0.61]], 1),
    ],
)
def test_the_simplest_within_one_standard_error_is_taken(fold_roc_auc, chosen):
    figures = [np.array(one) for one in fold_roc_auc]
    assert simplest_within_one_standard_error(figures) == chosen


def test_scores_are_calibrated_on_lines_that_were_not_seen():
    features, target, groups = make_drug()
    learned = learn(features, target, groups, families=[RankRidge()], n_folds=5, seed=3)
    expected = np.empty(len(groups))
    for fold in grouped_folds(target.is_sensitive, groups, n_folds=5, seed=3):
        (fitted,) = RankRidge().fit_settings(
            features[fold.train], target.take(fold.train), [{}], seed=3
        )
        expected[fold.test] = fitted.score.score(features[fold.test])
    assert (learned.out_of_fold_scores == expected).all()
    assert learned.calibration == fit_sigmoid(expected, target.is_sensitive)


def test_the_final_score_is_fitted_on_every_line():
    features, target, groups = make_drug()
    learned = learn(features, target, groups, families=[RankRidge()], n_folds=5, seed=0)
    (fitted,) = RankRidge().fit_settings(features, target, [{}], seed=0)
    assert (learned.score.score(features) == fitted.score.score(features)).all()
    assert learned.parameters == fitted.parameters
    assert learned.estimator == "rank_ridge"


def test_the_best_setting_of_a_family_is_taken():
    features, target, groups = make_drug(n_features=60)
    learned = learn(features, target, groups, families=[RidgeLogistic()], n_folds=5, seed=0)
    alone = [
        learn(features, target, groups, families=[RidgeLogistic((c,))], n_folds=5, seed=0)
        for c in RidgeLogistic().inverse_penalties
    ]
    best = max(one.inner_roc_auc["ridge_logistic"] for one in alone)
    assert learned.inner_roc_auc["ridge_logistic"] == pytest.approx(best)


def test_the_same_seed_learns_the_same():
    features, target, groups = make_drug()
    one, same = (
        learn(features, target, groups, families=FAMILIES, n_folds=3, seed=1) for _ in range(2)
    )
    assert (one.probability(features) == same.probability(features)).all()
    assert one.inner_roc_auc == same.inner_roc_auc
    assert set(one.inner_roc_auc) == {family.name for family in FAMILIES}


def test_what_is_learned_finds_the_planted_signal():
    features, target, groups = make_drug()
    learned = learn(features, target, groups, families=FAMILIES, n_folds=3, seed=0)
    new_features, new_target, _ = make_drug(seed=1)
    assert roc_auc(new_target.is_sensitive, learned.probability(new_features)) > 0.75


def test_a_fold_of_one_class_does_not_count(monkeypatch):
    features, target, groups = make_drug()
    resistant = np.flatnonzero(~target.is_sensitive)
    lone, rest = resistant[:10], np.setdiff1d(np.arange(90), resistant[:10])
    parts = [lone, *np.array_split(rest, 2)]
    folds = [Fold(np.setdiff1d(np.arange(90), part), part) for part in parts]
    monkeypatch.setattr(selection, "grouped_folds", lambda *_, **__: folds)
    learned = learn(features, target, groups, families=FAMILIES[:2], n_folds=3, seed=0)
    counted = [
        roc_auc(target.is_sensitive[fold.test], learned.out_of_fold_scores[fold.test])
        for fold in folds[1:]
    ]
    assert learned.inner_roc_auc[learned.estimator] == pytest.approx(np.mean(counted))


def test_too_few_lines_for_the_folds_are_refused():
    features, target, _ = make_drug()
    with pytest.raises(LabelError, match="3 split groups"):
        learn(
            features,
            target,
            (np.arange(90) % 3).astype(str),
            families=[RankRidge()],
            n_folds=5,
            seed=0,
        )
