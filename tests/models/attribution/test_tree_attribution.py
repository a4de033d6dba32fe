from dataclasses import replace

import numpy as np
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st

from models.attribution.tree_attribution import TreeAttribution
from models.errors import AttributionError
from models.trees import FlatTrees, from_xgboost_json

N_FEATURES = 5


@pytest.mark.parametrize(
    "parameters",
    [
        {"max_depth": 1},
        {"max_depth": 2, "subsample": 0.7},
        {"max_depth": 4},
        {"max_depth": 6, "min_child_weight": 0.1},
        {"max_depth": 9, "min_child_weight": 0.01, "reg_lambda": 0.01},  # beyond the tables
        {"grow_policy": "lossguide", "max_leaves": 12, "max_depth": 0},
        {"gamma": 1.0, "tree_method": "exact"},
        {"base_score": 0.2},
        {"objective": "reg:squarederror"},
    ],
)
@pytest.mark.parametrize("max_table_depth", [6, 0])
def test_equals_xgboost(make_rows, make_booster, parameters, max_table_depth):
    rows = make_rows()
    booster = make_booster(rows, **parameters)
    trees = FlatTrees.from_booster(booster, check_on=rows)
    attribution = TreeAttribution.of([trees], max_table_depth=max_table_depth)
    unseen = make_rows(seed=9, missing=0.2)
    expected = booster.predict(xgboost.DMatrix(unseen), pred_contribs=True)
    np.testing.assert_allclose(attribution.attribute(unseen)[:, 0], expected[:, :-1], atol=1e-5)
    np.testing.assert_allclose(attribution.base, expected[0, -1], atol=1e-5)


def test_equals_shap(shap, make_rows, make_booster):

    rows = make_rows(missing=0)
    booster = make_booster(rows, max_depth=4)
    explainer = shap.TreeExplainer(booster, feature_perturbation="tree_path_dependent")
    attribution = TreeAttribution.of([FlatTrees.from_booster(booster, check_on=rows)])
    np.testing.assert_allclose(
        attribution.attribute(rows)[:, 0], explainer.shap_values(rows), atol=1e-5
    )
    np.testing.assert_allclose(attribution.base, explainer.expected_value, atol=1e-5)


def test_drugs_do_not_mix(make_rows, make_booster):
    rows = make_rows()
    trees = [
        FlatTrees.from_booster(make_booster(rows, max_depth=depth, n_trees=n), check_on=rows)
        for depth, n in ((2, 5), (8, 3), (1, 7))
    ]
    together = TreeAttribution.of(trees)
    alone = [TreeAttribution.of([one]) for one in trees]
    np.testing.assert_allclose(together.base, [one.base[0] for one in alone], atol=1e-12)
    for place, one in enumerate(alone):
        np.testing.assert_allclose(
            together.attribute(rows)[:, place], one.attribute(rows)[:, 0], atol=1e-12
        )


def test_a_batch_equals_its_rows(flat, make_rows, monkeypatch):
    rows = make_rows(n=30, seed=4)
    attribution = TreeAttribution.of([flat])
    whole = attribution.attribute(rows)
    monkeypatch.setattr("models.attribution.tree_attribution.MAX_CELLS", 200)
    cut = TreeAttribution.of([flat])
    np.testing.assert_allclose(cut.attribute(rows), whole, atol=1e-12)
    single = [attribution.attribute(row[None, :])[0] for row in rows]
    np.testing.assert_allclose(single, whole, atol=1e-12)


def test_every_leaf_path(flat):
    """A row for each leaf, made to meet the conditions on its way, ends in that very leaf."""
    rows, ends = rows_to_every_leaf(flat)
    found = flat._leaves(rows)
    tree = np.searchsorted(flat.offsets, ends, side="right") - 1
    np.testing.assert_array_equal(found[np.arange(len(ends)), tree], ends)
    attribution = TreeAttribution.of([flat])
    total = attribution.base[0] + attribution.attribute(rows)[:, 0].sum(axis=1)
    np.testing.assert_allclose(total, flat.margin(rows), atol=1e-5)


def rows_to_every_leaf(trees):
    rows, ends = [], []
    for start in trees.offsets[:-1]:
        stack = [
            (int(start), np.full(trees.n_features, -np.inf), np.full(trees.n_features, np.inf))
        ]
        while stack:
            node, low, high = stack.pop()
            if trees.left[node] < 0:
                rows.append(within(low, high))
                ends.append(node)
                continue
            feature, threshold = trees.feature[node], trees.threshold[node]
            below, above = high.copy(), low.copy()
            below[feature], above[feature] = threshold, threshold
            stack += [(int(trees.left[node]), low, below), (int(trees.right[node]), above, high)]
    return np.array(rows, dtype=np.float32), np.array(ends)


def within(low, high):
    """A point of [low, high): the lower bound where there is one, else below the upper one."""
    below = np.where(np.isfinite(high), np.nextafter(high.astype(np.float32), -np.inf), 0.0)
    return np.where(np.isfinite(low), low, below)


@st.composite
def made_up_trees(draw):
    """Trees of any shape, features asked again on the way, with leaves that no line came to."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    depth = draw(st.integers(0, 8))
    again = draw(st.booleans())
    nodes, offsets = [], [0]
    for _ in range(draw(st.integers(1, 4))):
        grow(nodes, random, depth, 1 if again else N_FEATURES, cover=100.0)
        offsets.append(len(nodes))
    columns = zip(*nodes, strict=True)
    feature, threshold, left, right, default_left, value, cover = columns
    return FlatTrees(
        np.array(feature, np.int32),
        np.array(threshold, np.float32),
        np.array(left, np.int32),
        np.array(right, np.int32),
        np.array(default_left),
        np.array(value, np.float32),
        np.array(offsets, np.int64),
        float(random.normal()),
        N_FEATURES,
        np.array(cover, np.float32),
    )


def grow(nodes, random, depth, n_asked, cover):
    at = len(nodes)
    if depth == 0 or cover == 0 or random.random() < 0.15:
        nodes.append((0, 0, -1, -1, False, random.normal(), cover))
        return
    nodes.append(None)
    share = random.choice([0.0, 0.3, 0.9])
    left = len(nodes)
    grow(nodes, random, depth - 1, n_asked, cover * share)
    right = len(nodes)
    grow(nodes, random, depth - 1, n_asked, cover * (1 - share))
    nodes[at] = (
        random.integers(n_asked),
        random.normal(),
        left,
        right,
        bool(random.random() < 0.5),
        0.0,
        cover,
    )


@settings(max_examples=60, deadline=None)
@given(made_up_trees(), st.integers(0, 10**6))
def test_additive_and_the_same_by_table_and_by_path(trees, seed):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(6, N_FEATURES)).astype(np.float32)
    rows[random.random(rows.shape) < 0.2] = np.nan
    by_table = TreeAttribution.of([trees], max_table_depth=8)
    by_path = TreeAttribution.of([trees], max_table_depth=0)
    attributed = by_table.attribute(rows)[:, 0]
    np.testing.assert_allclose(by_path.attribute(rows)[:, 0], attributed, atol=1e-5)
    total = by_table.base[0] + attributed.sum(axis=1)
    np.testing.assert_allclose(total, trees.margin(rows), atol=1e-5)


@settings(max_examples=20, deadline=None)
@given(made_up_trees(), st.integers(0, 10**6))
def test_a_feature_that_no_split_asks_gets_nothing(trees, seed):
    rows = np.random.default_rng(seed).normal(size=(4, N_FEATURES))
    asked = set(trees.feature[trees.left >= 0].tolist())
    attributed = TreeAttribution.of([trees]).attribute(rows)[:, 0]
    idle = [feature for feature in range(N_FEATURES) if feature not in asked]
    np.testing.assert_array_equal(attributed[:, idle], 0)


def test_no_tree_at_all_answers_its_base(make_rows, make_booster):
    rows = make_rows()
    trees = from_xgboost_json(bytes(make_booster(rows, n_trees=0).save_raw("json")))
    attribution = TreeAttribution.of([trees])
    np.testing.assert_array_equal(attribution.attribute(rows), 0)
    np.testing.assert_allclose(attribution.base, trees.base_margin)


def test_trees_without_cover_are_refused(flat):
    with pytest.raises(AttributionError, match="without the cover"):
        TreeAttribution.of([replace(flat, cover=None)])
