"""Boosted trees as flat arrays, made from XGBoost's own JSON and read with NumPy alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import ModelsError

MARGIN_TOLERANCE = 1e-5
MAX_CELLS = 4_000_000  # rows x trees walked at once, to bound memory

# Objectives whose margin starts at the log-odds of base_score; the others at base_score itself.
LOGISTIC_OBJECTIVES = ("binary:logistic", "binary:logitraw", "reg:logistic")
PLAIN_OBJECTIVES = (
    "reg:squarederror",
    "reg:pseudohubererror",
    "reg:absoluteerror",
    "rank:pairwise",
)


@dataclass(frozen=True, slots=True)
class FlatTrees:
    """All trees of one booster, one entry a node.

    Attributes
    ----------
    feature, threshold, left, right, default_left
        (n_nodes,) the split of a node: left child when float32(x) < threshold, right otherwise,
        the default side when x is NaN. Children are positions in these arrays; a leaf has -1.
    value
        (n_nodes,) what a leaf adds to the margin; 0 for a split.
    offsets
        (n_trees + 1,) where each tree begins; its root is its first node.
    base_margin
        Margin before the first tree.
    n_features
        How many features the trees may ask for.
    cover
        (n_nodes,) sum of the Hessian of the training lines that came to a node: what attributions
        weigh the branches by. None in a bundle of format 1, which can then not be explained.
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    default_left: NDArray[np.bool_]
    value: NDArray[np.float32]
    offsets: NDArray[np.int64]
    base_margin: float
    n_features: int
    cover: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        check_trees(self)

    @classmethod
    def from_booster(cls, booster: Any, *, check_on: ArrayLike) -> FlatTrees:
        """Flatten an `xgboost.Booster` and hold the result to the booster's own margins.

        All trees of the booster are taken: with early stopping, pass `booster[:best + 1]`.

        Parameters
        ----------
        booster
            Trained `xgboost.Booster` with one output and no categorical split.
        check_on
            (n, n_features) rows on which both must give the same margin to 1e-5.
        """
        trees = from_xgboost_json(bytes(booster.save_raw("json")))
        rows = np.asarray(check_on, dtype=np.float32)
        expected = np.asarray(booster.inplace_predict(rows, predict_type="margin"), np.float64)
        gap = float(np.abs(trees.margin(rows) - expected).max(initial=0.0))
        if not gap <= MARGIN_TOLERANCE * max(1.0, float(np.abs(expected).max(initial=0.0))):
            raise ModelsError(
                f"Flattened trees differ from xgboost's margins by {gap:.3g}.",
                needed=f"margins equal to {MARGIN_TOLERANCE:g}.",
                remedy="this version of xgboost writes something that models.trees does not read.",
            )
        return trees

    @property
    def n_trees(self) -> int:
        """How many trees there are."""
        return len(self.offsets) - 1

    def margin(self, features: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """(n,) margins, in log-odds for a classifier, of (n, n_features)."""
        rows = np.ascontiguousarray(features, dtype=np.float32)
        if rows.ndim != 2 or rows.shape[1] != self.n_features:
            raise ModelsError(
                f"Features of shape {rows.shape}.",
                needed=f"two dimensions and {self.n_features} columns.",
                remedy="use the features that the trees were grown on, in their order.",
            )
        margin = np.full(len(rows), self.base_margin, dtype=np.float64)
        n_at_once = max(1, MAX_CELLS // max(1, self.n_trees))
        for start in range(0, len(rows), n_at_once):
            chunk = slice(start, start + n_at_once)
            leaves = self._leaves(rows[chunk])
            margin[chunk] += self.value[leaves].sum(axis=1, dtype=np.float64)
        return margin

    def _leaves(self, rows: NDArray[np.float32]) -> NDArray[np.int64]:
        """(n, n_trees) position of the leaf that each row ends in."""
        is_leaf = self.left < 0
        node = np.repeat(self.offsets[:-1][None, :], len(rows), axis=0)
        flat = node.ravel()
        row_of = np.repeat(np.arange(len(rows)), self.n_trees)
        walking = np.flatnonzero(~is_leaf[flat])
        while walking.size:
            at = flat[walking]
            x = rows[row_of[walking], self.feature[at]]
            goes_left = np.where(np.isnan(x), self.default_left[at], x < self.threshold[at])
            flat[walking] = np.where(goes_left, self.left[at], self.right[at])
            walking = walking[~is_leaf[flat[walking]]]
        return flat.reshape(node.shape)


def check_trees(trees: FlatTrees) -> None:
    """Refuse arrays that could be read out of bounds, or walked for ever.

    Children come after their parent and within its tree, so every walk ends.
    """
    n_nodes = len(trees.feature)
    arrays = (trees.threshold, trees.left, trees.right, trees.default_left, trees.value)
    _need(all(array.shape == (n_nodes,) for array in arrays), "arrays of different lengths")
    offsets = trees.offsets
    _need(offsets.ndim == 1 and len(offsets) >= 1, "no tree offsets")
    _need(
        bool(offsets[0] == 0 and offsets[-1] == n_nodes and (np.diff(offsets) > 0).all()),
        "tree offsets that are out of order or range",
    )
    split = np.flatnonzero((trees.left >= 0) | (trees.right >= 0))
    end_of_tree = np.repeat(offsets[1:], np.diff(offsets))
    for children in (trees.left[split], trees.right[split]):
        inside = (children > split) & (children < end_of_tree[split])
        _need(bool(inside.all()), "a child outside its tree, or before its parent")
    asked = trees.feature[split]
    _need(bool(((asked >= 0) & (asked < trees.n_features)).all()), "a split on no such feature")
    numbers = np.isfinite(trees.value).all() and np.isfinite(trees.base_margin)
    _need(bool(numbers) and not np.isnan(trees.threshold[split]).any(), "values that are no number")
    if trees.cover is not None:
        cover = trees.cover
        _need(cover.shape == (n_nodes,), "a cover of another length")
        whole = np.isfinite(cover).all() and (cover >= 0).all() and (cover[split] > 0).all()
        _need(bool(whole), "a cover that is negative, or 0 at a split")


def _need(condition: bool, found: str) -> None:
    if not condition:
        raise ModelsError(
            f"Trees with {found}.",
            needed="trees as from_booster makes them.",
            remedy="use another version of the bundle; this one was changed or damaged.",
        )


def from_xgboost_json(raw: bytes) -> FlatTrees:
    """Flatten `Booster.save_raw("json")`; nodes are numbered anew so that children come later."""
    learner = json.loads(raw)["learner"]
    booster = learner["gradient_booster"]
    parameters = learner["learner_model_param"]
    _refuse_unreadable(booster, parameters)
    trees = [_flatten(tree) for tree in booster["model"]["trees"]]
    sizes = [len(tree["feature"]) for tree in trees]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    for tree, start in zip(trees, offsets, strict=False):
        for side in ("left", "right"):
            tree[side] = np.where(tree[side] < 0, -1, tree[side] + start)

    def joined(name: str, dtype: type[Any]) -> NDArray[Any]:
        parts = [tree[name] for tree in trees]
        return np.concatenate(parts).astype(dtype) if parts else np.zeros(0, dtype)

    return FlatTrees(
        feature=joined("feature", np.int32),
        threshold=joined("threshold", np.float32),
        left=joined("left", np.int32),
        right=joined("right", np.int32),
        default_left=joined("default_left", np.bool_),
        value=joined("value", np.float32),
        cover=joined("cover", np.float32),
        offsets=offsets,
        base_margin=_base_margin(parameters["base_score"], learner["objective"]["name"]),
        n_features=int(parameters["num_feature"]),
    )


def _refuse_unreadable(booster: dict[str, Any], parameters: dict[str, str]) -> None:
    found = ""
    if booster["name"] != "gbtree":
        found = f"A booster of kind {booster['name']}."
    elif int(parameters.get("num_class", "0")) > 1 or int(parameters.get("num_target", "1")) > 1:
        found = "A booster with several outputs."
    elif any(any(tree.get("split_type", ())) for tree in booster["model"]["trees"]):
        found = "A booster with categorical splits."
    if found:
        raise ModelsError(
            found,
            needed="gbtree, one output and numeric splits.",
            remedy='train with booster="gbtree", one drug a booster, on numeric features.',
        )


def _flatten(tree: dict[str, Any]) -> dict[str, NDArray[Any]]:
    """Arrays of one tree, in the order of a breadth-first walk; deleted nodes fall away."""
    left, right = tree["left_children"], tree["right_children"]
    order = [0]
    for node in order:  # grows while it is walked
        if left[node] >= 0:
            order += [left[node], right[node]]
    old = np.array(order, dtype=np.int64)
    new = np.full(len(left), -1, dtype=np.int64)
    new[old] = np.arange(len(old))
    old_left, old_right = np.array(left)[old], np.array(right)[old]
    is_leaf = old_left < 0
    condition = np.array(tree["split_conditions"], dtype=np.float32)[old]
    return {
        "feature": np.where(is_leaf, 0, np.array(tree["split_indices"])[old]),
        "threshold": np.where(is_leaf, np.float32(0), condition),
        "left": np.where(is_leaf, -1, new[old_left]),
        "right": np.where(is_leaf, -1, new[old_right]),
        "default_left": np.array(tree["default_left"])[old].astype(bool) & ~is_leaf,
        "value": np.where(is_leaf, condition, np.float32(0)),
        "cover": np.array(tree["sum_hessian"], dtype=np.float32)[old],
    }


def _base_margin(base_score: str, objective: str) -> float:
    """Margin before the first tree; xgboost 3 writes "[5E-1]" where older ones wrote "5E-1"."""
    score = float(np.float32(base_score.strip("[]")))
    if objective in LOGISTIC_OBJECTIVES:
        return float(np.log(score / (1 - score)))
    if objective in PLAIN_OBJECTIVES:
        return score
    raise ModelsError(
        f"A booster with the objective {objective}.",
        needed=f"one of {', '.join((*LOGISTIC_OBJECTIVES, *PLAIN_OBJECTIVES))}.",
        remedy="train with binary:logistic, or add the objective to models.trees.",
    )
