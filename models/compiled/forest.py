"""The trees of many drugs, walked together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.trees import FlatTrees

# Rows x trees walked at once: what is looked at stays in the cache of a core.
CELLS_AT_ONCE = 16_384
ROWS_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """All trees of some drugs behind each other, one entry a node.

    Attributes
    ----------
    feature, threshold
        (n_nodes,) a row goes on to the second child when float32(x) >= threshold. A leaf has the
        threshold infinity, and itself as first child, so that rows stay there.
    children
        (2 * n_nodes,) first and second child of every node.
    value
        (n_nodes,) float32, what a leaf adds to the margin.
    roots
        (n_trees,) first node of every tree.
    starts
        (n_drugs,) first tree of every drug; a drug without trees is not here.
    base_margin
        (n_drugs,).
    depth
        Steps from a root to the deepest leaf.
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float32]
    children: NDArray[np.int32]
    value: NDArray[np.float32]
    roots: NDArray[np.int32]
    starts: NDArray[np.intp]
    base_margin: NDArray[np.float64]
    depth: int

    @classmethod
    def of(cls, grown: Sequence[FlatTrees]) -> Forest:
        """Join the trees of drugs."""
        grown = [trees if trees.n_trees else _one_leaf(trees) for trees in grown]
        first_node = np.concatenate([[0], np.cumsum([len(trees.feature) for trees in grown])])
        n_trees = np.array([trees.n_trees for trees in grown], dtype=np.intp)
        own = np.arange(first_node[-1], dtype=np.int32)
        left = _joined([trees.left for trees in grown], np.int32)
        is_leaf = left < 0
        shift = np.repeat(first_node[:-1], np.diff(first_node)).astype(np.int32)
        right = _joined([trees.right for trees in grown], np.int32)
        threshold = _joined([trees.threshold for trees in grown], np.float32)
        children = np.stack(
            [np.where(is_leaf, own, left + shift), np.where(is_leaf, own, right + shift)]
        )
        roots = _joined(
            [trees.offsets[:-1] + start for trees, start in zip(grown, first_node, strict=False)],
            np.int32,
        )
        return cls(
            feature=_joined([trees.feature for trees in grown], np.int32),
            threshold=np.where(is_leaf, np.float32(np.inf), threshold),
            children=np.ascontiguousarray(children.T).ravel(),
            value=_joined([trees.value for trees in grown], np.float32),
            roots=roots,
            starts=np.concatenate([[0], np.cumsum(n_trees)[:-1]]).astype(np.intp),
            base_margin=np.array([trees.base_margin for trees in grown], dtype=np.float64),
            depth=_depth(children, roots),
        )

    def pick(self, drugs: NDArray[np.intp]) -> Forest:
        """Keep some drugs; the nodes of the others stay, and are not asked."""
        ends = np.append(self.starts[1:], len(self.roots))
        counts = ends[drugs] - self.starts[drugs]
        starts = np.concatenate([[0], np.cumsum(counts)])
        trees = np.repeat(self.starts[drugs] - starts[:-1], counts) + np.arange(starts[-1])
        return replace(
            self,
            roots=self.roots[trees],
            starts=starts[:-1].astype(np.intp),
            base_margin=self.base_margin[drugs],
        )

    def margins(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, n_drugs) margins of (n, n_features), which are finite."""
        rows = features.astype(np.float32)
        margins = np.empty((len(rows), len(self.starts)), dtype=np.float64)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            chunk = slice(start, start + ROWS_AT_ONCE)
            for drugs, trees in self._parts(len(rows[chunk])):
                added = self.value.take(self._leaves(rows[chunk], self.roots[trees]))
                first = self.starts[drugs] - trees.start
                margins[chunk, drugs] = np.add.reduceat(added, first, axis=1, dtype=np.float64)
        margins += self.base_margin
        return margins

    def _parts(self, n_rows: int) -> Iterator[tuple[slice, slice]]:
        """Cut the drugs, and with them their trees, so that a part's nodes stay in the cache."""
        ends = np.append(self.starts[1:], len(self.roots))
        most, drug = max(1, CELLS_AT_ONCE // n_rows), 0
        while drug < len(ends):
            first = int(self.starts[drug])
            after = max(drug + 1, int(np.searchsorted(ends, first + most, side="right")))
            yield slice(drug, after), slice(first, int(ends[after - 1]))
            drug = after

    def _leaves(self, rows: NDArray[np.float32], roots: NDArray[np.int32]) -> NDArray[np.int32]:
        """(n, n_trees) leaf that each row ends in, from the roots of some trees."""
        flat, n_features = rows.ravel(), np.int32(rows.shape[1])
        row_start = np.arange(len(rows), dtype=np.int32)[:, None] * n_features
        node = np.broadcast_to(roots, (len(rows), len(roots)))
        for _ in range(self.depth):
            x = flat.take(self.feature.take(node) + row_start)
            goes_right = x >= self.threshold.take(node)
            node = self.children.take(2 * node + goes_right)
        return node


def _one_leaf(trees: FlatTrees) -> FlatTrees:
    """Stand in for a drug without trees, so that every drug has a tree to add up."""
    nothing, nowhere = np.zeros(1, dtype=np.float32), np.full(1, -1, dtype=np.int32)
    return replace(
        trees,
        feature=np.zeros(1, dtype=np.int32),
        threshold=nothing,
        left=nowhere,
        right=nowhere,
        default_left=np.zeros(1, dtype=np.bool_),
        value=nothing,
        offsets=np.array([0, 1], dtype=np.int64),
        cover=None,
    )


def _depth(children: NDArray[np.int32], roots: NDArray[np.int32]) -> int:
    """Levels that can be gone down before every node is its own child."""
    depth, level = 0, np.asarray(roots)
    while True:
        inner = level[children[0, level] != level]
        if not inner.size:
            return depth
        depth, level = depth + 1, np.unique(children[:, inner])


def _joined(parts: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype, copy=False)
