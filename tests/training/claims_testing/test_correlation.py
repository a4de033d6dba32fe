"""Ranks of draws are the ranks of the sample that the draw makes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import pearsonr, rankdata, spearmanr

from training.claims_testing.correlation import correlate, rank_draws, weighted_ranks


@pytest.mark.parametrize("seed", range(5))
def test_weighted_ranks_are_those_of_the_repeated_sample(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(6, size=30).astype(float)
    weights = rng.multinomial(30, np.full(30, 1 / 30), size=4).astype(float)
    ranks = weighted_ranks(values, weights)
    for row, draw in zip(ranks, weights.astype(int), strict=True):
        repeated = np.repeat(np.arange(30), draw)
        assert row[repeated] == pytest.approx(rankdata(values[repeated]))


@pytest.mark.parametrize("seed", range(5))
def test_correlations_of_a_draw_are_those_of_the_repeated_sample(seed: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = rng.normal(size=(2, 40))
    lineage = rng.integers(4, size=40)
    weights = rng.multinomial(40, np.full(40, 1 / 40), size=3).astype(float)
    one, two = (rank_draws(values, weights, lineage) for values in (left, right))
    everywhere = correlate(one.all_lines, two.all_lines, weights)
    within = correlate(one.within_lineage, two.within_lineage, weights)
    for row, draw in enumerate(weights.astype(int)):
        drawn = np.repeat(np.arange(40), draw)
        assert everywhere[row] == pytest.approx(spearmanr(left[drawn], right[drawn]).statistic)
        dummies = np.eye(4)[lineage[drawn]]
        rest = [
            ranks - dummies @ np.linalg.lstsq(dummies, ranks, rcond=None)[0]
            for ranks in (rankdata(left[drawn]), rankdata(right[drawn]))
        ]
        assert within[row] == pytest.approx(pearsonr(*rest).statistic)


def test_what_does_not_vary_has_no_correlation() -> None:
    weights = np.ones((1, 6))
    lineage = np.array([0, 0, 0, 1, 1, 1])
    ranked = rank_draws(np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0]), weights, lineage)
    assert np.isfinite(ranked.all_lines).all()
    assert np.isnan(ranked.within_lineage).all()
