from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training.metrics import (
    brier_score,
    expected_calibration_error,
    group_bootstrap_weights,
    interval_of,
    pooled_roc_auc,
    ranked_pairs,
    reliability,
    roc_auc,
)


def make_scores(seed, n_lines=60, *, n_levels=None):
    random = np.random.default_rng(seed)
    is_sensitive = random.random(n_lines) < 0.4
    scores = random.normal(size=n_lines) + is_sensitive
    if n_levels:  # ties
        scores = np.round(scores * n_levels) / n_levels
    return is_sensitive, scores


@pytest.mark.parametrize("n_levels", [None, 1, 3])
@pytest.mark.parametrize("seed", range(10))
def test_roc_auc_is_that_of_scikit_learn(seed, n_levels):
    is_sensitive, scores = make_scores(seed, n_levels=n_levels)
    assert roc_auc(is_sensitive, scores) == pytest.approx(roc_auc_score(is_sensitive, scores))


def test_roc_auc_known_answers():
    is_sensitive = np.array([True, True, False, False])
    assert roc_auc(is_sensitive, np.array([4.0, 3.0, 2.0, 1.0])) == 1.0
    assert roc_auc(is_sensitive, np.array([4.0, 1.0, 2.0, 3.0])) == 0.5
    assert roc_auc(is_sensitive, np.ones(4)) == 0.5
    assert np.isnan(roc_auc(np.ones(4, dtype=bool), np.arange(4.0)))


def test_roc_auc_keeps_to_the_order_of_scores():
    is_sensitive, scores = make_scores(0)
    assert roc_auc(is_sensitive, np.exp(scores)) == roc_auc(is_sensitive, scores)
    assert roc_auc(is_sensitive, -scores) == pytest.approx(1 - roc_auc(is_sensitive, scores))


def make_folds(is_sensitive, scores, n_folds=4):
    parts = np.array_split(np.arange(len(scores)), n_folds)
    return [ranked_pairs(is_sensitive, scores, part) for part in parts]


def test_the_pooled_figure_is_the_mean_over_pairs_within_folds():
    is_sensitive, scores = make_scores(1)
    folds = make_folds(is_sensitive, scores)
    pairs = np.concatenate([fold.won.ravel() for fold in folds])
    pooled = pooled_roc_auc(folds, np.ones((1, len(scores))))
    assert pooled == pytest.approx([pairs.mean()])


def test_the_scale_of_a_fold_does_not_matter():
    is_sensitive, scores = make_scores(2)
    shifted = scores + 100 * (np.arange(len(scores)) // 15)
    ones = np.ones((1, len(scores)))
    plain, moved = (pooled_roc_auc(make_folds(is_sensitive, s), ones) for s in (scores, shifted))
    assert plain == pytest.approx(moved)


def test_whole_weights_are_repeated_lines():
    is_sensitive, scores = make_scores(3)
    counts = np.random.default_rng(3).integers(0, 4, size=len(scores))
    folds = make_folds(is_sensitive, scores)
    parts = np.array_split(np.arange(len(scores)), 4)
    repeated = np.repeat(np.arange(len(scores)), counts)
    at = [np.flatnonzero(np.isin(repeated, part)) for part in parts]
    copies = [ranked_pairs(is_sensitive[repeated], scores[repeated], lines) for lines in at]
    weighted = pooled_roc_auc(folds, counts[None, :].astype(float))
    assert weighted == pytest.approx(pooled_roc_auc(copies, np.ones((1, len(repeated)))))


def test_a_draw_without_a_pair_has_no_figure():
    is_sensitive, scores = make_scores(4)
    weights = np.stack([np.ones(60), is_sensitive.astype(float)])
    figures = pooled_roc_auc(make_folds(is_sensitive, scores), weights)
    assert np.isfinite(figures).tolist() == [True, False]


def test_the_bootstrap_draws_whole_groups():
    groups = np.array(["b", "a", "b", "c", "a", "d", "e"])
    weights = group_bootstrap_weights(groups, 400, np.random.default_rng(0))
    for group in np.unique(groups):
        of_group = weights[:, groups == group]
        assert (of_group == of_group[:, :1]).all()
    first_of_group = [1, 0, 3, 5, 6]
    assert (weights[:, first_of_group].sum(axis=1) == 5).all()
    assert weights.mean() == pytest.approx(1, abs=0.1)


def test_the_interval_holds_the_middle_of_the_finite_draws():
    interval = interval_of(0.5, np.append(np.linspace(0, 1, 1001), np.nan))
    assert (interval.value, interval.low, interval.high) == pytest.approx((0.5, 0.025, 0.975))
    assert interval.to_json() == {"value": 0.5, "low": interval.low, "high": interval.high}
    assert np.isnan(interval_of(0.5, np.array([np.nan])).low)


def test_brier_score_known_answers():
    is_sensitive = np.array([True, False])
    assert brier_score(is_sensitive, np.array([1.0, 0.0])) == 0
    assert brier_score(is_sensitive, np.array([0.0, 1.0])) == 1
    assert brier_score(is_sensitive, np.array([0.7, 0.4])) == pytest.approx((0.09 + 0.16) / 2)


def test_calibration_error_known_answers():
    promised = np.repeat([0.2, 0.6], 10)
    kept = np.arange(20) % 10 < np.repeat([2, 6], 10)
    assert expected_calibration_error(kept, promised, n_bins=2) == pytest.approx(0)
    assert expected_calibration_error(kept, promised + 0.1, n_bins=2) == pytest.approx(0.1)
    assert expected_calibration_error(np.ones(20, dtype=bool), promised) == pytest.approx(0.6)


def test_a_constant_probability_errs_by_its_distance_from_the_prevalence():
    # Lines of one probability may not be parted: where they stand in the table says nothing.
    is_sensitive = np.arange(40) < 10
    for promised, gap in ((0.25, 0.0), (0.45, 0.2)):
        error = expected_calibration_error(is_sensitive, np.full(40, promised))
        assert error == pytest.approx(gap)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_lines_changes_no_figure(seed):
    is_sensitive, scores = make_scores(seed, n_levels=2)
    probability = 1 / (1 + np.exp(-scores))
    order = np.random.default_rng(seed).permutation(len(scores))
    for figure in (roc_auc, brier_score, expected_calibration_error):
        plain = figure(is_sensitive, probability)
        assert figure(is_sensitive[order], probability[order]) == pytest.approx(plain)


@pytest.mark.parametrize("n_lines", [7, 60, 61])
def test_bins_are_of_about_equal_count(n_lines):
    probability = np.random.default_rng(0).random(n_lines)
    promised, _, counts = reliability(probability > 0.5, probability, n_bins=6)
    assert counts.sum() == n_lines
    assert counts.max() - counts.min() <= 1
    assert (np.diff(promised) > 0).all()
