import numpy as np
import pytest

from serving.reviews.dependence import N_LINES, thin_dependence


def lines(n, seed=0):
    values = np.random.default_rng(seed).normal(size=n)
    return values, np.round(0.25 * values, 6)


@pytest.mark.parametrize("n", [1, 7, N_LINES, 600])
def test_lines_are_in_order_of_value_and_hold_both_ends(n):
    values, log_odds = lines(n)
    kept = thin_dependence(values, log_odds)
    assert len(kept.value) == len(kept.log_odds) == min(n, N_LINES)
    assert list(kept.value) == sorted(kept.value)
    assert (kept.value[0], kept.value[-1]) == pytest.approx((values.min(), values.max()), rel=0.01)


def test_value_and_attribution_are_of_the_same_line():
    kept = thin_dependence(*lines(600))
    assert kept.log_odds == pytest.approx([0.25 * value for value in kept.value], rel=0.01)


def test_the_order_of_the_lines_does_not_matter():
    values, log_odds = lines(200)
    mixed = np.random.default_rng(1).permutation(200)
    assert thin_dependence(values[mixed], log_odds[mixed]) == thin_dependence(values, log_odds)
