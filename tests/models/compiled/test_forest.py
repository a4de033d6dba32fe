import numpy as np
import pytest
import xgboost

from models.compiled.forest import Forest
from models.trees import FlatTrees

N_FEATURES = 12


def grow(seed, n_trees, depth):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(150, N_FEATURES)).astype(np.float32)
    label = (rows[:, seed % N_FEATURES] + random.normal(size=150) > 0).astype(float)
    settings = {
        "objective": "binary:logistic",
        "max_depth": depth,
        "nthread": 1,
        "base_score": 0.3,
        "min_child_weight": 0.1,
    }
    booster = xgboost.train(settings, xgboost.DMatrix(rows, label), num_boost_round=n_trees)
    return FlatTrees.from_booster(booster, check_on=rows)


@pytest.fixture(name="grown", scope="module")
def fixture_grown():
    return [grow(0, 5, 3), grow(1, 0, 3), grow(2, 12, 6), grow(3, 1, 1), grow(4, 0, 2)]


@pytest.fixture(name="rows")
def fixture_rows():
    return np.random.default_rng(9).normal(size=(33, N_FEATURES))


def margins(grown, rows):
    return np.column_stack([trees.margin(rows) for trees in grown])


def test_margins_are_those_of_each_drug(grown, rows):
    np.testing.assert_allclose(
        Forest.of(grown).margins(rows), margins(grown, rows), rtol=0, atol=1e-12
    )


def test_values_on_a_threshold_go_the_same_way(grown):
    trees = grown[2]
    rows = np.zeros((len(trees.feature), N_FEATURES))
    rows[np.arange(len(rows)), trees.feature] = trees.threshold
    np.testing.assert_allclose(
        Forest.of(grown).margins(rows), margins(grown, rows), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("drugs", [[2], [4, 0], [3, 1, 2, 0], [0, 1, 2, 3, 4]])
def test_some_drugs_in_any_order(grown, rows, drugs):
    picked = Forest.of(grown).pick(np.array(drugs))
    expected = margins([grown[at] for at in drugs], rows)
    np.testing.assert_allclose(picked.margins(rows), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("cells", "rows_at_once"), [(1, 1), (50, 7), (1000, 1000)])
def test_rows_and_trees_are_walked_in_parts(grown, monkeypatch, cells, rows_at_once):
    rows = np.random.default_rng(3).normal(size=(40, N_FEATURES))
    whole = Forest.of(grown).margins(rows)
    monkeypatch.setattr("models.compiled.forest.CELLS_AT_ONCE", cells)
    monkeypatch.setattr("models.compiled.forest.ROWS_AT_ONCE", rows_at_once)
    np.testing.assert_allclose(Forest.of(grown).margins(rows), whole, rtol=0, atol=1e-12)
