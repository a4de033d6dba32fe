import json

import numpy as np
import pytest

from models.domain import DomainReference
from models.errors import BundleDamagedError, ModelsError

N_LINES, N_GENES = 80, 30


@pytest.fixture(name="lines")
def fixture_lines():
    return np.random.default_rng(0).normal(size=(N_LINES, N_GENES))


@pytest.fixture(name="reference")
def fixture_reference(lines):
    return DomainReference.fit(lines, names(), lineages())


def names():
    return [f"line_{number}" for number in range(N_LINES)]


def lineages():
    return ["Lung" if number % 3 else float("nan") for number in range(N_LINES)]


def test_a_duplicate_of_a_training_line_is_amid_the_cohort(lines, reference):
    # Of its five neighbours four are those of its original, and one is its original, at 0.
    percentile = reference.percentile(lines)
    assert (percentile < 20).all()
    assert np.mean(percentile) < 2


def test_a_far_profile_is_farther_than_any_training_line(lines, reference):
    assert (reference.percentile(lines + 10) == 100).all()


def test_percentiles_of_lines_like_the_cohort_are_uniform(reference):
    fresh = np.random.default_rng(1).normal(size=(2000, N_GENES))
    percentile = reference.percentile(fresh)
    # The quantiles of 80 training lines stand behind them: a standard error of about 5.
    for level in (25, 50, 75):
        assert np.percentile(percentile, level) == pytest.approx(level, abs=15)


def test_distances_grow_along_a_line_away_from_the_cohort(reference):
    direction = np.ones(N_GENES)
    steps = [reference.distance((step * direction)[None])[0] for step in (1, 2, 4, 8)]
    assert (np.diff(steps) > 0).all()
    # One SD more a gene is a distance of 1 more.
    far = reference.distance(np.array([20 * direction, 21 * direction]))
    assert far[1] - far[0] == pytest.approx(1, abs=0.01)


def test_nearest_lines_come_with_lineage_nearest_first(lines, reference):
    (near,) = reference.nearest(lines[[7]], k=4)
    assert (near[0].sample, near[0].lineage, near[0].distance) == (
        "line_7",
        "Lung",
        pytest.approx(0, abs=1e-6),
    )
    assert [one.distance for one in near] == sorted(one.distance for one in near)
    (other,) = reference.nearest(lines[[6]], k=1)
    assert other[0].lineage is None
    by_hand = np.sqrt(((lines - lines[7]) ** 2).mean(axis=1))
    assert [one.sample for one in near] == [f"line_{at}" for at in np.argsort(by_hand)[:4]]


def test_the_order_of_lines_and_the_company_of_profiles_change_nothing(lines, reference):
    order = np.random.default_rng(2).permutation(N_LINES)
    turned = DomainReference.fit(
        lines[order], [names()[at] for at in order], [lineages()[at] for at in order]
    )
    profiles = np.random.default_rng(3).normal(size=(9, N_GENES))
    together = reference.percentile(profiles)
    np.testing.assert_array_equal(turned.percentile(profiles), together)
    assert turned.nearest(profiles) == reference.nearest(profiles)
    alone = [reference.percentile(one[None])[0] for one in profiles]
    np.testing.assert_array_equal(alone, together)


def test_lines_of_the_same_patient_do_not_count_as_near(lines):
    twice = np.vstack([lines, lines])
    doubled = [*names(), *(f"{name}_again" for name in names())]
    patients = names() * 2
    apart = DomainReference.fit(twice, doubled, [None] * 160)
    together = DomainReference.fit(twice, doubled, [None] * 160, groups=patients)
    assert (together.spacing > apart.spacing).all()
    # Each line's five nearest are two copies of two others and one of a third.
    once = DomainReference.fit(lines, names(), [None] * 80)
    assert (together.spacing[:80] <= once.spacing).all()


def test_round_trip_is_exact(reference):
    arrays, meta = reference.to_arrays()
    restored = DomainReference.from_arrays(arrays, json.loads(json.dumps(meta)))
    profiles = np.random.default_rng(4).normal(size=(5, N_GENES))
    np.testing.assert_array_equal(restored.distance(profiles), reference.distance(profiles))
    np.testing.assert_array_equal(restored.percentile(profiles), reference.percentile(profiles))
    assert restored.nearest(profiles) == reference.nearest(profiles)
    assert all(array.dtype != object for array in arrays.values())


@pytest.mark.parametrize(
    "damage",
    [
        lambda arrays, meta: arrays.pop("lines"),
        lambda arrays, meta: meta.pop("n_neighbours"),
        lambda arrays, meta: meta.update(samples=meta["samples"][1:]),
        lambda arrays, meta: meta.update(n_neighbours=1000),
        lambda arrays, meta: arrays.update(remoteness=arrays["remoteness"][::-1]),
        lambda arrays, meta: arrays.update(spacing=arrays["spacing"] * np.nan),
    ],
)
def test_damage_is_refused(reference, damage):
    arrays, meta = reference.to_arrays()
    damage(arrays, meta)
    with pytest.raises(BundleDamagedError, match="domain reference"):
        DomainReference.from_arrays(arrays, meta)


def test_what_cannot_be_measured_is_refused(lines, reference):
    with pytest.raises(ModelsError, match=r"Profiles of shape \(1, 3\)"):
        reference.percentile(np.zeros((1, 3)))
    with pytest.raises(ModelsError, match="not finite"):
        reference.distance(np.full((1, N_GENES), np.nan))
    with pytest.raises(ModelsError, match="79 samples"):
        DomainReference.fit(lines, names()[1:], lineages())
    with pytest.raises(ModelsError, match="4 lines"):
        DomainReference.fit(lines[:4], names()[:4], lineages()[:4])
    with pytest.raises(ModelsError, match="80 of them of one patient"):
        DomainReference.fit(lines, names(), lineages(), groups=["one"] * N_LINES)


def test_one_profile_is_placed_as_it_is_among_others(reference, lines):
    random = np.random.default_rng(5)
    profiles = np.vstack([lines[:20] + random.normal(size=(20, N_GENES)), lines[:3], lines[:2] * 9])
    percentiles, distances = reference.place(profiles)
    alone = [reference.place(profile[None]) for profile in profiles]
    np.testing.assert_array_equal([one[0][0] for one in alone], percentiles)
    np.testing.assert_allclose([one[1][0] for one in alone], distances, rtol=1e-12)
    assert {one[1][0] for one in alone[20:23]} == {0.0}


@pytest.mark.parametrize("far", [1e10, 1e20, 1e30])
def test_profiles_beyond_all_measure_are_farther_than_any_line(reference, far):
    for n_profiles in (1, 2):
        percentile, distance = reference.place(np.full((n_profiles, N_GENES), far))
        assert percentile.tolist() == [100.0] * n_profiles
        assert (distance > far / 10).all()


def test_near_ties_are_told_apart_though_products_in_float32_do_not():
    lines = np.full((40, 3), 1e4)
    lines[:, 0] += np.arange(40) * 0.01
    near = DomainReference.fit(lines, names()[:40], lineages()[:40])
    found = near.nearest(np.array([[1e4, 1e4, 1e4]]))[0]
    assert [one.sample for one in found] == names()[:5]
