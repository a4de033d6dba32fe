import numpy as np

from models.reports.draws import mean_readings, patient_weights, wilson_reading


def test_lines_of_a_patient_are_drawn_together():
    weights = patient_weights(["a", "b", "a", "c"], n_draws=200)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    np.testing.assert_allclose(weights[0], 0.25)
    assert (weights[1:, 0] != weights[1:, 1]).any()


def test_the_same_patients_give_the_same_draws():
    np.testing.assert_array_equal(patient_weights([*"abcab"]), patient_weights([*"abcab"]))


def test_intervals_hold_the_mean_about_as_often_as_they_promise():
    random = np.random.default_rng(3)
    held = 0
    for _ in range(100):
        values = random.normal(size=(60, 1))
        weights = patient_weights([str(at) for at in range(60)], n_draws=300)
        (reading,) = mean_readings(values, weights)
        held += reading.low <= 0 <= reading.high
    assert 87 <= held <= 99


def test_wilson_by_known_values():
    reading = wilson_reading(0, 10)
    assert reading.value == reading.low == 0
    assert round(reading.high, 3) == 0.278
    half = wilson_reading(5, 10)
    assert (round(half.low, 3), round(half.high, 3)) == (0.237, 0.763)
