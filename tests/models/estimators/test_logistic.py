import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from models.estimators import ElasticNetLogistic, RidgeLogistic, Target


def make_drug(seed=0, n_lines=60, n_features=100):
    random = np.random.default_rng(seed)
    features = random.normal(size=(n_lines, n_features)) * random.uniform(0.5, 2, n_features) + 1
    response = random.normal(size=n_lines) - 2 * features[:, 0] + features[:, 1]
    return features, Target(response, response <= np.quantile(response, 1 / 3))


@pytest.mark.parametrize("n_features", [5, 59, 100])
def test_the_rotated_fit_is_that_of_scikit_learn_on_the_features(n_features):
    features, target = make_drug(n_features=n_features)
    family = RidgeLogistic()
    for fitted in family.fit_settings(features, target, family.settings, seed=0):
        oracle = LogisticRegression(C=fitted.parameters["inverse_penalty"], tol=1e-10)
        oracle.set_params(solver="newton-cholesky").fit(features, target.is_sensitive)
        expected = oracle.decision_function(features)
        np.testing.assert_allclose(fitted.score.score(features), expected, atol=1e-3)
        np.testing.assert_allclose(fitted.score.coefficients, oracle.coef_[0], atol=1e-3)


def test_columns_that_say_nothing_new_do_no_harm():
    features, target = make_drug(n_features=10)
    doubled = np.hstack([features, features, np.ones((60, 1))])
    (plain,) = RidgeLogistic((0.02,)).fit_settings(
        features, target, [{"inverse_penalty": 0.02}], seed=0
    )
    (twice,) = RidgeLogistic((0.01,)).fit_settings(
        doubled, target, [{"inverse_penalty": 0.01}], seed=0
    )
    np.testing.assert_allclose(
        plain.score.score(features), twice.score.score(doubled), rtol=1e-3, atol=1e-3
    )


def test_the_elastic_net_keeps_few_features_and_the_planted_ones():
    features, target = make_drug(n_lines=150)
    family = ElasticNetLogistic()
    strong, weak = family.fit_settings(features, target, family.settings, seed=0)
    kept = [np.flatnonzero(one.score.coefficients) for one in (strong, weak)]
    assert 0 < len(kept[0]) < len(kept[1]) < 60
    assert 0 in kept[0]
    assert strong.score.coefficients[0] > 0


def test_the_elastic_net_is_near_the_optimum_of_its_penalty():
    features, target = make_drug(n_lines=150, n_features=30)
    family = ElasticNetLogistic((0.1,))
    (fitted,) = family.fit_settings(features, target, family.settings, seed=0)
    centred = features - features.mean(axis=0)
    oracle = LogisticRegression(
        solver="saga", C=0.1, l1_ratio=0.5, max_iter=10000, tol=1e-8, random_state=0
    ).fit(centred, target.is_sensitive)
    correlation = np.corrcoef(fitted.score.score(features), oracle.decision_function(centred))
    assert correlation[0, 1] > 0.99


@pytest.mark.parametrize("family", [RidgeLogistic(), ElasticNetLogistic()])
def test_the_same_seed_gives_the_same_coefficients(family):
    features, target = make_drug()
    one, same = (family.fit_settings(features, target, family.settings, seed=4) for _ in range(2))
    for a, b in zip(one, same, strict=True):
        assert (a.score.coefficients == b.score.coefficients).all()
        assert a.parameters == b.parameters


@pytest.mark.parametrize("family", [RidgeLogistic(), ElasticNetLogistic()])
def test_settings_go_from_the_strongest_penalty_to_the_weakest(family):
    features, target = make_drug()
    fitted = family.fit_settings(features, target, family.settings, seed=0)
    norms = [np.linalg.norm(one.score.coefficients) for one in fitted]
    assert norms == sorted(norms)
    assert [one.parameters for one in fitted] == list(family.settings)
