"""Exact SHAP interaction values of trees."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from models.attribution.tree_paths import Forest, Leaves, Questions
from models.reports.content import FloatArray
from models.trees import FlatTrees

MAX_CELLS = 2_000_000

Pairs = NDArray[np.int64]


def tree_interactions(trees: FlatTrees, features: FloatArray) -> tuple[Pairs, FloatArray]:
    """Tell what two features add together beyond what each adds alone.

    The game is that of path-dependent TreeSHAP. For a leaf, a pair of the features on its path adds
    half of (one - zero) of either times the integral over t from 0 to 1 of the product over the
    other features of (one * t + zero * (1 - t)), to each of the two ordered pairs.

    Parameters
    ----------
    features
        (n_lines, n_features).

    Returns
    -------
    pairs
        (n_pairs, 2) places of features, the smaller first.
    interactions
        (n_lines, n_pairs) margin; the sum of the two equal entries (i, j) and (j, i).

    References
    ----------
    Lundberg 2020, doi:10.1038/s42256-019-0138-9; shap's `shap_interaction_values`.
    """
    forest = Forest.of([trees])
    went_left = Questions.of(forest).goes_left(features)
    sums: dict[int, FloatArray] = {}
    for leaves in _by_depth(forest):
        for first, second in combinations(range(leaves.path.shape[1]), 2):
            _add_pair(forest, leaves, went_left, (first, second), trees.n_features, sums)
    keys = np.array(sorted(sums), dtype=np.int64)
    pairs = np.stack([keys // trees.n_features, keys % trees.n_features], axis=1)
    if not len(keys):
        return pairs, np.zeros((len(features), 0))
    return pairs, np.stack([sums[int(key)] for key in keys], axis=1)


def _by_depth(forest: Forest) -> Iterator[Leaves]:
    is_leaf = forest.left < 0
    for depth in range(2, int(forest.depth.max(initial=0)) + 1):
        at = np.flatnonzero(is_leaf & (forest.depth == depth))
        if at.size:
            yield Leaves.at(forest, at)


def _add_pair(
    forest: Forest,
    leaves: Leaves,
    went_left: NDArray[np.bool_],
    places: tuple[int, int],
    n_features: int,
    sums: dict[int, FloatArray],
) -> None:
    """Add what one pair of places on the paths gives, over all leaves of a depth."""
    own = np.arange(leaves.path.shape[1])
    both = np.flatnonzero((leaves.first[:, places] == own[list(places)]).all(axis=1))
    if not both.size:
        return
    asked = np.sort(forest.feature[leaves.path[both][:, places]], axis=1)
    target = asked[:, 0] * n_features + asked[:, 1]
    order = np.argsort(target, kind="stable")
    keys, starts = np.unique(target[order], return_index=True)
    given = np.empty((len(went_left), len(both)))
    at_once = max(1, MAX_CELLS // leaves.path.size)
    for start in range(0, len(went_left), at_once):
        chunk = slice(start, start + at_once)
        met = leaves.meets(went_left[chunk][:, leaves.asked])
        given[chunk] = _pair_values(leaves, met, places)[:, both]
    added = np.add.reduceat(given[:, order], starts, axis=1)
    for column, key in enumerate(keys.tolist()):
        sums[key] = sums[key] + added[:, column] if key in sums else added[:, column]


def _pair_values(leaves: Leaves, met: NDArray[np.bool_], places: tuple[int, int]) -> FloatArray:
    """(n_lines, n_leaves) both ordered pairs together."""
    depth = leaves.zero.shape[1]
    others = [place for place in range(depth) if place not in places]
    taken = met.astype(np.float64)
    away = taken - leaves.zero
    total = np.zeros(taken.shape[:2])
    nodes, weights = np.polynomial.legendre.leggauss(max(1, depth // 2))
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        factors = taken[..., others] * node + leaves.zero[:, others] * (1 - node)
        total += weight * factors.prod(axis=-1)
    values: FloatArray = total * away[..., places[0]] * away[..., places[1]] * leaves.value
    return values
