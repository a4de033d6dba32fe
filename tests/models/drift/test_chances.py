"""Chances and intervals, held to SciPy's and to what they promise."""

import numpy as np
import pytest
from scipy.stats import binomtest, chi2, false_discovery_control

from models.drift.chances import adjusted, chi_square_tail, share_interval


@pytest.mark.parametrize("degrees", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("value", [0.0, 1e-9, 0.4, 7.0, 60.0, 1_300.0, 1e7])
def test_the_tail_of_a_chi_square_is_scipys(value, degrees):
    assert chi_square_tail(value, degrees) == pytest.approx(chi2.sf(value, degrees), abs=1e-13)


def test_nothing_but_zero_has_no_degrees_of_freedom():
    assert (chi_square_tail(0.0, 0), chi_square_tail(0.1, 0)) == (1.0, 0.0)


def test_adjusted_p_values_are_scipys():
    chances = np.random.default_rng(0).uniform(size=50) ** 3
    assert adjusted(chances) == pytest.approx(false_discovery_control(chances))
    assert len(adjusted(np.empty(0))) == 0


@pytest.mark.parametrize(("count", "total"), [(0, 20), (3, 20), (20, 20), (411, 5_000)])
def test_the_interval_of_a_share_is_wilsons(count, total):
    expected = binomtest(count, total).proportion_ci(method="wilson")
    assert share_interval(count, total) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_without_counts_a_share_may_be_anything():
    assert share_interval(0, 0) == (0.0, 1.0)
