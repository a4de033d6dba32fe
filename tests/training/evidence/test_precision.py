import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from models.calibration import SigmoidCalibration
from training.evaluation import HeldOutFold
from training.evidence.precision import measure_precision, precision_gained
from training.metrics import group_bootstrap_weights
from training.splits import Fold


@pytest.mark.parametrize("seed", range(5))
def test_equals_scikit_learn_with_ties_and_weights(seed):
    random = np.random.default_rng(seed)
    labels = random.random(80) < 0.3
    scores = np.round(random.normal(size=80) + labels, 1)
    weights = np.vstack([np.ones(80), random.integers(0, 4, size=(3, 80))])
    gained = precision_gained(labels, scores, weights) / (weights @ labels)
    oracle = [average_precision_score(labels, scores, sample_weight=row) for row in weights]
    np.testing.assert_allclose(gained, oracle, atol=1e-12)


def halves(labels, scores):
    lines = np.arange(len(labels))
    first, second = np.split(lines, 2)
    nothing = np.empty(0)
    return [
        HeldOutFold(0, Fold(train, test), scores[test], nothing, SigmoidCalibration(1.0, 0.0))
        for train, test in ((first, second), (second, first))
    ]


def measured(labels, scores):
    groups = np.arange(len(labels)).astype(str)
    draws = group_bootstrap_weights(groups, 200, np.random.default_rng(0))
    return measure_precision(labels, halves(labels, scores), draws)


def test_right_order_gives_1_and_noise_the_prevalence():
    random = np.random.default_rng(0)
    labels = random.random(4000) < 0.3
    assert measured(labels, labels.astype(float)).average_precision.value == 1
    noise = measured(labels, random.normal(size=4000))
    assert noise.average_precision.value == pytest.approx(0.3, abs=0.03)
    assert noise.prevalence.value == pytest.approx(labels.mean())
    assert noise.prevalence.low < 0.3 < noise.prevalence.high


def test_folds_are_ranked_by_themselves():
    labels = np.random.default_rng(1).random(100) < 0.4
    scores = np.random.default_rng(2).normal(size=100) + labels
    shifted = scores + np.where(np.arange(100) < 50, 0.0, 100.0)
    plain, moved = (measured(labels, one).average_precision.value for one in (scores, shifted))
    assert moved == pytest.approx(plain)


def test_without_a_sensitive_line_there_is_no_figure():
    found = measured(np.zeros(20, dtype=bool), np.arange(20.0))
    assert found.to_json()["average_precision"] == "not estimable: no sensitive line was held out"
