"""What is said about drift: which genes, which way, whose, and when."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from models.drift.around import far_out, no_calls
from models.drift.counts import DriftCounts
from models.drift.reference import DriftReference, bin_counts
from models.drift.report import Counted, report_of
from models.drift.verdict import KINDS, MEANS

LINES, PROFILES, GENES = 300, 200, 40
DAY = date(2026, 11, 1)


@pytest.fixture
def reference():
    random = np.random.default_rng(0)
    lines = random.normal(size=(LINES, GENES))
    edges = np.quantile(lines, np.arange(1, 8) / 8, axis=0).T.astype(np.float32)
    genes = tuple(f"GENE{at:02}" for at in range(GENES))
    counts = bin_counts(lines, edges).astype(float)
    return DriftReference("ab" * 32, "3", "made-up", genes, edges, counts, LINES)


@pytest.fixture
def counts_of(reference, counted):
    def counts_of(change=lambda z: z, *, n=PROFILES, seed=1):
        z = np.random.default_rng(seed).normal(size=(n, GENES))
        return counted(bin_counts(change(z), reference.edges))

    return counts_of


def some(shift, n_genes):
    def change(z):
        z[:, :n_genes] += shift
        return z

    return change


CHANGES = {
    "none": lambda z: z,
    "some_genes": some(1.5, 10),
    "higher": some(1.0, GENES),
    "lower": some(-1.0, GENES - 5),
    "wider": lambda z: 2.5 * z,
    "narrower": lambda z: 0.3 * z,
    "mixed": lambda z: z + np.where(np.arange(GENES) % 2, 1.0, -1.0) * np.array([1.0] * GENES),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_drift_is_told_from_the_others(reference, counts_of, kind):
    found = counts_of(CHANGES[kind])
    if kind == "mixed":  # half of the genes upwards and outwards, half downwards and inwards
        inwards = counts_of(lambda z: 0.3 * z - 0.5).by_gene
        upper = np.arange(GENES)[:, None] % 2 == 0
        found = replace(found, by_gene=np.where(upper, inwards, found.by_gene))
    overall = report_of(reference, [Counted("open", DAY, found)]).overall
    assert overall.kind == kind
    assert overall.has_drifted == (kind != "none")
    assert overall.meaning.startswith(MEANS[kind])


def test_the_genes_that_were_moved_are_named_first_with_the_way_they_moved(reference, counts_of):
    report = report_of(reference, [Counted("open", DAY, counts_of(some(-1.2, 6)))])
    assert {gene.gene for gene in report.genes[:6]} == set(reference.genes[:6])
    assert all(gene.drifted and gene.shift < -0.15 for gene in report.genes[:6])
    assert not any(gene.drifted for gene in report.genes[6:])
    indexes = [gene.index for gene in report.genes]
    assert indexes == sorted(indexes, reverse=True)
    for gene in report.genes:
        assert gene.low <= gene.index <= gene.high
        assert gene.distance_low <= gene.distance <= gene.distance_high
        assert sum(gene.bins) == pytest.approx(1)
        assert sum(gene.reference_bins) == pytest.approx(1)


def test_less_than_the_least_share_of_genes_is_not_called_drift(reference, counts_of):
    counted = [Counted("open", DAY, counts_of(some(1.5, 3)))]
    strict = report_of(reference, counted, least_share=0.05).overall
    mild = report_of(reference, counted, least_share=0.1).overall
    assert strict.n_drifted == mild.n_drifted == 3
    assert (strict.kind, mild.kind) == ("some_genes", "none")
    assert "fewer than it takes" in mild.meaning


def test_callers_and_days_are_told_apart_and_add_up(reference, counts_of):
    later = date(2026, 11, 2)
    counted = [
        Counted("a", DAY, counts_of(n=40)),
        Counted("b", DAY, counts_of(some(1.5, GENES), n=60, seed=2)),
        Counted("b", later, counts_of(some(1.5, GENES), n=80, seed=3)),
    ]
    report = report_of(reference, counted)
    assert report.overall.n_profiles == 180
    assert [(name, one.n_profiles, one.kind) for name, one in report.by_caller] == [
        ("b", 140, "higher"),
        ("a", 40, "none"),
    ]
    assert [(day, one.n_profiles) for day, one in report.by_day] == [(DAY, 100), (later, 80)]
    alone = report_of(reference, counted, caller="b")
    assert alone.overall.n_profiles == 140
    assert [name for name, _ in alone.by_caller] == ["b", "a"]  # to choose another from
    assert sum(one.n_profiles for _, one in alone.by_day) == 140


def test_nothing_counted_is_a_report_too(reference):
    content = report_of(reference, []).to_json()
    assert content["overall"]["n_profiles"] == 0
    assert content["overall"]["median_index"] is None
    assert content["overall"]["meaning"] == "Nothing was counted in these days."
    assert content["genes"] == content["callers"] == content["days"] == []


def test_far_off_profiles_are_a_tenth_without_drift():
    none = DriftCounts.none(0)
    tenths = replace(none, by_domain=np.full(10, 30))
    assert (far_out(tenths).value, far_out(tenths).changed) == (0.1, False)
    beyond = far_out(replace(none, by_domain=np.array([0] * 9 + [50])))
    assert (beyond.value, beyond.is_more) == (1.0, True)
    assert beyond.low > 0.9
    assert far_out(none).value is None


def test_the_interval_of_no_calls_is_that_of_a_mean_over_profiles():
    excess = np.random.default_rng(0).normal(0.1, 0.2, 400)
    counts = replace(
        DriftCounts.none(0),
        n_called=400,
        no_calls=float((0.3 + excess).sum()),
        no_calls_expected=120.0,
        no_calls_excess_squared=float((excess**2).sum()),
    )
    found = no_calls(counts)
    error = excess.std(ddof=1) / np.sqrt(400)
    assert found.value == pytest.approx(0.3 + excess.mean())
    assert found.high - found.value == pytest.approx(1.96 * error, rel=0.02)
    assert found.expected == pytest.approx(0.3)
    assert found.is_more
    assert no_calls(DriftCounts.none(0)).value is None


def test_few_profiles_that_agree_leave_room_for_others():
    agreed = replace(DriftCounts.none(0), n_called=10, no_calls_expected=2.8)
    agreed = replace(agreed, no_calls_excess_squared=10 * 0.28**2)
    found = no_calls(agreed)
    assert (found.value, found.low) == (0.0, 0.0)
    assert 0.08 < found.high < 0.28
