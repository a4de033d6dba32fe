"""Folds that never part the lines of one patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold

from training.errors import LabelError
from training.metrics import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class Fold:
    """Positions of the lines to learn from and of the lines to test on."""

    train: IntArray
    test: IntArray


def grouped_folds(
    is_sensitive: BoolArray, groups: npt.NDArray[np.str_], *, n_folds: int, seed: int
) -> list[Fold]:
    """Folds stratified by label, whole groups on one side.

    Parameters
    ----------
    is_sensitive
        (n_lines,) labels.
    groups
        (n_lines,) split group (patient) of each line.
    n_folds
        Number of folds.
    seed
        Of the shuffle.

    Returns
    -------
    list of Fold
        Every line is tested once. Where some groups are large, a fold may test one class only.

    Raises
    ------
    LabelError
        Fewer groups than folds in one class, or groups so large that a fold has one class to learn
        from, or that no fold tests both.
    """
    for label, members in (("sensitive", is_sensitive), ("resistant", ~is_sensitive)):
        n_groups = len(np.unique(groups[members]))
        if n_groups < n_folds:
            raise LabelError(
                f"{n_groups} split groups (patients) are {label}.",
                needed=f"at least {n_folds}, one for each fold.",
                remedy="use fewer folds, another label method, or a larger cohort.",
            )
    splitter = StratifiedGroupKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    splits = splitter.split(np.zeros(len(groups)), is_sensitive, groups)
    folds = [Fold(np.asarray(train), np.asarray(test)) for train, test in splits]
    _refuse_one_class(folds, is_sensitive)
    return folds


def cohort_folds(
    groups: npt.NDArray[np.str_], lineage: npt.NDArray[np.str_], *, n_folds: int, seed: int
) -> list[Fold]:
    """Folds that all drugs of a cohort share: whole groups on one side, balanced over lineage.

    Parameters
    ----------
    groups
        (n_lines,) split group (patient) of each line.
    lineage
        (n_lines,); "" where it is not known.
    n_folds
        Number of folds.
    seed
        Of the shuffle.

    Returns
    -------
    list of Fold
        Every line is tested once.

    Raises
    ------
    LabelError
        Fewer groups than folds.
    """
    n_groups = len(np.unique(groups))
    if n_groups < n_folds:
        raise LabelError(
            f"{n_groups} split groups (patients) in all.",
            needed=f"at least {n_folds}, one for each fold.",
            remedy="use fewer folds, or a larger cohort.",
        )
    order = np.random.default_rng(seed).permutation(n_groups)
    place = _dealt(groups, lineage, order, n_folds)
    return [Fold(np.flatnonzero(place != at), np.flatnonzero(place == at)) for at in range(n_folds)]


def _dealt(
    groups: npt.NDArray[np.str_], lineage: npt.NDArray[np.str_], order: IntArray, n_folds: int
) -> IntArray:
    """(n_lines,) fold of each line.

    Lineage by lineage, each group goes to the fold that holds fewest lines of the lineage, then
    fewest lines. A group of several lineages goes with the lineage of its first line.
    """
    _, first, member = np.unique(groups, return_index=True, return_inverse=True)
    sizes = np.bincount(member)
    fold_of_group, n_lines = np.zeros(len(sizes), dtype=np.int64), np.zeros(n_folds, dtype=np.int64)
    lineage_of_group = lineage[first]
    for name in np.unique(lineage_of_group):
        n_of_lineage = np.zeros(n_folds, dtype=np.int64)
        for group in order[lineage_of_group[order] == name]:
            fold = int(np.lexsort((n_lines, n_of_lineage))[0])
            fold_of_group[group] = fold
            n_of_lineage[fold] += sizes[group]
            n_lines[fold] += sizes[group]
    places: IntArray = fold_of_group[member]
    return places


def _refuse_one_class(folds: list[Fold], is_sensitive: BoolArray) -> None:
    learnable = all(len(np.unique(is_sensitive[fold.train])) == 2 for fold in folds)
    comparable = any(len(np.unique(is_sensitive[fold.test])) == 2 for fold in folds)
    if not (learnable and comparable):
        raise LabelError(
            "A few split groups (patients) hold so many lines that folds cannot mix the classes.",
            needed="sensitive and resistant lines to learn from in every fold, and to test in one.",
            remedy="use fewer folds, another label method, or a larger cohort.",
        )
