"""Ranks of many drugs: completed by what drugs share, with rows for lines elsewhere."""

from __future__ import annotations

import numpy as np

from training.evidence.shared_ridge import rank_targets
from training.shared_targets import FEWEST_OF_LINEAGE, Elsewhere, SharedTargets, complete_ranks


def test_completion_finds_what_was_not_measured() -> None:
    generator = np.random.default_rng(1)
    truth = np.outer(generator.normal(size=80), generator.normal(size=20))
    gaps = generator.random(truth.shape) < 0.3
    targets = rank_targets(np.where(gaps, np.nan, truth))
    completed, left, right = complete_ranks(targets, n_factors=1)
    whole = rank_targets(truth).ranks
    assert np.corrcoef(completed[gaps], whole[gaps])[0, 1] > 0.9
    np.testing.assert_array_equal(completed[~gaps], targets.ranks[~gaps])
    assert (left.shape, right.shape) == ((80, 1), (1, 20))


def test_completion_is_soft_impute_by_whole_decompositions() -> None:
    generator = np.random.default_rng(2)
    response = generator.normal(size=(60, 4)) @ generator.normal(size=(4, 30))
    response += generator.normal(size=response.shape)
    targets = rank_targets(np.where(generator.random(response.shape) < 0.2, np.nan, response))
    threshold = 0.3 * (np.sqrt(60) + np.sqrt(30))
    by_hand = targets.ranks
    for _ in range(200):
        left, values, right = np.linalg.svd(by_hand, full_matrices=False)
        low_rank = (left[:, :4] * np.maximum(values - threshold, 0)[:4]) @ right[:4]
        by_hand = np.where(targets.measured, targets.ranks, low_rank)
    completed, _, _ = complete_ranks(targets, n_factors=4, n_iterations=200)
    np.testing.assert_allclose(completed, by_hand, atol=1e-6)


def test_noise_has_next_to_no_factors() -> None:
    noise = rank_targets(np.random.default_rng(3).normal(size=(100, 60)))
    _, left, right = complete_ranks(noise, n_factors=5, shrinkage=1.1)
    assert np.abs(left @ right).max() < 0.1


def test_lines_elsewhere_of_a_lineage_are_one_row_at_the_mean_of_its_training_lines() -> None:
    generator = np.random.default_rng(4)
    lineage = np.array(["Lung"] * FEWEST_OF_LINEAGE + ["Skin"] * (FEWEST_OF_LINEAGE - 1) + [""])
    elsewhere = Elsewhere(
        generator.normal(size=(6, 3)), np.array(["Lung", "Lung", "Skin", "Bone", "", "Lung"])
    )
    response = generator.normal(size=(len(lineage), 3))
    targets = SharedTargets.of(response, lineage, elsewhere, (1,))
    together = rank_targets(np.vstack([response, elsewhere.response])).ranks
    n_lines = len(lineage)
    assert targets.n_elsewhere.tolist() == [3.0]
    np.testing.assert_allclose(targets.of_lineage @ np.arange(n_lines), [2.0])
    np.testing.assert_allclose(targets.ranks[:n_lines], together[:n_lines])
    rows_of_lung = together[[n_lines, n_lines + 1, n_lines + 5]]
    np.testing.assert_allclose(targets.ranks[n_lines:], rows_of_lung.mean(axis=0)[None])


def test_without_lines_elsewhere_there_are_no_such_rows() -> None:
    response = np.random.default_rng(5).normal(size=(12, 3))
    targets = SharedTargets.of(response, np.array(["Lung"] * 12), None, (1,))
    assert targets.ranks.shape == (12, 3)
    assert targets.n_elsewhere.size == 0


def test_a_drug_that_was_not_measured_elsewhere_stands_at_the_mean_there() -> None:
    generator = np.random.default_rng(6)
    elsewhere = generator.normal(size=(4, 2))
    elsewhere[:, 1] = np.nan
    lineage = np.array(["Lung"] * 10)
    found = SharedTargets.of(
        generator.normal(size=(10, 2)), lineage, Elsewhere(elsewhere, lineage[:4]), (1,)
    )
    assert found.ranks[10, 1] == 0
    assert found.ranks[10, 0] != 0


def test_drugs_are_cut_out_after_they_have_shared() -> None:
    response = np.random.default_rng(7).normal(size=(20, 5))
    whole = SharedTargets.of(response, np.array([""] * 20), None, (2,))
    some = whole.of_drugs([3, 1])
    np.testing.assert_array_equal(some.completed, whole.completed[:, [3, 1]])
    np.testing.assert_array_equal(some.low_rank[2], whole.low_rank[2][:, [3, 1]])
    np.testing.assert_array_equal(some.line_products, whole.line_products)
