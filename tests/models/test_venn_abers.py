import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from models.errors import ModelsError
from models.venn_abers import fit_venn_abers


def by_brute_force(scores, labels, asked, label):
    fitted = IsotonicRegression().fit(np.append(scores, asked), np.append(labels, label))
    return float(fitted.predict([asked])[0])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_levels", [3, 8, None])
def test_equals_isotonic_regression_with_either_label(seed, n_levels):
    random = np.random.default_rng(seed)
    scores, asked = random.normal(size=40), random.normal(size=10)
    if n_levels is not None:  # many ties, among calibration samples and with those asked about
        scores, asked = np.round(scores * n_levels / 3), np.round(asked * n_levels / 3)
    labels = random.random(40) < 1 / (1 + np.exp(-scores))
    found = fit_venn_abers(scores, labels).probability_interval(asked)
    expected = [[by_brute_force(scores, labels, one, label) for label in (0, 1)] for one in asked]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_known_answer():
    # Between two resistant and two sensitive samples: p0 = 0, p1 = 1, and nothing is known.
    calibration = fit_venn_abers([1.0, 2.0, 4.0, 5.0], [False, False, True, True])
    np.testing.assert_allclose(calibration.probability_interval([3.0]), [[0.0, 1.0]])
    assert calibration.probability([3.0]) == pytest.approx(0.5)
    # Above all: called resistant it joins the two sensitive ones.
    np.testing.assert_allclose(calibration.probability_interval([6.0]), [[2 / 3, 1.0]])
    assert calibration.probability([6.0]) == pytest.approx(1 / (1 - 2 / 3 + 1))


@pytest.mark.parametrize("seed", range(10))
def test_never_falls_and_stays_a_probability(seed):
    random = np.random.default_rng(seed)
    scores = random.normal(size=60)
    calibration = fit_venn_abers(scores, random.random(60) < 0.4)
    asked = np.sort(np.concatenate([scores, random.normal(size=200, scale=3)]))
    low, high = calibration.probability_interval(asked).T
    assert (low < high).all()
    for one in (low, high, calibration.probability(asked)):
        assert (one >= 0).all()
        assert (one <= 1).all()
        assert (np.diff(one) >= -1e-12).all()


def test_scores_shifted_stretched_and_permuted_change_nothing():
    random = np.random.default_rng(0)
    scores, asked = random.normal(size=50), random.normal(size=20)
    labels = random.random(50) < 0.5
    plain = fit_venn_abers(scores, labels).probability(asked)
    order = random.permutation(50)
    moved = fit_venn_abers(np.exp(scores[order]), labels[order]).probability(np.exp(asked))
    np.testing.assert_allclose(moved, plain, atol=1e-12)


def test_comes_near_the_truth_with_many_samples():
    random = np.random.default_rng(3)
    scores = random.normal(size=5000)
    labels = random.random(5000) < 1 / (1 + np.exp(-2 * scores))
    asked = np.linspace(-1.5, 1.5, 7)
    found = fit_venn_abers(scores, labels).probability(asked)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-2 * asked)), atol=0.08)


@pytest.mark.parametrize(
    ("scores", "labels"), [([], []), ([1.0, 2.0], [True]), ([np.nan, 1.0], [True, False])]
)
def test_refuses_what_cannot_be_fitted(scores, labels):
    with pytest.raises(ModelsError, match="Needed"):
        fit_venn_abers(scores, labels)
