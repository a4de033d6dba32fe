from __future__ import annotations

import numpy as np
import pytest

from training.errors import LabelError
from training.splits import cohort_folds, grouped_folds


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


@pytest.mark.parametrize("seed", range(5))
def test_cohort_folds_part_no_group_and_balance_lineages(seed):
    groups = np.array([f"patient {at // 2}" for at in range(100)])
    lineage = np.array(["Lung"] * 50 + ["Skin"] * 30 + ["Bone", "Liver"] * 10)
    folds = cohort_folds(groups, lineage, n_folds=5, seed=seed)
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(100))
    for fold in folds:
        assert not set(groups[fold.train]) & set(groups[fold.test])
        assert (lineage[fold.test] == "Lung").sum() == 10
        assert (lineage[fold.test] == "Skin").sum() == 6


def test_cohort_folds_bear_rare_and_unknown_lineages():
    groups = np.arange(30).astype(str)
    lineage = np.array([""] * 3 + ["Lung"] * 20 + ["A", "B", "C", "D", "D", "E", "E"])
    folds = cohort_folds(groups, lineage, n_folds=5, seed=0)
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(30))
    same = cohort_folds(groups, np.array([f"L{at}" for at in range(30)]), n_folds=5, seed=0)
    assert len(same) == 5


def test_cohort_folds_need_a_group_each():
    with pytest.raises(LabelError, match="2 split groups"):
        cohort_folds(np.array(["a", "b"] * 5), np.array(["x"] * 10), n_folds=3, seed=0)
