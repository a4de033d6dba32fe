from dataclasses import replace

import numpy as np
import pytest

from features.claims import load_claims
from models.attribution import Attributor
from models.reports.content import Missing
from models.reports.report_maker import ReportMaker
from models.reports.training_lines import training_lines


@pytest.fixture(scope="module")
def linear(maker):
    return maker.report("Cisplatin")


@pytest.fixture(scope="module")
def trees(maker):
    return maker.report("Elesclomol")


def test_weights_are_mean_sizes_of_the_attributions(report_bundle, linear):
    lines = training_lines(report_bundle)
    given = Attributor.of(report_bundle, drugs=["Cisplatin"]).attribute(lines.features)
    expected = dict(zip(given.names, np.abs(given.log_odds[:, 0]).mean(axis=0), strict=True))
    found = {entry.name: entry.mean_size.value for entry in linear.drivers.genes}
    assert found == pytest.approx(expected)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert sum(entry.share for entry in linear.drivers.genes) == pytest.approx(1)


@pytest.mark.parametrize("drug", ["Cisplatin", "Elesclomol"])
def test_genes_and_sets_add_up_to_the_answers(report_bundle, maker, drug):
    report, lines = maker.report(drug), training_lines(report_bundle)
    model = report_bundle.drugs[drug]
    answer = model.probability(lines.features)
    log_odds = np.log(answer / (1 - answer))
    for entries in (report.drivers.genes, report.drivers.sets):
        total = report.drivers.base_log_odds + sum(entry.attribution for entry in entries)
        np.testing.assert_allclose(total, log_odds, atol=1e-4)


def test_intervals_hold_their_means(linear):
    for entry in (*linear.drivers.genes, *linear.drivers.sets):
        for reading in filter(None, (entry.mean_size, entry.total_size)):
            assert reading.low <= reading.value <= reading.high


def test_a_linear_score_leans_as_its_weights(report_bundle, linear):
    for entry in linear.drivers.genes_alone:
        lean = "sensitivity" if entry.log_odds_per_sd > 0 else "resistance"
        assert entry.direction == lean
    (lineage,) = (one for one in linear.drivers.genes if one.kind == "lineage")
    assert lineage.direction is None
    assert np.isnan(lineage.value).all()


def test_a_linear_score_has_no_interactions_and_trees_have(linear, trees):
    assert linear.interactions.is_linear
    assert linear.interactions.pairs == ()
    sizes = [pair.mean_size for pair in trees.interactions.pairs]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0
    assert 0 < trees.interactions.share < 1


def test_lineages_hold_every_line_once(linear):
    rows = {row.name: row for row in linear.lineages.rows}
    assert sum(row.n_lines for row in rows.values()) == 60
    assert rows["lineage not known"].n_lines == 2
    assert linear.lineages.highest[0].probability >= linear.lineages.lowest[0].probability
    overlap = {one.sample for one in linear.lineages.highest} & {
        one.sample for one in linear.lineages.lowest
    }
    assert overlap == set()


def test_an_old_bundle_gives_a_reduced_report(old_bundle):
    report = ReportMaker.of(old_bundle).report("Cisplatin")
    assert isinstance(report.drivers, Missing)
    assert isinstance(report.interactions, Missing)
    assert isinstance(report.lineages, Missing)
    assert any("format 1" in reason for reason in report.missing)
    assert report.claims


def test_lineages_are_shown_even_where_attributions_cannot_be(bundle_with):
    report = ReportMaker.of(bundle_with(score="rank")).report("Cisplatin")
    assert isinstance(report.drivers, Missing)
    assert sum(row.n_lines for row in report.lineages.rows) == 60
    assert all(row.gene_log_odds is None for row in report.lineages.rows)


def test_lines_without_the_drug_do_not_count(report_bundle):
    model = report_bundle.drugs["Cisplatin"]
    held = model.held_out
    few = replace(
        held,
        samples=held.samples[:40],
        groups=held.groups[:40],
        is_sensitive=held.is_sensitive[:40],
        probability=held.probability[:, :40],
        score=held.score[:, :40],
        fold=held.fold[:, :40],
    )
    drugs = {**report_bundle.drugs, "Cisplatin": replace(model, held_out=few)}
    report = ReportMaker.of(replace(report_bundle, drugs=drugs)).report("Cisplatin")
    assert report.drivers.samples == held.samples[:40]
    assert report.drivers.n_patients == 20


def test_a_drug_that_is_not_there_is_a_key_error(maker):
    with pytest.raises(KeyError):
        maker.report("Aspirin")


def test_claims_get_the_verdict_of_the_ledger(report_bundle):
    plain = ReportMaker.of(report_bundle).report("Cisplatin")
    one = next(row for row in plain.claims if row.verdict == "not tested")
    ledger = [
        {
            "claim_id": one.claim.claim_id,
            "verdict": "contradicted",
            "within_lineage": "-0.25",
            "within_lineage_low": "-0.4",
            "within_lineage_high": "-0.1",
            "n_lines": "60",
            "q_value": "0.01",
        }
    ]
    told = ReportMaker.of(report_bundle, ledger=ledger).report("Cisplatin")
    assert told.claims[0].claim == one.claim
    assert told.claims[0].verdict == "contradicted"
    assert (told.claims[0].correlation.value, told.claims[0].n_lines) == (-0.25, 60)
    assert len(told.claims) == len(plain.claims)


def test_every_claim_about_the_drug_is_there_with_a_reason_where_it_was_not_tested(maker):
    report = maker.report("Cisplatin")
    named = {claim.claim_id for claim in load_claims() if claim.drug == "Cisplatin"}
    assert named <= {row.claim.claim_id for row in report.claims}
    assert all(row.reason for row in report.claims)
    about_foreign = [row for row in report.claims if row.claim.gene == "ABCB1"]
    assert {row.reason for row in about_foreign} == {"the cohort does not measure ABCB1"}
