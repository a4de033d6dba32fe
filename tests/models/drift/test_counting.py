"""From answers to counts: what is counted, what is not, and what no count tells."""

from dataclasses import fields, replace

import numpy as np
import pytest

from models.compiled import CompiledBundle
from models.drift.counting import Counter
from models.drift.counts import DriftCounts
from models.drift.errors import DriftError


@pytest.fixture
def compiled(bundle):
    return CompiledBundle(bundle)


@pytest.fixture
def counter(bundle):
    return replace(Counter.of(bundle), no_calls={"Cisplatin": 0.2, "Elesclomol": 0.4})


@pytest.fixture
def ask(compiled, make_profiles):
    def ask(n_samples=5, seed=1, *, without=(), scale="rma_log2", **options):
        profiles = make_profiles(n_samples=n_samples, seed=seed).drop(columns=list(without))
        values = profiles.to_numpy().clip(0.1)
        return compiled.predict(list(profiles.columns), values, scale=scale, **options)

    return ask


def same(one, other):
    return all(
        np.allclose(getattr(one, each.name), getattr(other, each.name)) for each in fields(one)
    )


def test_every_profile_is_counted_for_every_gene(counter, ask):
    counts = counter.count([ask(5), ask(2, seed=2)], set())
    assert counts.n_profiles == 7
    assert (counts.by_gene.sum(axis=1) == 7).all()
    assert counts.by_domain.sum() == 7
    assert counts.coverage == pytest.approx(7)


def test_many_requests_at_once_are_counted_like_one_after_the_other(counter, ask):
    asked = [ask(3, seed=2, drugs=["Cisplatin"]), ask(1, seed=3), ask(4, seed=4, level=0.9)]
    asked += [ask(2, seed=5, without=["MFF"]), ask(2, seed=6, align="quantile")]
    at_once, seen = counter.count(asked, set()), set()
    one_by_one = DriftCounts.none(len(counter.reference.genes))
    for answers in asked:
        one_by_one += counter.count([answers], seen)
    assert same(at_once, one_by_one)


def test_a_profile_that_is_sent_again_is_no_further_profile(counter, ask):
    seen = set()
    first = counter.count([ask(5), ask(5, drugs=["Elesclomol"])], seen)
    again = counter.count([ask(5)], seen)
    assert (first.n_profiles, again.n_profiles) == (5, 0)
    assert same(first + again, first)


def test_a_gene_that_a_profile_lacks_is_in_no_bin(counter, ask):
    counts = counter.count([ask(5, without=["MFF"]), ask(3, seed=9)], set())
    held = dict(zip(counter.reference.genes, counts.by_gene.sum(axis=1), strict=True))
    assert held.pop("MFF") == 3
    assert set(held.values()) == {8}
    assert counts.coverage == pytest.approx(5 * 10 / 11 + 3)


def test_profiles_of_another_scale_are_told(counter, ask):
    assert counter.count([ask(3), ask(2, seed=4, scale="log2_tpm")], set()).n_aligned == 2


def test_no_calls_are_held_against_what_the_cards_say_drug_by_drug(counter, ask):
    answers = ask(6, drugs=["Elesclomol", "Cisplatin", "5-Fluorouracil"])
    counts = counter.count([answers], set())
    known = np.isin(answers.set_codes[:, :2], (0, 3))  # the third drug's card says nothing
    assert counts.n_called == 6
    assert counts.no_calls == pytest.approx(known.mean(axis=1).sum())
    assert counts.no_calls_expected == pytest.approx(6 * 0.3)
    excess = known.mean(axis=1) - 0.3
    assert counts.no_calls_excess_squared == pytest.approx((excess**2).sum())


@pytest.mark.parametrize("options", [{"level": 0.9}, {"drugs": ["5-Fluorouracil"]}])
def test_no_calls_that_nothing_is_known_of_are_not_counted(counter, ask, options):
    counts = counter.count([ask(4, **options)], set())
    assert (counts.n_profiles, counts.n_called, counts.no_calls) == (4, 0, 0)


def test_counts_of_few_profiles_are_forgotten_gene_by_gene(counter, ask):
    counts = counter.count([ask(20), ask(5, seed=3, without=["MFF"])], set()).thinned(25)
    held = dict(zip(counter.reference.genes, counts.by_gene.sum(axis=1), strict=True))
    assert held.pop("MFF") == 0
    assert set(held.values()) == {25}


def test_counts_come_back_from_bytes(counter, ask):
    counts = counter.count([ask(5)], set())
    restored = DriftCounts.from_bytes(counts.to_bytes(), **counts.numbers())
    assert same(restored, counts)
    assert restored.by_gene.dtype == np.int64


@pytest.mark.parametrize("packed", [b"", b"nothing", DriftCounts.none(3).to_bytes()[:-5]])
def test_damaged_counts_are_refused(packed):
    with pytest.raises(DriftError, match="drift_counts"):
        DriftCounts.from_bytes(packed)


def test_counts_of_other_bundles_are_not_added():
    with pytest.raises(DriftError, match="3 and 4 genes"):
        DriftCounts.none(3) + DriftCounts.none(4)
