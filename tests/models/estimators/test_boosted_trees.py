import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from models.estimators import FAMILIES, BoostedTrees, Target


def make_drug(seed=0, n_lines=120, n_features=30):
    random = np.random.default_rng(seed)
    features = random.normal(size=(n_lines, n_features))
    response = 0.5 * random.normal(size=n_lines) - features[:, 0]
    return features, Target(response, response <= np.quantile(response, 1 / 3))


def fit_trees(features, target, seed):
    (fitted,) = BoostedTrees().fit_settings(features, target, BoostedTrees().settings, seed=seed)
    return fitted


def test_the_seed_decides_the_trees():
    features, target = make_drug()
    one, same, other = (fit_trees(features, target, seed) for seed in (1, 1, 2))
    raw = [bytes(fitted.score.booster.save_raw("ubj")) for fitted in (one, same, other)]
    assert raw[0] == raw[1]
    assert (one.score.score(features) != other.score.score(features)).any()


def test_parameters_name_the_rounds_that_were_grown():
    features, target = make_drug()
    fitted = fit_trees(features, target, 0)
    assert fitted.score.booster.num_boosted_rounds() == fitted.parameters["rounds"] == 60


def test_the_score_is_the_log_odds():
    features, target = make_drug()
    fitted = fit_trees(features, target, 0)
    booster, score = fitted.score.booster, fitted.score.score(features)
    probability = booster.inplace_predict(features.astype(np.float32))
    np.testing.assert_allclose(1 / (1 + np.exp(-score)), probability, atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_higher_score_means_more_sensitive_in_every_family(family):
    features, target = make_drug()
    unseen, truth = make_drug(seed=1)
    for fitted in family.fit_settings(features, target, family.settings, seed=0):
        assert roc_auc_score(truth.is_sensitive, fitted.score.score(unseen)) > 0.8


def test_families_go_from_simple_to_complex():
    names = ["rank_ridge", "ridge_logistic", "elastic_net_logistic", "boosted_trees"]
    assert [family.name for family in FAMILIES] == names
