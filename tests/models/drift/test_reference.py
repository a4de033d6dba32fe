"""What profiles are held against."""

from dataclasses import replace

import numpy as np
import pytest

from models.drift.errors import DriftError
from models.drift.reference import N_BINS, DriftReference, bin_counts, expected_no_calls


def test_training_lines_fill_the_bins_alike(bundle):
    reference = DriftReference.of(bundle)
    assert reference.genes == tuple(bundle.features.gene_panel_)
    assert reference.n_lines == 60
    assert (reference.counts.sum(axis=1) == 60).all()
    assert np.abs(reference.counts - 60 / N_BINS).max() < 1
    assert (np.diff(reference.edges, axis=1) > 0).all()


def test_without_training_lines_the_quantiles_stand_in_for_them(bundle):
    exact, rough = DriftReference.of(bundle), DriftReference.of(replace(bundle, domain=None))
    assert rough.genes == exact.genes
    assert rough.counts == pytest.approx(np.full(rough.counts.shape, 60 / N_BINS))
    # Two ways to take a quantile of 60 values: they part where the next value is far off.
    assert np.median(np.abs(rough.edges - exact.edges)) < 0.02


def test_values_that_most_lines_share_lie_in_one_bin(bundle):
    shared = bundle.domain.features.copy()
    shared[:40, 0] = -0.731  # 40 of 60 lines, as zeros of RNA-seq are
    reference = DriftReference.of(replace(bundle, domain=replace(bundle.domain, features=shared)))
    assert reference.counts[0].max() >= 40
    # The same value as a profile has it, in other last digits: on the same side of every edge.
    again = np.full((1, len(reference.genes)), np.float32(-0.731)) + np.float32(3e-7)
    assert (bin_counts(again, reference.edges)[0] * reference.counts[0]).max() >= 40


def test_counting_does_not_depend_on_the_order_and_adds_up():
    random = np.random.default_rng(0)
    z, edges = random.normal(size=(50, 3)), np.sort(random.normal(size=(3, 7))).astype(np.float32)
    counts = bin_counts(z, edges)
    assert (counts.sum(axis=1) == 50).all()
    assert (bin_counts(z[::-1], edges) == counts).all()
    assert (bin_counts(z[:20], edges) + bin_counts(z[20:], edges) == counts).all()
    by_hand = np.digitize(z[:, 1].astype(np.float32), edges[1], right=True)
    assert (np.bincount(by_hand, minlength=8) == counts[1]).all()


def test_a_reference_comes_back_from_json(bundle):
    reference = DriftReference.of(bundle, sha256="ab")
    restored = DriftReference.from_json(reference.to_json())
    assert restored.to_json() == reference.to_json()
    assert restored.edges.dtype == np.float32


@pytest.mark.parametrize("wrong", [{"edges": [[1.0]]}, {"genes": None}, {"n_lines": "many"}])
def test_a_damaged_reference_is_refused(bundle, wrong):
    with pytest.raises(DriftError, match="drift_references"):
        DriftReference.from_json(DriftReference.of(bundle).to_json() | wrong)


def test_no_calls_are_expected_where_the_card_says_how_many(bundle):
    cisplatin = bundle.drugs["Cisplatin"]
    at_level = {"no_call_share": {"value": 0.3, "low": 0.2, "high": 0.4}, "empty_share": 0.05}
    card = cisplatin.evidence_card | {"coverage": {"0.8": at_level, "0.9": {}}}
    drugs = bundle.drugs | {"Cisplatin": replace(cisplatin, evidence_card=card)}
    assert expected_no_calls(replace(bundle, drugs=drugs)) == {"Cisplatin": pytest.approx(0.35)}
