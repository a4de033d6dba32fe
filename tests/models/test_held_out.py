import json

import numpy as np
import pytest

from models.errors import BundleDamagedError, ModelsError
from models.held_out import HeldOutPredictions, held_out_arrays, held_out_from_arrays


def make(n_lines=6, n_seeds=2, seed=0, **changes):
    random = np.random.default_rng(seed)
    shape = (n_seeds, n_lines)
    content = {
        "samples": tuple(f"line_{at}" for at in range(n_lines)),
        "groups": tuple(f"patient_{at // 2}" for at in range(n_lines)),
        "is_sensitive": random.random(n_lines) < 0.5,
        "probability": random.random(shape).astype(np.float32),
        "score": random.normal(size=shape).astype(np.float32),
        "fold": random.integers(5, size=shape).astype(np.int16),
    }
    return HeldOutPredictions(**{**content, **changes})


def assert_same(one, other):
    assert (one.samples, one.groups) == (other.samples, other.groups)
    for name in ("is_sensitive", "probability", "score", "fold"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype


def test_round_trip_of_drugs_with_other_lines_and_seeds():
    drugs = {"A": make(), "B": make(3, 5, seed=1), "C (50 uM)": make(1, 1, seed=2)}
    arrays, meta = held_out_arrays(drugs)
    assert all(array.dtype != object for array in arrays.values())
    restored = held_out_from_arrays(arrays, json.loads(json.dumps(meta)))
    assert list(restored) == list(drugs)
    for name, one in drugs.items():
        assert_same(restored[name], one)


def test_ids_are_written_once():
    _, meta = held_out_arrays({name: make() for name in "ABC"})
    assert (len(meta["lines"]), len(meta["groups"])) == (6, 3)


def test_no_drug_at_all():
    assert held_out_from_arrays(*held_out_arrays({})) == {}


def test_the_mean_is_over_seeds():
    one = make(2, 2, probability=np.array([[0.2, 0.4], [0.4, 0.8]], np.float32))
    np.testing.assert_allclose(one.mean_probability, [0.3, 0.6], atol=1e-7)
    assert one.n_seeds == 2


@pytest.mark.parametrize(
    "change",
    [
        {"samples": ("a", "a", "b", "c", "d", "e")},
        {"samples": ("a",)},
        {"groups": ("a",)},
        {"is_sensitive": np.ones(5, dtype=bool)},
        {"probability": np.full((2, 6), 1.1, np.float32)},
        {"probability": np.full((2, 6), np.nan, np.float32)},
        {"probability": np.zeros((1, 6), np.float32)},
        {"score": np.full((2, 6), np.inf, np.float32)},
        {"fold": np.full((2, 6), -1, np.int16)},
    ],
)
def test_what_does_not_fit_is_refused(change):
    with pytest.raises(ModelsError, match="Held-out predictions"):
        make(**change)


@pytest.mark.parametrize(
    "damage",
    [
        lambda arrays, meta: arrays.pop("fold"),
        lambda arrays, meta: arrays.update(n_lines=arrays["n_lines"] + 1),
        lambda arrays, meta: arrays.update(n_lines=-arrays["n_lines"]),
        lambda arrays, meta: arrays.update(line=arrays["line"] + 100),
        lambda arrays, meta: arrays.update(group=arrays["group"] - 1),
        lambda arrays, meta: meta.update(drugs=["A"]),
        lambda arrays, meta: meta.update(drugs=["A", "A"]),
        lambda arrays, meta: meta.pop("lines"),
        lambda arrays, meta: arrays.update(probability=arrays["probability"] + 2),
    ],
)
def test_damage_is_refused(damage):
    arrays, meta = held_out_arrays({"A": make(), "B": make(seed=1)})
    damage(arrays, meta)
    with pytest.raises(BundleDamagedError, match="held-out predictions"):
        held_out_from_arrays(arrays, meta)
