"""The trees of several drugs laid out by their bottom nodes: splits with a leaf below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.attribution.shapley import FloatArray
from models.errors import AttributionError
from models.trees import FlatTrees


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """All nodes of several drugs behind each other.

    Attributes
    ----------
    feature, threshold, default_left, value
        (n_nodes,) as in `models.trees.FlatTrees`.
    left, right
        (n_nodes,) places in these arrays; -1 for a leaf.
    parent
        (n_nodes,) place of the parent; -1 for a root.
    is_left
        (n_nodes,) whether a node is its parent's left child.
    share
        (n_nodes,) share of the cover of its parent that comes to a node; 1 for a root.
    depth
        (n_nodes,) splits above a node.
    drug
        (n_nodes,) which of the drugs.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    default_left: NDArray[np.bool_]
    value: FloatArray
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    parent: NDArray[np.int64]
    is_left: NDArray[np.bool_]
    share: FloatArray
    depth: NDArray[np.int64]
    drug: NDArray[np.int64]

    @classmethod
    def of(cls, trees: Sequence[FlatTrees]) -> Forest:
        """Lay out trees; AttributionError where a bundle of format 1 gave them no cover."""
        sizes = [len(one.feature) for one in trees]
        starts = np.repeat(np.cumsum([0, *sizes])[:-1], sizes)
        left, right = (
            np.where(children < 0, -1, children + starts)
            for children in (
                np.concatenate([one.left for one in trees]).astype(np.int64),
                np.concatenate([one.right for one in trees]).astype(np.int64),
            )
        )
        cover = np.concatenate([_cover(one) for one in trees]).astype(np.float64)
        parent, is_left = _parents(left, right)
        inner = parent >= 0
        share = np.ones(len(cover))
        share[inner] = cover[inner] / cover[parent[inner]]
        return cls(
            feature=np.concatenate([one.feature for one in trees]).astype(np.int64),
            threshold=np.concatenate([one.threshold for one in trees]),
            default_left=np.concatenate([one.default_left for one in trees]),
            value=np.concatenate([one.value for one in trees]).astype(np.float64),
            left=left,
            right=right,
            parent=parent,
            is_left=is_left,
            share=share,
            depth=_depths(parent),
            drug=np.repeat(np.arange(len(trees), dtype=np.int64), sizes),
        )

    def expected_values(self, n_drugs: int) -> FloatArray:
        """(n_drugs,) mean of the leaves, weighed by cover: what the trees say of nobody."""
        reach = self.share.copy()
        for depth in range(1, int(self.depth.max(initial=0)) + 1):
            at = np.flatnonzero(self.depth == depth)
            reach[at] *= reach[self.parent[at]]
        leaf = self.left < 0
        expected = np.zeros(n_drugs)
        np.add.at(expected, self.drug[leaf], reach[leaf] * self.value[leaf])
        return expected

    @property
    def splits(self) -> NDArray[np.int64]:
        """(n_splits,) places of the nodes that are no leaves."""
        return np.flatnonzero(self.left >= 0)


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """What the splits of a forest ask of a row, one entry a split."""

    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    default_left: NDArray[np.bool_]

    @classmethod
    def of(cls, forest: Forest) -> Questions:
        """Take the splits alone: most nodes are leaves."""
        splits = forest.splits
        return cls(forest.feature[splits], forest.threshold[splits], forest.default_left[splits])

    def goes_left(self, features: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
        """(n, n_splits) whether each row goes left; a missing value goes the default way."""
        rows = np.asarray(features, dtype=np.float32)
        left: NDArray[np.bool_] = rows[:, self.feature] < self.threshold
        missing = np.isnan(rows)
        if missing.any():
            left |= missing[:, self.feature] & self.default_left
        return left


@dataclass(frozen=True, slots=True, eq=False)
class Leaves:
    """Leaves of the same depth d, each with the conditions on the way to it.

    Attributes
    ----------
    path
        (n_leaves, d) nodes from the root down.
    asked
        (n_leaves, d) the same as places among the splits of the forest.
    goes_left
        (n_leaves, d) the side that leads to the leaf.
    zero
        (n_leaves, d) share of the cover that goes this way. Where a feature is asked again, its
        shares are multiplied at its first place, and 1 stands at the others.
    first
        (n_leaves, d) place on the path at which the feature is first asked.
    value
        (n_leaves,) what the leaf adds to the score.
    """

    path: NDArray[np.int64]
    asked: NDArray[np.int64]
    goes_left: NDArray[np.bool_]
    zero: FloatArray
    first: NDArray[np.int64]
    value: FloatArray

    @classmethod
    def at(cls, forest: Forest, leaves: NDArray[np.int64]) -> Leaves:
        """Walk up from leaves of one depth, at least 1."""
        depth = int(forest.depth[leaves[0]])
        nodes = np.empty((len(leaves), depth + 1), dtype=np.int64)
        nodes[:, depth] = leaves
        for place in range(depth - 1, -1, -1):
            nodes[:, place] = forest.parent[nodes[:, place + 1]]
        path, child = nodes[:, :-1], nodes[:, 1:]
        features = forest.feature[path]
        first = (features[:, :, None] == features[:, None, :]).argmax(axis=2)
        zero = np.ones(path.shape)
        rows = np.broadcast_to(np.arange(len(leaves))[:, None], path.shape)
        np.multiply.at(zero, (rows, first), forest.share[child])
        asked = np.searchsorted(forest.splits, path)
        return cls(path, asked, forest.is_left[child], zero, first, forest.value[leaves])

    def meets(self, went_left: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(..., n_leaves, d) conditions met, of (..., n_leaves, d) sides taken at `asked`.

        A feature that is asked several times is met where all its conditions are; the answer
        stands at its first place, and True at the others.
        """
        met: NDArray[np.bool_] = np.equal(went_left, self.goes_left)
        own = np.arange(self.path.shape[1])
        for place in range(1, self.path.shape[1]):
            again = np.flatnonzero(self.first[:, place] != own[place])
            met[..., again, self.first[again, place]] &= met[..., again, place]
            met[..., again, place] = True
        return met


def _cover(trees: FlatTrees) -> NDArray[np.float32]:
    if trees.cover is None:
        raise AttributionError(
            "Trees without the cover of their nodes.",
            needed="a bundle of format 2, which keeps it.",
            remedy="train the bundle anew; this one can predict, but not explain.",
        )
    return trees.cover


def _parents(
    left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    parent = np.full(len(left), -1, dtype=np.int64)
    is_left = np.zeros(len(left), dtype=np.bool_)
    split = np.flatnonzero(left >= 0)
    parent[left[split]] = parent[right[split]] = split
    is_left[left[split]] = True
    return parent, is_left


def _depths(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the splits above each node."""
    depth = np.zeros(len(parent), dtype=np.int64)
    level = np.flatnonzero(parent >= 0)
    above = parent[level]
    while level.size:
        depth[level] += 1
        above = parent[above]
        level, above = level[above >= 0], above[above >= 0]
    return depth
