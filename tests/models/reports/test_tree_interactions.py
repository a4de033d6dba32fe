import warnings

import numpy as np
import pytest
import xgboost

from models.attribution.tree_attribution import TreeAttribution
from models.reports.tree_interactions import tree_interactions
from models.trees import FlatTrees


def grow(depth, *, missing=0.0, n_trees=6, seed=0):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(120, 6)).astype(np.float32)
    rows[random.random(rows.shape) < missing] = np.nan
    labels = np.nansum(rows[:, :2], axis=1) * np.nan_to_num(rows[:, 2]) > 0
    settings = {"objective": "binary:logistic", "max_depth": depth, "nthread": 1}
    booster = xgboost.train(
        settings, xgboost.DMatrix(rows, labels.astype(float)), num_boost_round=n_trees
    )
    return booster, FlatTrees.from_booster(booster, check_on=rows), rows


def whole_matrix(trees, rows):
    pairs, given = tree_interactions(trees, rows)
    matrix = np.zeros((len(rows), 6, 6))
    for (first, second), values in zip(pairs, given.T, strict=True):
        matrix[:, first, second] = matrix[:, second, first] = values / 2
    return matrix


@pytest.mark.parametrize(("depth", "missing"), [(2, 0.0), (3, 0.1), (5, 0.0), (7, 0.1)])
def test_interactions_are_those_of_xgboost(depth, missing):
    booster, trees, rows = grow(depth, missing=missing)
    expected = booster.predict(xgboost.DMatrix(rows), pred_interactions=True)[:, :-1, :-1]
    expected[:, np.arange(6), np.arange(6)] = 0
    np.testing.assert_allclose(whole_matrix(trees, rows), expected, atol=2e-5)


def test_interactions_are_those_of_shap():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap
    booster, trees, rows = grow(4)
    expected = np.array(shap.TreeExplainer(booster).shap_interaction_values(rows))
    expected[:, np.arange(6), np.arange(6)] = 0
    np.testing.assert_allclose(whole_matrix(trees, rows), expected, atol=1e-5)


def test_stumps_have_no_interactions():
    _, trees, rows = grow(1)
    pairs, given = tree_interactions(trees, rows)
    assert pairs.shape == (0, 2)
    assert given.shape == (len(rows), 0)


def test_a_feature_gets_no_more_than_its_attribution_from_pairs_that_cancel():
    """Where two features are all there is, attributions differ by what each does alone."""
    _, trees, rows = grow(4)
    attributions = TreeAttribution.of([trees]).attribute(rows)[:, 0, :]
    alone = attributions - whole_matrix(trees, rows).sum(axis=2)
    base = TreeAttribution.of([trees]).base[0]
    both = alone.sum(axis=1) + whole_matrix(trees, rows).sum(axis=(1, 2))
    np.testing.assert_allclose(base + both, trees.margin(rows), atol=1e-4)
