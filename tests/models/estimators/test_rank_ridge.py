import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.linear_model import Ridge

from models.estimators import RankRidge, Target
from models.estimators.rank_ridge import (
    fit_ridge,
    leave_one_out_errors,
    rank_of_sensitivity,
    strongest_within_one_standard_error,
)

PENALTIES = np.array([300.0, 30.0, 3.0])


def make_lines(seed=0, n_lines=40, n_features=60):
    random = np.random.default_rng(seed)
    features = random.normal(size=(n_lines, n_features)) + 3
    target = features[:, 0] - features[:, 1] + random.normal(size=n_lines)
    return features, target - target.mean()


@pytest.mark.parametrize("n_features", [5, 60])
def test_leave_one_out_errors_are_those_of_refits(n_features):
    features, target = make_lines(n_features=n_features)
    centred = features - features.mean(axis=0)
    values, vectors = np.linalg.eigh(centred @ centred.T)
    found = leave_one_out_errors(np.maximum(values, 0), vectors, target, PENALTIES)
    for row, penalty in enumerate(PENALTIES):
        for line in range(len(target)):
            others = np.arange(len(target)) != line
            refit = Ridge(alpha=penalty).fit(features[others], target[others])
            expected = (refit.predict(features[[line]])[0] - target[line]) ** 2
            assert found[row, line] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("n_features", [5, 60])
def test_coefficients_are_those_of_scikit_learn(n_features):
    features, target = make_lines(n_features=n_features)
    coefficient, penalty = fit_ridge(features - features.mean(axis=0), target, PENALTIES)
    assert penalty in PENALTIES
    np.testing.assert_allclose(
        coefficient, Ridge(alpha=penalty).fit(features, target).coef_, rtol=1e-8, atol=1e-10
    )


def test_the_intercept_is_that_of_features_that_were_not_centred():
    features, response = make_lines()
    (fitted,) = RankRidge((30.0,)).fit_settings(
        features, Target(response, response < -1), [{}], seed=0
    )
    oracle = Ridge(alpha=30.0).fit(features, rank_of_sensitivity(response))
    np.testing.assert_allclose(fitted.score.score(features), oracle.predict(features), rtol=1e-8)
    assert fitted.parameters == {"penalty": 30.0}


def test_the_rank_is_standardised_and_high_for_the_sensitive():
    response = np.array([3.0, 1.0, 1.0, 7.0])
    ranks = rank_of_sensitivity(response)
    assert ranks.mean() == pytest.approx(0)
    assert ranks.std() == pytest.approx(1)
    assert (rankdata(ranks) == rankdata(-response)).all()
    assert (rank_of_sensitivity(np.exp(response)) == ranks).all()
    assert (rank_of_sensitivity(np.ones(5)) == 0).all()


def test_the_strongest_penalty_within_one_standard_error_is_taken():
    best = np.array([1.0, 1.0, 1.0, 1.0])
    assert strongest_within_one_standard_error(np.stack([best + 0.1, best])) == 1
    # Paired differences of mean 0.1 and SD 0.4: SE 0.2.
    uneven = best + 0.1 + np.array([0.4, -0.4, 0.4, -0.4])
    assert strongest_within_one_standard_error(np.stack([uneven, best])) == 0


def test_a_strong_signal_asks_for_a_weak_penalty():
    random = np.random.default_rng(0)
    features = random.normal(size=(100, 10))
    penalties = np.array(RankRidge().penalties)
    _, clear = fit_ridge(features, features[:, 0] * 3, penalties)
    _, noise = fit_ridge(features, random.normal(size=100), penalties)
    assert (clear, noise) == (penalties[-1], penalties[0])


def test_without_features_every_sample_scores_the_same():
    _, response = make_lines()
    (fitted,) = RankRidge().fit_settings(
        np.empty((40, 0)), Target(response, response < -1), [{}], seed=0
    )
    assert (fitted.score.score(np.empty((3, 0))) == 0).all()
