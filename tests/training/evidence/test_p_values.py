"""Empirical p-values and q-values: known answers, and uniform under the null."""

import numpy as np
from scipy.stats import false_discovery_control, kstest

from training.evidence.p_values import benjamini_hochberg, empirical_p_values


def test_known_answers() -> None:
    random = np.array([[0.5, 0.9], [0.6, 0.9], [0.7, 0.9], [0.8, 0.9]])
    np.testing.assert_allclose(empirical_p_values(np.array([0.65, 0.95]), random), [3 / 5, 1 / 5])


def test_a_drug_without_a_figure_has_no_p_and_no_q() -> None:
    p_values = empirical_p_values(np.array([np.nan, 0.7]), np.full((9, 2), 0.5))
    assert np.isnan(p_values[0])
    q_values = benjamini_hochberg(p_values)
    assert np.isnan(q_values[0])
    assert q_values[1] == p_values[1] == 0.1


def test_true_nulls_give_uniform_p_values() -> None:
    generator = np.random.default_rng(0)
    p_values = empirical_p_values(generator.normal(size=500), generator.normal(size=(999, 500)))
    assert kstest(p_values, "uniform").pvalue > 0.01


def test_q_values_are_those_of_scipy() -> None:
    p_values = np.random.default_rng(1).uniform(size=50) ** 2
    np.testing.assert_allclose(benjamini_hochberg(p_values), false_discovery_control(p_values))


def test_without_random_sets_there_is_no_p() -> None:
    assert np.isnan(empirical_p_values(np.array([0.8, 0.9]), np.empty((0, 2)))).all()
