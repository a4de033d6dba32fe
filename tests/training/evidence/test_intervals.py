import numpy as np
import pytest
from scipy import stats

from training.evidence.figures import NotEstimable
from training.evidence.intervals import (
    drawn_means,
    jackknife_interval,
    mean_interval,
    standard_error,
    too_few,
)
from training.metrics import group_bootstrap_weights


def test_weighted_means_are_those_of_the_lines_drawn_again():
    values = np.random.default_rng(0).normal(size=20)
    draws = np.random.default_rng(1).integers(0, 3, size=(6, 20)).astype(float)
    expected = [np.repeat(values, row.astype(int)).mean() for row in draws]
    np.testing.assert_allclose(drawn_means(values, draws), expected)
    assert np.isnan(drawn_means(values, np.zeros((1, 20)))).all()


def test_the_standard_error_is_that_of_a_mean():
    values = np.random.default_rng(2).normal(size=400)
    groups = np.arange(400).astype(str)
    draws = group_bootstrap_weights(groups, 2000, np.random.default_rng(3))
    assert standard_error(drawn_means(values, draws)) == pytest.approx(0.05, rel=0.1)
    interval = mean_interval(values, draws)
    assert interval.high - interval.low == pytest.approx(4 * 0.05, rel=0.1)
    assert np.isnan(standard_error(np.array([1.0, np.nan])))


def test_too_few_names_the_reason():
    groups = np.array(["a", "a", "b", *"cdefghijkl"])
    everyone = np.ones(13, dtype=bool)
    assert too_few(everyone, groups) is None
    assert too_few(groups == "a", groups) == NotEstimable("2 lines, at least 10 are needed")
    one = too_few(groups == "a", groups, fewest_lines=2)
    assert one == NotEstimable("all 2 lines are of a single patient")


def test_the_jackknife_of_a_mean_is_the_usual_interval():
    values = np.random.default_rng(4).normal(size=20)
    left_out = np.array([np.delete(values, line).mean() for line in range(20)])
    interval = jackknife_interval(values.mean(), left_out)
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    assert np.isnan(jackknife_interval(1.0, left_out[:1]).low)
