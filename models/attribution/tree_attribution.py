"""Exact path-dependent TreeSHAP by look-up.

What the leaves below one bottom node give to the features on their path depends only on which of
the path's conditions a row meets: 2^depth cases. They are tabulated when a bundle is loaded, and
explaining is then comparisons and look-ups. Paths too long for a table are worked out for each row
by the same formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.attribution.shapley import FloatArray, path_shapley
from models.attribution.tree_paths import Forest, Leaves, Questions
from models.trees import FlatTrees

MAX_TABLE_DEPTH = 6  # 64 cases of 6 numbers a bottom node; one more split is 2.3 times as much
MAX_CELLS = 4_000_000  # numbers held at once, to bound memory

Placed = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class TreeAttribution:
    """Attributions of several drugs' trees, compiled.

    Attributes
    ----------
    base
        (n_drugs,) expected score: what the trees say of nobody in particular.
    questions
        What the splits of all drugs ask.
    tables
        One group of bottom nodes a depth.
    long_paths
        Leaves too deep for a table.
    n_features
        Width of the rows that the trees read.
    """

    base: FloatArray
    questions: Questions
    tables: tuple[_Tables, ...]
    long_paths: tuple[_LongPaths, ...]
    n_features: int

    @classmethod
    def of(
        cls, trees: Sequence[FlatTrees], *, max_table_depth: int = MAX_TABLE_DEPTH
    ) -> TreeAttribution:
        """Compile the trees of at least one drug; AttributionError without their cover."""
        forest = Forest.of(trees)
        n_features = trees[0].n_features
        tables, long_paths = [], []
        for depth, leaves in _by_depth(forest):
            if depth <= max_table_depth:
                tables.append(_Tables.of(forest, leaves, n_features))
            else:
                long_paths.append(_LongPaths.of(forest, leaves, n_features))
        base = np.array([one.base_margin for one in trees]) + forest.expected_values(len(trees))
        return cls(base, Questions.of(forest), tuple(tables), tuple(long_paths), n_features)

    def attribute(self, features: NDArray[np.floating[Any]]) -> FloatArray:
        """(n, n_drugs, n_features) attributions of the scores, of (n, n_features) rows."""
        n_drugs = len(self.base)
        added = np.zeros((len(features), n_drugs * self.n_features))
        at_once = max(1, MAX_CELLS // max(1, len(self.questions.feature)))
        for start in range(0, len(features), at_once):
            chunk = slice(start, start + at_once)
            went_left = self.questions.goes_left(features[chunk])
            for tables in self.tables:
                tables.add(went_left, added[chunk])
            for paths in self.long_paths:
                paths.add(went_left, added[chunk])
        return added.reshape(len(features), n_drugs, self.n_features)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Which entries are added up to which (drug, feature).

    Attributes
    ----------
    order
        Places of the entries, those of the same target behind each other.
    starts, targets
        Where each target's entries begin, and which target it is.
    """

    order: Placed
    starts: Placed
    targets: Placed

    @classmethod
    def of(cls, target: Placed) -> _Sums:
        order = np.argsort(target, kind="stable")
        targets, starts = np.unique(target[order], return_index=True)
        return cls(order, starts, targets)

    def add(self, entries: NDArray[Any], added: FloatArray) -> None:
        """Add (n, n_entries) in the order of `order` to (n, n_targets)."""
        added[:, self.targets] += np.add.reduceat(entries, self.starts, axis=1, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """Tables of the bottom nodes of one depth d.

    Attributes
    ----------
    asked
        (n_bottoms, d) splits from the root down to the bottom node, as places among the questions.
    table
        (n_bottoms * 2^d * d,) float32, what each case gives to each place on the path.
    bottom, offset
        (n_entries,) bottom node of each entry, and where case 0 stands in `table`; in the
        order of `sums`.
    """

    asked: Placed
    table: NDArray[np.float32]
    bottom: Placed
    offset: Placed
    sums: _Sums

    @classmethod
    def of(cls, forest: Forest, leaves: Placed, n_features: int) -> _Tables:
        ordered = leaves[np.argsort(forest.parent[leaves], kind="stable")]
        first_leaf = np.unique(forest.parent[ordered], return_index=True)[1]
        table = np.concatenate(
            [_tabulate(Leaves.at(forest, part)) for part in _whole_bottoms(ordered, forest)]
        )
        one_each = Leaves.at(forest, ordered[first_leaf])
        depth = one_each.path.shape[1]
        bottom, place = np.nonzero(one_each.first == np.arange(depth))
        target = _target(forest, one_each.path[bottom, place], n_features)
        sums = _Sums.of(target)
        offset = bottom * (2**depth * depth) + place
        return cls(one_each.asked, table.ravel(), bottom[sums.order], offset[sums.order], sums)

    def add(self, went_left: NDArray[np.bool_], added: FloatArray) -> None:
        """Look the rows' cases up and add what they give."""
        depth = self.asked.shape[1]
        case = np.zeros((len(went_left), len(self.asked)), dtype=np.int64)
        for place in range(depth):
            case += went_left[:, self.asked[:, place]].astype(np.int64) << place
        case *= depth
        self.sums.add(self.table[self.offset + case[:, self.bottom]], added)


@dataclass(frozen=True, slots=True, eq=False)
class _LongPaths:
    """Leaves of one depth, worked out for each row."""

    leaves: Leaves
    entry: NDArray[np.bool_]
    sums: _Sums

    @classmethod
    def of(cls, forest: Forest, at: Placed, n_features: int) -> _LongPaths:
        leaves = Leaves.at(forest, at)
        entry = leaves.first == np.arange(leaves.path.shape[1])
        return cls(leaves, entry, _Sums.of(_target(forest, leaves.path[entry], n_features)))

    def add(self, went_left: NDArray[np.bool_], added: FloatArray) -> None:
        """Work out what each leaf gives to the features on its path, and add it."""
        at_once = max(1, MAX_CELLS // self.leaves.path.size)
        for start in range(0, len(went_left), at_once):
            chunk = slice(start, start + at_once)
            met = self.leaves.meets(went_left[chunk][:, self.leaves.asked])
            given = path_shapley(self.leaves.zero, met) * self.leaves.value[:, None]
            self.sums.add(given[:, self.entry][:, self.sums.order], added[chunk])


def _by_depth(forest: Forest) -> Iterator[tuple[int, Placed]]:
    """Leaves below at least one split, by depth."""
    is_leaf = forest.left < 0
    for depth in range(1, int(forest.depth.max(initial=0)) + 1):
        leaves = np.flatnonzero(is_leaf & (forest.depth == depth))
        if leaves.size:
            yield depth, leaves


def _whole_bottoms(leaves: Placed, forest: Forest) -> Iterator[Placed]:
    """Cut leaves, sorted by parent, so that siblings stay together and tables stay small."""
    depth = int(forest.depth[leaves[0]])
    at_once = max(2, MAX_CELLS // (2**depth * depth))
    start = 0
    while start < len(leaves):
        end = min(start + at_once, len(leaves))
        while end < len(leaves) and forest.parent[leaves[end]] == forest.parent[leaves[end - 1]]:
            end += 1
        yield leaves[start:end]
        start = end


def _tabulate(leaves: Leaves) -> NDArray[np.float32]:
    """(n_bottoms, 2^d, d) what the one or two leaves of each bottom node give, case by case."""
    n_leaves, depth = leaves.path.shape
    cases = (np.arange(2**depth)[:, None] >> np.arange(depth)) & 1
    went_left = np.broadcast_to(cases[:, None, :] == 1, (2**depth, n_leaves, depth))
    given = path_shapley(leaves.zero, leaves.meets(went_left)) * leaves.value[:, None]
    first_leaf = np.unique(leaves.path[:, -1], return_index=True)[1]
    table = np.add.reduceat(given, first_leaf, axis=1).transpose(1, 0, 2)
    return np.ascontiguousarray(table, dtype=np.float32)


def _target(forest: Forest, nodes: Placed, n_features: int) -> Placed:
    return forest.drug[nodes] * n_features + forest.feature[nodes]
