import pytest
from scipy.stats import binomtest

from features.gene_sets import load_gene_sets
from training.evidence.claim_agreement import claim_agreements, wilson_interval
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin", "Docetaxel", "Nosuchdrug"]


@pytest.fixture(name="agreements", scope="module")
def fixture_agreements():
    return claim_agreements(simulate_cohort(0, 150, DRUGS), load_gene_sets(), DRUGS)


def test_counts_are_those_of_the_rows(agreements):
    card = agreements["Cisplatin"].to_json()
    assert card["n_tested"] == len(card["tested"]) > 0
    for word in ("agree", "disagree", "inconclusive"):
        assert card[word] == sum(one["verdict"] == word for one in card["tested"])
    assert card["n_tested"] == card["agree"] + card["disagree"] + card["inconclusive"]
    about = {one["about"] for one in card["tested"]}
    assert "drug" in about
    assert len(about) > 1  # claims about its class too


def test_a_verdict_is_on_the_side_of_its_interval(agreements):
    for one in agreements["Cisplatin"].to_json()["tested"]:
        side = 1 if one["direction_when_high"] == "sensitivity" else -1
        figure = one["within_lineage"]
        bounds = sorted((side * figure["low"], side * figure["high"]))
        decided = {"agree": bounds[0] > 0, "disagree": bounds[1] < 0}
        assert decided.get(one["verdict"], bounds[0] <= 0 <= bounds[1])


def test_a_drug_of_which_no_claim_speaks_has_a_reason(agreements):
    card = agreements["Nosuchdrug"].to_json()
    assert (card["n_tested"], card["tested"]) == (0, [])
    assert card["share_agreeing"].startswith("not estimable: no claim that the cohort can test")


@pytest.mark.parametrize(("agreeing", "decided"), [(0, 5), (1, 9), (7, 12), (5, 5)])
def test_shares_have_the_interval_of_wilson(agreeing, decided):
    known = binomtest(agreeing, decided).proportion_ci(method="wilson")
    found = wilson_interval(agreeing, decided)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-4)
    assert found.low <= found.value <= found.high
