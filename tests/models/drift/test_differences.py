"""The population stability index and the greatest step: known answers, and what they promise."""

from math import log

import numpy as np
import pytest
from scipy.stats import ks_2samp, norm

from models.drift.differences import PSEUDO_COUNT, stability, steps
from models.drift.genes import CHANGED, FALSE_DISCOVERIES, drifts
from models.drift.reference import N_BINS, DriftReference, bin_counts

LEVELS = np.arange(1, N_BINS) / N_BINS


def reference_of(lines):
    """What lines (n_lines, n_genes) are as a reference: their own eighths, counted."""
    edges = np.quantile(lines, LEVELS, axis=0, method="hazen").T.astype(np.float32)
    genes = tuple(f"GENE{at}" for at in range(lines.shape[1]))
    return DriftReference("", "", "", genes, edges, bin_counts(lines, edges) * 1.0, len(lines))


def test_the_index_of_two_bins_by_hand():
    found = stability([[30, 70]], [[50, 50]])
    p, q = (30 + PSEUDO_COUNT) / (100 + 2 * PSEUDO_COUNT), 0.5
    by_hand = (p - q) * log(p / q) + (q - p) * log((1 - p) / (1 - q))
    assert found.raw[0] == pytest.approx(by_hand)
    assert found.by_chance[0] == pytest.approx(1 / 100 + 1 / 100)
    assert found.index[0] == pytest.approx(by_hand - 2 / 100)
    assert found.low[0] < found.index[0] < found.high[0]


def test_it_does_not_matter_which_is_the_reference_nor_in_which_order_bins_are():
    ours, theirs = np.array([[5, 40, 9, 0, 12, 7, 30, 2]]), np.array([[12, 13, 12, 13] * 2])
    one, other = stability(ours, theirs), stability(theirs, ours)
    shuffled = stability(ours[:, ::-1], theirs[:, ::-1])
    for name in ("raw", "index", "low", "high", "chance"):
        assert getattr(one, name) == pytest.approx(getattr(other, name))
        assert getattr(one, name) == pytest.approx(getattr(shuffled, name))


def test_the_same_shares_are_no_change_and_disjoint_ones_are_infinite_but_for_half_a_count():
    same = stability([[10] * 8], [[1_000] * 8])
    assert same.index[0] == same.low[0] == 0
    assert same.chance[0] == pytest.approx(1, abs=1e-3)
    apart = stability([[100, 0]], [[0, 100]])
    assert np.isfinite(apart.raw[0])
    assert apart.raw[0] == pytest.approx(2 * (100 / 101) * log(201), rel=1e-9)
    assert apart.chance[0] < 1e-12


def test_bins_that_are_empty_in_both_say_nothing():
    whole, gaps = stability([[30, 70]], [[60, 40]]), stability([[30, 0, 70, 0]], [[60, 0, 40, 0]])
    for name in ("raw", "by_chance", "index", "low", "high", "chance"):
        assert getattr(gaps, name) == pytest.approx(getattr(whole, name))


def test_a_gene_without_profiles_has_no_index():
    found = stability([[0] * 8], [[10] * 8])
    assert (found.raw[0], found.high[0], found.chance[0]) == (0, 0, 1)
    assert steps([[0] * 8], [[10] * 8]).distance[0] == 0


def test_the_greatest_step_is_scipys_where_the_steps_are_the_edges():
    random = np.random.default_rng(1)
    ours, theirs = random.integers(0, 8, 300), random.integers(1, 8, 90)
    counts, lines = np.bincount(ours, minlength=8), np.bincount(theirs, minlength=8)
    expected = ks_2samp(ours, theirs).statistic
    assert steps([counts], [lines]).distance[0] == pytest.approx(expected)


@pytest.mark.parametrize(("n_lines", "n_profiles"), [(60, 1_000), (234, 20), (234, 200), (600, 50)])
def test_without_drift_the_p_value_keeps_its_level(n_lines, n_profiles):
    random = np.random.default_rng(n_lines + n_profiles)
    reference = reference_of(random.normal(size=(n_lines, 4_000)))
    counts = bin_counts(random.normal(size=(n_profiles, 4_000)), reference.edges)
    false_alarms = float(np.mean(stability(counts, reference.counts).chance <= 0.05))
    # 4,000 genes: three standard errors are 0.0103. It may stay below, as it does for 20 profiles.
    assert false_alarms <= 0.0603


@pytest.mark.parametrize("shift", [0.3, 0.6, 1.0])
@pytest.mark.parametrize(("n_lines", "n_profiles"), [(234, 50), (600, 1_000)])
def test_the_intervals_hold_the_index_and_the_distance_of_the_populations(
    n_lines, n_profiles, shift
):
    random = np.random.default_rng(7)
    reference = reference_of(random.normal(size=(n_lines, 1_500)))
    counts = bin_counts(random.normal(size=(n_profiles, 1_500)) + shift, reference.edges)
    p = np.diff(norm.cdf(norm.ppf(LEVELS) - shift), prepend=0, append=1)
    q = np.full(N_BINS, 1 / N_BINS)
    index, distance = ((p - q) * np.log(p / q)).sum(), np.abs(np.cumsum(p - q)).max()
    found, step = stability(counts, reference.counts), steps(counts, reference.counts)
    assert np.mean((found.low <= index) & (index <= found.high)) >= 0.92
    assert np.mean((step.low <= distance) & (distance <= step.high)) >= 0.95


def test_without_drift_genes_that_go_together_are_hardly_ever_said_to_have_drifted(counted):
    # Half of each gene is one of five things that whole modules of genes share.
    random = np.random.default_rng(3)
    alarms = []
    for _ in range(60):
        modules = random.integers(5, size=150)

        def draw(n, modules=modules):
            shared, own = random.normal(size=(n, 5)), random.normal(size=(n, 150))
            return (shared[:, modules] + own) / np.sqrt(2)

        reference = reference_of(draw(234))
        found = drifts(reference, counted(bin_counts(draw(200), reference.edges)))
        alarms.append(found.n_drifted > 0)
    assert np.mean(alarms) <= FALSE_DISCOVERIES + 0.05


def test_with_drift_the_false_discoveries_are_few(counted):
    random = np.random.default_rng(4)
    reference = reference_of(random.normal(size=(600, 400)))
    profiles = random.normal(size=(400, 400))
    profiles[:, :100] += 0.8
    found = drifts(reference, counted(bin_counts(profiles, reference.edges)))
    drifted = found.places[found.columns["drifted"]]
    assert np.mean(drifted >= 100) <= FALSE_DISCOVERIES
    assert np.sum(drifted < 100) >= 95
    assert found.columns["index"][found.columns["drifted"]].min() >= CHANGED
