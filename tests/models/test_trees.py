from dataclasses import replace

import numpy as np
import pytest
import xgboost

from models.errors import ModelsError
from models.trees import FlatTrees, from_xgboost_json


def cohort(n=200, n_features=8, seed=0):
    random = np.random.default_rng(seed)
    features = random.normal(size=(n, n_features)).astype(np.float32)
    features[random.random(features.shape) < 0.05] = np.nan
    labels = np.nansum(features[:, :3], axis=1) + random.normal(size=n) > 0
    return features, labels.astype(float)


def train(features, labels, n_trees=15, **parameters):
    settings = {"objective": "binary:logistic", "max_depth": 4, "nthread": 1, **parameters}
    return xgboost.train(settings, xgboost.DMatrix(features, labels), num_boost_round=n_trees)


@pytest.fixture(scope="module")
def flat():
    features, labels = cohort()
    return FlatTrees.from_booster(train(features, labels), check_on=features)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"base_score": 0.2},
        {"gamma": 1.0, "tree_method": "exact"},  # pruning leaves deleted nodes behind
        {"max_depth": 1, "subsample": 0.7, "seed": 3},
        {"grow_policy": "lossguide", "max_leaves": 9, "max_depth": 0},
        {"num_parallel_tree": 3, "subsample": 0.5},
        {"objective": "reg:squarederror"},
    ],
)
def test_margins_equal_xgboost(parameters):
    features, labels = cohort()
    booster = train(features, labels, **parameters)
    trees = FlatTrees.from_booster(booster, check_on=features)
    unseen, _ = cohort(seed=9)
    expected = booster.predict(xgboost.DMatrix(unseen), output_margin=True)
    np.testing.assert_allclose(trees.margin(unseen), expected, atol=1e-5)


def test_values_at_a_threshold_go_right_as_in_xgboost():
    features, labels = cohort()
    booster = train(features, labels)
    trees = FlatTrees.from_booster(booster, check_on=features)
    split = np.flatnonzero(trees.left >= 0)
    rows = np.zeros((len(split), trees.n_features), dtype=np.float32)
    rows[np.arange(len(split)), trees.feature[split]] = trees.threshold[split]
    expected = booster.predict(xgboost.DMatrix(rows), output_margin=True)
    np.testing.assert_allclose(trees.margin(rows), expected, atol=1e-5)
    below_in_float64_only = rows.astype(np.float64) - 1e-12
    np.testing.assert_array_equal(trees.margin(below_in_float64_only), trees.margin(rows))


def test_a_batch_equals_its_rows(flat, monkeypatch):
    features, _ = cohort(seed=4)
    whole = flat.margin(features)
    monkeypatch.setattr("models.trees.MAX_CELLS", 50)
    np.testing.assert_array_equal(flat.margin(features), whole)
    np.testing.assert_allclose(
        [flat.margin(row[None, :])[0] for row in features], whole, rtol=0, atol=1e-12
    )


def test_a_booster_without_trees_answers_its_base_margin():
    features, labels = cohort()
    trees = from_xgboost_json(
        bytes(train(features, labels, n_trees=0, base_score=0.25).save_raw("json"))
    )
    np.testing.assert_allclose(trees.margin(features), np.log(0.25 / 0.75), rtol=1e-6)


@pytest.mark.parametrize(
    "parameters",
    [
        {"booster": "dart"},
        {"booster": "gblinear"},
        {"objective": "multi:softprob", "num_class": 3},
        {"objective": "count:poisson"},
    ],
)
def test_refuses_boosters_it_cannot_read(parameters):
    features, labels = cohort()
    features = np.nan_to_num(features)
    if parameters.get("booster") == "gblinear":
        parameters = {**parameters, "updater": "coord_descent"}
        settings = {"objective": "binary:logistic", "nthread": 1, **parameters}
        booster = xgboost.train(settings, xgboost.DMatrix(features, labels), num_boost_round=2)
    else:
        booster = train(features, labels, n_trees=2, **parameters)
    with pytest.raises(ModelsError, match="A booster"):
        FlatTrees.from_booster(booster, check_on=features)


def changed(array, position, value):
    copy = array.copy()
    copy[position] = value
    return copy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("left", 0),  # back to the root: a walk without end
        ("left", 10**6),
        ("right", -5),
        ("feature", 99),
        ("feature", -1),
        ("threshold", np.nan),
        ("value", np.inf),
    ],
)
def test_refuses_damaged_arrays(flat, name, value):
    with pytest.raises(ModelsError, match="Trees with"):
        replace(flat, **{name: changed(getattr(flat, name), 0, value)})


def test_refuses_children_of_another_tree(flat):
    with pytest.raises(ModelsError, match="outside its tree"):
        replace(flat, left=changed(flat.left, 0, flat.offsets[1]))


def test_refuses_features_of_another_width(flat):
    with pytest.raises(ModelsError, match="8 columns"):
        flat.margin(np.zeros((2, 7)))
