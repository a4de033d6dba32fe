from itertools import combinations
from math import factorial, prod

import numpy as np
import pytest

from models.attribution.shapley import path_shapley


def by_definition(zero, one):
    """Shapley values of the game whose coalitions reach the leaf with this chance."""
    d = len(zero)

    def reaches(inside):
        return prod(one[j] if j in inside else zero[j] for j in range(d))

    values = np.zeros(d)
    for i in range(d):
        others = [j for j in range(d) if j != i]
        for size in range(d):
            weight = factorial(size) * factorial(d - 1 - size) / factorial(d)
            for inside in combinations(others, size):
                values[i] += weight * (reaches({*inside, i}) - reaches(set(inside)))
    return values


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 7])
def test_equals_the_definition_case_by_case(depth):
    random = np.random.default_rng(depth)
    zero = random.random(depth)
    cases = (np.arange(2**depth)[:, None] >> np.arange(depth) & 1) == 1
    expected = [by_definition(zero, case) for case in cases]
    np.testing.assert_allclose(path_shapley(zero[None, :], cases), expected, atol=1e-14)


@pytest.mark.parametrize("depth", [1, 6, 20])
def test_efficiency(depth):
    random = np.random.default_rng(depth)
    zero, one = random.random((50, depth)), random.random((50, depth)) < 0.5
    total = path_shapley(zero, one).sum(axis=1)
    np.testing.assert_allclose(total, one.prod(axis=1) - zero.prod(axis=1), atol=1e-14)


def test_a_condition_that_is_none_changes_nothing():
    random = np.random.default_rng(0)
    zero, one = random.random((9, 4)), random.random((9, 4)) < 0.5
    padded = path_shapley(
        np.hstack([zero, np.ones((9, 2))]), np.hstack([one, np.ones((9, 2), dtype=bool)])
    )
    np.testing.assert_allclose(padded[:, :4], path_shapley(zero, one), atol=1e-15)
    np.testing.assert_array_equal(padded[:, 4:], 0)


def test_a_branch_that_no_line_took_is_no_trouble():
    values = path_shapley(np.array([[0.0, 0.5]]), np.array([[True, True]]))
    np.testing.assert_allclose(values, [by_definition([0.0, 0.5], [1, 1])])
