import json

import numpy as np
import pytest

from training.evidence.calibration_quality import (
    equal_count_bins,
    error_if_calibrated,
    measure_calibration,
)
from training.evidence.figures import NotEstimable
from training.metrics import (
    brier_score,
    expected_calibration_error,
    group_bootstrap_weights,
    reliability,
)


def simulate(seed, *, n_lines=2000, n_seeds=1, bent=1.0, shift=0.0):
    """Labels that follow the promises, unless the log-odds were stretched and shifted."""
    random = np.random.default_rng(seed)
    log_odds = random.normal(size=n_lines)
    labels = random.random(n_lines) < 1 / (1 + np.exp(-(bent * log_odds + shift)))
    probability = np.tile(1 / (1 + np.exp(-log_odds)), (n_seeds, 1))
    return labels, probability


def measured(labels, probability, *, n_draws=30):
    groups = np.arange(len(labels)).astype(str)
    draws = group_bootstrap_weights(groups, n_draws, np.random.default_rng(0))
    return measure_calibration(labels, probability, draws, random_state=0)


@pytest.mark.parametrize("seed", range(5))
def test_promises_that_made_the_labels_have_slope_1_and_intercept_0(seed):
    found = measured(*simulate(seed))
    assert found.slope.value == pytest.approx(1, abs=0.17)
    assert found.intercept.value == pytest.approx(0, abs=0.17)
    assert found.in_the_large.value == pytest.approx(0, abs=0.17)
    assert found.error_if_calibrated.low < found.expected_calibration_error.value
    assert found.expected_calibration_error.value < found.error_if_calibrated.high * 1.2


def test_intervals_hold_the_truth_as_often_as_they_say():
    found = [measured(*simulate(seed, n_lines=300), n_draws=200) for seed in range(60)]
    held = [one.slope.low <= 1 <= one.slope.high for one in found]
    assert np.mean(held) == pytest.approx(0.95, abs=0.08)


@pytest.mark.parametrize(("bent", "shift"), [(0.5, 0.0), (2.0, 0.3), (1.0, -0.8)])
def test_promises_that_are_off_are_told_by_how_much(bent, shift):
    found = measured(*simulate(1, bent=bent, shift=shift))
    assert found.slope.value == pytest.approx(bent, abs=0.2)
    assert found.intercept.value == pytest.approx(shift, abs=0.15)
    assert found.expected_calibration_error.low > found.error_if_calibrated.high


def test_the_interval_of_the_calibration_error_holds_it_and_the_truth():
    """Promises that are off by 0.1 everywhere are off by 0.1; resampling does not add to it."""
    random = np.random.default_rng(3)
    probability = random.uniform(0.2, 0.7, size=600)
    labels = random.random(600) < probability + 0.1
    error = measured(labels, probability[None], n_draws=200).expected_calibration_error
    assert 0 <= error.low < error.value < error.high
    assert error.low < 0.1 < error.high


def test_brier_bins_and_error_are_those_of_training_metrics():
    labels, _ = simulate(5, n_lines=203)
    # Tied probabilities share a bin.
    probability = np.round(np.random.default_rng(6).uniform(0.05, 0.95, size=(3, 203)), 1)
    found = measured(labels, probability)
    briers = [brier_score(labels, row) for row in probability]
    gaps = [expected_calibration_error(labels, row) for row in probability]
    assert found.brier.value == pytest.approx(np.mean(briers))
    assert found.expected_calibration_error.value == pytest.approx(np.mean(gaps))
    promised, observed, n_lines = reliability(labels, probability[0], n_bins=10)
    one_seed = measured(labels, probability[:1])
    assert [point.promised for point in one_seed.reliability] == pytest.approx(list(promised))
    assert [point.observed.value for point in one_seed.reliability] == pytest.approx(list(observed))
    assert [point.n_predictions for point in one_seed.reliability] == list(n_lines)
    assert equal_count_bins(probability[0], 10).sum(axis=0).tolist() == list(n_lines)


def test_a_few_hundred_lines_show_a_gap_even_when_every_promise_holds():
    few, many = (
        error_if_calibrated(simulate(7, n_lines=n_lines)[1], random_state=0).value
        for n_lines in (200, 20000)
    )
    assert few > 0.05
    assert many == pytest.approx(few / 10, rel=0.2)


def test_the_order_of_lines_and_seeds_repeated_change_nothing():
    labels, probability = simulate(8, n_lines=150)
    plain = measured(labels, probability)
    order = np.random.default_rng(9).permutation(150)
    turned = measured(labels[order], probability[:, order])
    for name in ("brier", "slope", "intercept", "in_the_large"):
        assert getattr(turned, name).value == pytest.approx(getattr(plain, name).value)
    error = plain.expected_calibration_error
    assert turned.expected_calibration_error.value == pytest.approx(error.value)
    thrice = measured(labels, np.tile(probability, (3, 1)))
    assert thrice.slope.value == pytest.approx(plain.slope.value)
    assert thrice.slope.high - thrice.slope.low == pytest.approx(plain.slope.high - plain.slope.low)


def test_flat_promises_have_no_slope_and_parted_classes_neither():
    labels, _ = simulate(10, n_lines=100)
    flat = measured(labels, np.full((2, 100), labels.mean()))
    assert isinstance(flat.slope, NotEstimable)
    assert "hardly differ" in str(flat.intercept)
    assert flat.in_the_large.value == pytest.approx(0, abs=1e-9)
    assert len(flat.reliability) == 1
    parted = measured(labels, np.where(labels, 0.9, 0.1)[None])
    assert str(parted.slope).startswith("not estimable")


def test_json_holds_every_figure():
    card = json.loads(json.dumps(measured(*simulate(11, n_lines=100)).to_json()))
    assert set(card) == {
        "brier",
        "prevalence_brier",
        "expected_calibration_error",
        "error_if_calibrated",
        "slope",
        "intercept",
        "in_the_large",
        "reliability",
    }
    assert set(card["slope"]) == {"value", "low", "high"}
