"""Paired differences: known answers, and laws that hold for any two classifiers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.held_out import HeldOutPredictions
from training.evidence.studies.paired_difference import (
    DrawnDifference,
    PatientDraws,
    SharedLines,
    difference_of_brier,
    difference_of_roc_auc,
    drawn_roc_auc,
    mean_difference,
    share_lines,
)
from training.metrics import FloatArray, roc_auc

N_LINES, N_FOLDS = 120, 4


def held_out(signal: float, *, seed: int = 0, n_seeds: int = 2) -> HeldOutPredictions:
    """Lines whose scores know the label the better, the larger the signal."""
    generator = np.random.default_rng(0)
    label = np.arange(N_LINES) % 3 == 0
    fold = np.stack([generator.permutation(N_LINES) % N_FOLDS for _ in range(n_seeds)])
    noise = np.random.default_rng(seed).normal(size=(n_seeds, N_LINES))
    score = noise + signal * label
    return HeldOutPredictions(
        samples=tuple(f"line {at}" for at in range(N_LINES)),
        groups=tuple(f"patient {at // 2}" for at in range(N_LINES)),
        is_sensitive=label,
        probability=(1 / (1 + np.exp(-score))).astype(np.float32),
        score=score.astype(np.float32),
        fold=fold.astype(np.int16),
    )


def take(one: HeldOutPredictions, lines: list[int]) -> HeldOutPredictions:
    return HeldOutPredictions(
        samples=tuple(one.samples[at] for at in lines),
        groups=tuple(one.groups[at] for at in lines),
        is_sensitive=one.is_sensitive[lines],
        probability=one.probability[:, lines],
        score=one.score[:, lines],
        fold=one.fold[:, lines],
    )


def shared_lines(first: HeldOutPredictions, second: HeldOutPredictions) -> SharedLines:
    found = share_lines(first, second)
    assert isinstance(found, SharedLines)
    return found


def draws(one: HeldOutPredictions, n_draws: int = 300) -> PatientDraws:
    return PatientDraws.draw(one.groups, n_draws=n_draws, random_state=0)


def everyone(n_lines: int = N_LINES) -> FloatArray:
    return np.ones((1, n_lines))


def test_a_bundle_does_not_differ_from_itself() -> None:
    one = held_out(1.0)
    shared = shared_lines(one, one)
    for difference in (difference_of_roc_auc, difference_of_brier):
        found = difference(one, one, shared, draws(one))
        assert found.value == 0
        assert (found.drawn == 0).all()


def test_the_order_of_the_lines_changes_nothing() -> None:
    first, second = held_out(1.0), held_out(0.2, seed=1)
    turned = take(second, list(reversed(range(N_LINES))))
    for difference in (difference_of_roc_auc, difference_of_brier):
        plain = difference(first, second, shared_lines(first, second), draws(first))
        other = difference(first, turned, shared_lines(first, turned), draws(first))
        assert other.value == pytest.approx(plain.value)
        np.testing.assert_allclose(other.drawn, plain.drawn)


def test_turning_the_bundles_round_turns_the_sign() -> None:
    first, second = held_out(1.0), held_out(0.2, seed=1)
    there = difference_of_roc_auc(first, second, shared_lines(first, second), draws(first))
    back = difference_of_roc_auc(second, first, shared_lines(second, first), draws(first))
    assert there.value == pytest.approx(-back.value)
    assert there.value < 0
    np.testing.assert_allclose(there.drawn, -back.drawn)


def test_the_roc_auc_is_that_of_each_fold_weighted_by_its_pairs() -> None:
    one = held_out(0.5, n_seeds=1)
    won = n_pairs = 0.0
    for fold in range(N_FOLDS):
        inside = one.fold[0] == fold
        label = one.is_sensitive[inside]
        pairs = label.sum() * (~label).sum()
        won += roc_auc(label, one.score[0, inside].astype(np.float64)) * pairs
        n_pairs += pairs
    (found,) = drawn_roc_auc(one, np.arange(N_LINES), everyone())
    assert found == pytest.approx(won / n_pairs)


def test_scales_of_folds_do_not_matter() -> None:
    one = held_out(0.5)
    shifted = replace(one, score=one.score + 100 * one.fold)
    lines = np.arange(N_LINES)
    plain, other = (drawn_roc_auc(each, lines, everyone()) for each in (one, shifted))
    np.testing.assert_allclose(other, plain, atol=2e-3)  # float32 scores beside 100


def test_brier_is_the_mean_squared_error_over_lines_and_seeds() -> None:
    first, second = held_out(1.0), held_out(0.2, seed=1)
    found = difference_of_brier(first, second, shared_lines(first, second), draws(first))
    errors = [((one.probability - one.is_sensitive) ** 2).mean() for one in (first, second)]
    assert found.value == pytest.approx(errors[1] - errors[0], abs=1e-6)


def test_only_lines_that_both_held_out_count() -> None:
    first, second = held_out(1.0), held_out(0.2, seed=1)
    some = take(second, list(range(0, N_LINES, 2)))
    shared = shared_lines(first, some)
    assert len(shared.patients) == N_LINES // 2
    assert [first.samples[at] for at in shared.first] == list(some.samples)


def test_lines_of_a_patient_are_drawn_together() -> None:
    one = held_out(1.0)
    weights = draws(one, 50).weights(one.groups)
    assert (weights[0] == 1).all()
    np.testing.assert_array_equal(weights[:, ::2], weights[:, 1::2])
    assert (weights.sum(axis=1) == N_LINES).all()


def test_what_cannot_be_compared_is_said() -> None:
    one = held_out(1.0)
    strangers = replace(one, samples=tuple(f"other {at}" for at in range(N_LINES)))
    assert "no shared lines" in str(share_lines(one, strangers))
    relabelled = replace(one, is_sensitive=np.roll(one.is_sensitive, 1))
    assert "different labels, 80 of 120" in str(share_lines(one, relabelled))
    few = take(one, list(range(20)))
    assert "7 sensitive and 13 resistant" in str(share_lines(one, few))
    assert str(share_lines(one, few)).startswith("not comparable: ")


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    # Two scores of the same quality: the true difference is 0.
    inside = 0
    for seed in range(100):
        first, second = (held_out(0.7, seed=seed + offset) for offset in (1, 1001))
        found = difference_of_roc_auc(first, second, shared_lines(first, second), draws(first, 200))
        low, high = np.percentile(found.drawn, [2.5, 97.5])
        inside += bool(low <= 0 <= high)
    assert inside >= 88


def test_the_mean_over_drugs_is_drawn_with_them() -> None:
    drugs = [
        DrawnDifference(0.1, np.array([0.0, 0.2])),
        DrawnDifference(0.3, np.array([np.nan, 0.4])),
    ]
    mean = mean_difference(drugs)
    assert mean.value == pytest.approx(0.2)
    np.testing.assert_allclose(mean.drawn, [0.0, 0.3])
