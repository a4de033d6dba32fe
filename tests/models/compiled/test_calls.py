from types import SimpleNamespace

import numpy as np
import pytest

from models.calibration import SigmoidCalibration
from models.compiled.calls import Calibrations, ConformalCuts, count_opposite
from models.conformal import LABELS, ClassConditionalConformal

LEVELS = (0.001, 0.1, 0.25, 0.5, 2 / 3, 0.75, 0.8, 0.9, 0.95, 0.999)


def make_models(seed):
    """Calibration samples from none to many, with ties and the ends of the range."""
    random = np.random.default_rng(seed)
    models = []
    for n_sensitive, n_resistant in [(0, 0), (1, 0), (0, 3), (4, 9), (19, 40), (40, 19)]:
        scores = [np.sort(random.random(n).round(2)) for n in (n_sensitive, n_resistant)]
        calibration = SigmoidCalibration(float(random.random()), float(random.normal()))
        models.append(
            SimpleNamespace(conformal=ClassConditionalConformal(*scores), calibration=calibration)
        )
    return models


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("seed", range(5))
def test_sets_are_those_of_each_drug(seed, level):
    models = make_models(seed)
    grid = np.linspace(0, 1, 101)  # the very values of the calibration samples
    probability = np.repeat(np.concatenate([grid, 1 - grid])[:, None], len(models), axis=1)
    codes = ConformalCuts.of(models, level).set_codes(probability)
    for at, model in enumerate(models):
        expected = model.conformal.set_codes(probability[:, at], level)
        np.testing.assert_array_equal(codes[:, at], expected)


def test_probabilities_are_those_of_each_drug():
    models = make_models(0)
    scores = np.random.default_rng(1).normal(size=(20, len(models))) * 30
    probability = Calibrations.of(models).probability(scores)
    for at, model in enumerate(models):
        expected = model.calibration.probability(scores[:, at])
        np.testing.assert_allclose(probability[:, at], expected, rtol=1e-15)


def test_labels_of_the_less_probable_class_are_counted():
    probability = np.array([[0.4, 0.5, 0.6, 0.4, 0.5, 0.6, 0.9]])
    codes = np.array([[1, 1, 1, 2, 2, 2, 3]], dtype=np.int8)
    labels = [LABELS[code] for code in codes[0]]
    assert labels[:2] == ["sensitive"] * 2  # at 0.4 and 0.5: the less probable class
    assert labels[5] == "resistant"  # at 0.6
    assert count_opposite(probability, codes) == 3
