from itertools import pairwise

import numpy as np
import pytest

from models.conformal import ClassConditionalConformal
from models.errors import ModelsError


def test_known_p_values():
    conformal = ClassConditionalConformal(np.array([0.1, 0.2, 0.6, 0.9]), np.array([0.3]))
    # 1 - 0.5 = 0.5: two sensitive samples of four are at least as strange: (2 + 1) / 5
    # 0.5 > 0.3: no resistant sample of one is: (0 + 1) / 2
    np.testing.assert_allclose(conformal.p_values([0.5]), [[0.6, 0.5]])
    np.testing.assert_allclose(conformal.p_values([0.8]), [[0.8, 0.5]])  # a tie counts


def test_sets_and_labels():
    conformal = ClassConditionalConformal(np.linspace(0, 0.5, 9), np.linspace(0, 0.5, 9))
    probability = [0.99, 0.01, 0.5]
    assert conformal.prediction_set(probability, 0.8) == ["sensitive", "resistant", "none"]
    assert conformal.label(probability, 0.8) == ["sensitive", "resistant", "no call"]
    assert conformal.prediction_set([0.5], 0.95) == ["both"]
    assert conformal.label([0.5], 0.95) == ["no call"]


def test_a_class_without_calibration_samples_is_never_ruled_out():
    conformal = ClassConditionalConformal(np.zeros(0), np.zeros(0))
    assert conformal.prediction_set([0.0, 1.0], 0.5) == ["both", "both"]


def test_a_p_value_at_the_level_is_ruled_out():
    # P(p <= 0.2) <= 0.2 is the law, so p = 0.2 is out at level 0.8, whatever 1 - 0.8 is in binary.
    conformal = ClassConditionalConformal(np.zeros(4), np.zeros(4))
    assert conformal.prediction_set([0.5], 0.8) == ["none"]


@pytest.mark.parametrize("level", [0.6, 0.8, 0.9])
def test_each_class_is_covered_at_its_level(level):
    random = np.random.default_rng(7)
    n_repeats, n_new = 400, 50
    covered = {True: [], False: []}
    n_calibration = {True: 29, False: 119}
    for _ in range(n_repeats):
        labels = np.repeat([True, False], [n_calibration[True], n_calibration[False]])
        conformal = ClassConditionalConformal.from_probabilities(draw(random, labels), labels)
        for label in (True, False):
            new = draw(random, np.full(n_new, label))
            p_value = conformal.p_values(new)[:, 0 if label else 1]
            covered[label].append(np.mean(p_value > 1 - level + 1e-12))
    for label, fractions in covered.items():
        # With n calibration samples the exact coverage is 1 - floor(eps (n + 1)) / (n + 1).
        n_plus_one = n_calibration[label] + 1
        exact = 1 - np.floor((1 - level) * n_plus_one + 1e-9) / n_plus_one
        standard_error = np.std(fractions, ddof=1) / np.sqrt(n_repeats)
        assert abs(np.mean(fractions) - exact) < 2 * standard_error
        assert exact >= level - 1e-9


def draw(random, labels):
    """Probabilities of a classifier that is right more often than not, and overconfident."""
    return 1 / (1 + np.exp(-4 * (labels - 0.5 + random.normal(size=len(labels)))))


def test_higher_levels_only_add_to_a_set():
    random = np.random.default_rng(3)
    conformal = ClassConditionalConformal.from_probabilities(
        random.random(60), random.random(60) < 0.4
    )
    probability = random.random(200)
    codes = [conformal.set_codes(probability, level) for level in (0.3, 0.6, 0.9)]
    for narrow, wide in pairwise(codes):
        assert ((narrow & wide) == narrow).all()


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, float("nan")])
def test_refuses_a_level_outside_0_and_1(level):
    with pytest.raises(ModelsError, match="level"):
        ClassConditionalConformal(np.zeros(1), np.zeros(1)).prediction_set([0.5], level)


@pytest.mark.parametrize("scores", [[0.5, 0.1], [0.1, 1.5], [-0.1], [np.nan]])
def test_refuses_scores_out_of_order_or_range(scores):
    with pytest.raises(ModelsError, match="sensitive class"):
        ClassConditionalConformal(np.array(scores), np.zeros(1))
