from __future__ import annotations

import numpy as np
import pytest

from training.errors import LabelError
from training.splits import grouped_folds


def make_lines(seed, n_lines=90, n_groups=60):
    random = np.random.default_rng(seed)
    groups = random.integers(n_groups, size=n_lines).astype(str)
    return random.random(n_lines) < 1 / 3, groups


@pytest.mark.parametrize("seed", range(20))
def test_no_group_is_parted_and_every_line_is_tested_once(seed):
    is_sensitive, groups = make_lines(seed)
    folds = grouped_folds(is_sensitive, groups, n_folds=5, seed=seed)
    tested = np.concatenate([fold.test for fold in folds])
    assert sorted(tested) == list(range(len(groups)))
    for fold in folds:
        assert sorted([*fold.train, *fold.test]) == list(range(len(groups)))
        assert not set(groups[fold.train]) & set(groups[fold.test])


def test_classes_are_spread_evenly():
    is_sensitive = np.arange(90) % 3 == 0
    folds = grouped_folds(is_sensitive, np.arange(90).astype(str), n_folds=5, seed=0)
    assert [is_sensitive[fold.test].sum() for fold in folds] == [6] * 5


def test_the_seed_decides():
    is_sensitive, groups = make_lines(0)
    one, same, other = (
        grouped_folds(is_sensitive, groups, n_folds=5, seed=seed) for seed in (1, 1, 2)
    )
    assert all((a.test == b.test).all() for a, b in zip(one, same, strict=True))
    assert any(a.test.tolist() != b.test.tolist() for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("label", ["sensitive", "resistant"])
def test_fewer_groups_than_folds_are_refused(label):
    members = np.arange(60) < 20
    groups = np.where(members, (np.arange(60) % 4).astype(str), [f"r{n}" for n in range(60)])
    is_sensitive = members if label == "sensitive" else ~members
    with pytest.raises(LabelError, match=rf"4 split groups \(patients\) are {label}"):
        grouped_folds(is_sensitive, groups, n_folds=5, seed=0)


def test_every_fold_has_both_classes_to_learn_from_or_is_refused():
    random = np.random.default_rng(0)
    n_refused = 0
    for seed in range(300):
        sizes = random.integers(1, 20, size=random.integers(3, 8))
        groups = np.repeat(np.arange(len(sizes)), sizes).astype(str)
        is_sensitive = random.random(len(groups)) < np.repeat(random.random(len(sizes)), sizes) ** 3
        try:
            folds = grouped_folds(is_sensitive, groups, n_folds=2, seed=seed)
        except LabelError as error:
            n_refused += "cannot mix the classes" in error.found
            continue
        assert all(len(np.unique(is_sensitive[fold.train])) == 2 for fold in folds)
    assert n_refused
