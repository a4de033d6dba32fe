import numpy as np
import pytest
from sklearn.calibration import _SigmoidCalibration

from models.calibration import SigmoidCalibration, fit_sigmoid
from models.errors import ModelsError


@pytest.fixture
def scores_and_labels():
    random = np.random.default_rng(1)
    labels = random.random(300) < 0.3
    return random.normal(size=300) + 1.2 * labels, labels


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("shift", "stretch"), [(0.0, 1.0), (-7.0, 0.01), (3.0, 5.0)])
def test_equals_scikit_learn(scores_and_labels, weighted, shift, stretch):
    scores, labels = scores_and_labels
    weights = np.random.default_rng(2).uniform(0.2, 3, size=300) if weighted else None
    oracle = _SigmoidCalibration().fit(scores, labels, sample_weight=weights)
    ours = fit_sigmoid(shift + stretch * scores, labels, weights=weights)
    assert ours.probability(shift + stretch * scores) == pytest.approx(
        oracle.predict(scores), abs=1e-4
    )


def test_is_at_the_optimum_of_platts_loss(scores_and_labels):
    scores, labels = scores_and_labels
    fitted = fit_sigmoid(scores, labels)
    n_sensitive, n_resistant = labels.sum(), (~labels).sum()
    target = np.where(labels, (n_sensitive + 1) / (n_sensitive + 2), 1 / (n_resistant + 2))
    residual = fitted.probability(scores) - target
    assert residual.sum() == pytest.approx(0, abs=1e-8)
    assert residual @ scores == pytest.approx(0, abs=1e-8)


def test_separable_scores_stay_finite():
    fitted = fit_sigmoid([-3, -2, -1, 1, 2, 3], [0, 0, 0, 1, 1, 1])
    assert 0 < fitted.slope < 100
    assert 0.5 < fitted.probability(3.0) < 1


@pytest.mark.parametrize("seed", range(5))
def test_recovers_a_known_sigmoid(seed):
    random = np.random.default_rng(seed)
    scores = random.normal(size=20_000)
    labels = random.random(20_000) < 1 / (1 + np.exp(-(1.5 * scores - 0.7)))
    fitted = fit_sigmoid(scores, labels)
    assert (fitted.slope, fitted.intercept) == pytest.approx((1.5, -0.7), abs=0.1)


@pytest.mark.parametrize("scores", [[3.0, 2.0, 1.0, 0.0], [5.0, 5.0, 5.0, 5.0]])
def test_worthless_scores_give_the_prevalence(scores):
    fitted = fit_sigmoid(scores, [False, False, False, True])
    assert fitted.slope == 0
    expected = np.mean([2 / 3, 1 / 5, 1 / 5, 1 / 5])  # Platt's smoothed targets
    assert fitted.probability(scores) == pytest.approx(expected)


def test_never_overflows_and_never_falls():
    probability = SigmoidCalibration(2.0, 0.0).probability(np.linspace(-1e4, 1e4, 1001))
    assert np.isfinite(probability).all()
    assert (np.diff(probability) >= 0).all()


@pytest.mark.parametrize(
    ("scores", "labels", "weights"),
    [
        ([1.0, 2.0], [True, True], None),
        ([1.0, np.nan], [True, False], None),
        ([1.0, 2.0, 3.0], [True, False], None),
        ([1.0, 2.0], [True, False], [1.0, -1.0]),
        ([1.0, 2.0], [True, False], [1.0, 0.0]),
    ],
)
def test_refuses_what_cannot_be_fitted(scores, labels, weights):
    with pytest.raises(ModelsError, match="Needed"):
        fit_sigmoid(scores, labels, weights=weights)


def test_refuses_a_negative_slope():
    with pytest.raises(ModelsError, match="slope"):
        SigmoidCalibration(-1.0, 0.0)
