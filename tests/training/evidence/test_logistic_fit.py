import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from training.evidence.logistic_fit import fit_logistic


def simulate(seed, *, n_lines=2000, shift=0.0):
    random = np.random.default_rng(seed)
    predictor = random.normal(size=n_lines)
    return predictor, random.random(n_lines) < 1 / (1 + np.exp(-(predictor + shift)))


def test_logistic_fit_equals_scikit_learn_with_weights():
    predictor, labels = simulate(2, n_lines=200)
    weights = np.random.default_rng(3).integers(0, 4, size=(5, 200)).astype(float)
    ours = fit_logistic(predictor, labels.astype(float), weights)
    for row, one in zip(ours, weights, strict=True):
        oracle = LogisticRegression(C=np.inf, tol=1e-10)
        oracle.fit(predictor[:, None], labels, sample_weight=one)
        np.testing.assert_allclose(row, [oracle.coef_[0, 0], oracle.intercept_[0]], atol=1e-4)


def test_in_the_large_makes_promised_and_observed_sums_agree():
    log_odds, labels = simulate(4, shift=0.7)
    ((slope, intercept),) = fit_logistic(
        log_odds, labels.astype(float), np.ones((1, len(labels))), slope=1.0
    )
    assert slope == 1
    assert (1 / (1 + np.exp(-(log_odds + intercept)))).sum() == pytest.approx(labels.sum())


def test_parted_classes_have_no_optimum_and_spoil_no_other_draw():
    predictor = np.array([-2.0, -1.0, 1.0, 2.0, -0.5, 0.5])
    label = np.array([0.0, 0.0, 1.0, 1.0, 1.0, 0.0])
    parted = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    both = fit_logistic(predictor, label, np.stack([parted, np.ones(6)]))
    assert np.isnan(both[0]).all()
    np.testing.assert_allclose(
        both[1], fit_logistic(predictor, label, np.ones((1, 6)))[0], atol=1e-9
    )
