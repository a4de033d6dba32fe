"""The shipped claims: complete, consistent, contradictions kept; and the queries on them."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from features.claims import (
    CHANGES,
    Claim,
    claims_about,
    compare_direction,
    contradictions,
    direction_when_high,
    load_claims,
)
from features.gene_sets import load_gene_sets

MITOCHONDRIAL = "mitochondrial-dynamics-cisplatin.txt"
CUPROPTOSIS = "cuproptosis-drug-resistance.txt"


@pytest.fixture(scope="module")
def claims() -> tuple[Claim, ...]:
    return load_claims()


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def test_ids_and_contents_come_once(claims: tuple[Claim, ...]) -> None:
    assert len({claim.claim_id for claim in claims}) == len(claims) >= 150
    contents = Counter(replace(claim, claim_id="x") for claim in claims)
    assert not [claim for claim, count in contents.items() if count > 1]


@pytest.mark.parametrize(
    ("review", "section", "n_rows"),
    [
        (MITOCHONDRIAL, "Table 1", 8),
        (MITOCHONDRIAL, "Table 2", 6),
        (MITOCHONDRIAL, "Table 3", 4),
        (CUPROPTOSIS, "Table 1", 11),
        (CUPROPTOSIS, "Table 2", 20),
        (CUPROPTOSIS, "Table 3", 10),
    ],
)
def test_tables_are_there(
    claims: tuple[Claim, ...], review: str, section: str, n_rows: int
) -> None:
    found = [claim for claim in claims if claim.source == f"{review} {section}"]
    assert len(found) >= n_rows


@pytest.mark.parametrize(
    ("review", "section", "column", "values"),
    [
        (MITOCHONDRIAL, "Table 1", "gene", "DNM1L MFF OPA1 C1QBP MFN1 MFN2 INF2"),
        (MITOCHONDRIAL, "Table 2", "agent", "Piceatannol Mdivi-1 Metformin Chloroquine DP-PPh3"),
        (MITOCHONDRIAL, "Table 2", "agent", "INF2-targeting_compound"),
        (MITOCHONDRIAL, "Table 3", "agent", "Mdivi-1 Venetoclax Piceatannol Metformin"),
        (
            CUPROPTOSIS,
            "Table 1",
            "gene",
            "SLC31A1 ATP7A ATP7B ATOX1 FDX1 DLAT CDKN2A CEBPB NUDT21 YTHDC2 FOXO3",
        ),
        (
            CUPROPTOSIS,
            "Table 2",
            "drug",
            "Docetaxel Cisplatin Paclitaxel Vemurafenib Cytarabine Bortezomib Sulfasalazine Erastin"
            " Doxorubicin Sorafenib Lenvatinib Temozolomide Oxaliplatin",
        ),
        (
            CUPROPTOSIS,
            "Table 3",
            "agent",
            "DSF@CuO_gel CS/E-C@DOX Cu/ZIF-8@DSF@GOx/HA Cu(DDC)2_NPs Cu2-xTe_nanocubes HSA-C4_NPs"
            " PWCu_nanocapsules Cu9S8_NPs_(CAPSH) CuPEs@PApt",
        ),
    ],
)
def test_rows_of_the_tables_are_there(
    claims: tuple[Claim, ...], review: str, section: str, column: str, values: str
) -> None:
    found = {getattr(claim, column) for claim in claims if claim.source == f"{review} {section}"}
    assert {value.replace("_", " ") for value in values.split()} <= found


@pytest.mark.parametrize(
    "agent",
    ["Disulfiram", "CuATSM", "CuGTSM", "Tetrathiomolybdate", "D-penicillamine", "Clioquinol"],
)
def test_agents_of_the_text_are_there(claims: tuple[Claim, ...], agent: str) -> None:
    assert any(claim.agent == agent for claim in claims)


def test_elesclomol_and_trientine_are_there(claims: tuple[Claim, ...]) -> None:
    assert claims_about(claims, gene="FDX1", drug="elesclomol")
    assert claims_about(claims, drug="Triethylenetetramine")


@pytest.mark.parametrize("subject", ["DNM1L", "MFF", "SLC31A1", "FDX1", "mitophagy"])
def test_contradictions_are_kept_with_their_context(
    claims: tuple[Claim, ...], subject: str
) -> None:
    disputed = contradictions(claims)[subject, "platinum"]
    assert {claim.effect for claim in disputed} == {"sensitivity", "resistance"}
    for direction in ("sensitivity", "resistance"):
        assert any(c.context for c in disputed if c.direction_when_high == direction)


@pytest.mark.parametrize(
    ("gene", "changes"),
    [("DNM1L", {"down", "phosphorylated"}), ("MFF", {"up", "down"}), ("SLC31A1", {"up", "down"})],
)
def test_opposite_changes_go_with_the_same_resistance(
    claims: tuple[Claim, ...], gene: str, changes: set[str]
) -> None:
    resistant = [c for c in claims_about(claims, gene=gene) if c.effect == "resistance"]
    assert changes <= {claim.change for claim in resistant if claim.drug_class == "platinum"}


def test_the_text_and_the_table_differ_on_disulfiram_in_glioblastoma(
    claims: tuple[Claim, ...],
) -> None:
    found = [claim for claim in claims if claim.cancer == "glioblastoma"]
    assert {claim.effect for claim in found} == {"sensitivity", "resistance"}


# Written out, so that the law is not tested by itself.
LAW = {
    ("up", "resistance"): "resistance",
    ("up", "sensitivity"): "sensitivity",
    ("overexpressed", "resistance"): "resistance",
    ("overexpressed", "sensitivity"): "sensitivity",
    ("activated", "resistance"): "resistance",
    ("activated", "sensitivity"): "sensitivity",
    ("down", "resistance"): "sensitivity",
    ("down", "sensitivity"): "resistance",
    ("inhibited", "resistance"): "sensitivity",
    ("inhibited", "sensitivity"): "resistance",
    ("knockdown", "resistance"): "sensitivity",
    ("knockdown", "sensitivity"): "resistance",
    ("degraded", "resistance"): "sensitivity",
    ("degraded", "sensitivity"): "resistance",
}


def test_direction_follows_from_change_and_effect(claims: tuple[Claim, ...]) -> None:
    for claim in claims:
        assert claim.direction_when_high == LAW.get((claim.change, claim.effect)), claim


def test_law_covers_every_change() -> None:
    without = {change for change in CHANGES if direction_when_high(change, "resistance") is None}
    assert without == {"phosphorylated", "dephosphorylated", "mutated", "agent"}
    assert {change for change, _ in LAW} == set(CHANGES) - without


def test_only_claims_with_a_direction_rest_on_expression(claims: tuple[Claim, ...]) -> None:
    for claim in claims:
        if claim.testable_hint == "expression":
            assert claim.subject is not None, claim
            assert claim.rests_on_expression, claim


def test_processes_are_gene_sets_or_said_to_have_none(claims: tuple[Claim, ...]) -> None:
    gene_sets = {*load_gene_sets(), "oxphos"}
    for claim in claims:
        if claim.process and claim.testable_hint == "expression":
            assert claim.process in gene_sets, claim
        if claim.testable_hint == "no gene set for the process":
            assert claim.process not in gene_sets, claim


def test_a_drug_is_of_one_class(claims: tuple[Claim, ...]) -> None:
    classes: dict[str, set[str]] = {}
    for claim in claims:
        if claim.drug:
            classes.setdefault(claim.drug, set()).add(claim.drug_class)
    assert not {drug: found for drug, found in classes.items() if len(found) > 1}


def test_drugs_are_named_as_in_gdsc(claims: tuple[Claim, ...], shared_data: Path) -> None:
    table = shared_data / "gdsc" / "GDSC2_fitted_dose_response_27Oct23.csv.gz"
    with gzip.open(table, "rt") as rows:
        screened = {row["DRUG_NAME"] for row in csv.DictReader(rows)}
    by_letters = {plain(drug): drug for drug in screened}
    named = {claim.drug for claim in claims if claim.drug}
    assert {"Cisplatin", "Elesclomol", "5-Fluorouracil", "Bortezomib"} <= named & screened
    assert not {d for d in named if plain(d) in by_letters and by_letters[plain(d)] != d}


def test_queries_narrow_by_what_is_given(claims: tuple[Claim, ...]) -> None:
    by_gene = claims_about(claims, gene="ATP7B")
    assert by_gene
    assert {claim.gene for claim in by_gene} == {"ATP7B"}
    named = claims_about(claims, gene="ATP7B", drug="CISPLATIN")
    assert {claim.drug for claim in named} == {"Cisplatin"}
    with_class = claims_about(claims, gene="ATP7B", drug="cisplatin", drug_class="platinum")
    assert {claim.drug for claim in with_class} == {"Cisplatin", None}
    assert set(named) < set(with_class) < set(claims_about(by_gene, drug_class="platinum"))
    assert claims_about(claims, gene="NO-SUCH-GENE") == ()
    assert claims_about(claims) == claims


def test_oxphos_claims_are_about_each_complex(claims: tuple[Claim, ...]) -> None:
    found = claims_about(claims, process="oxphos_complex_iii", drug="Cisplatin")
    assert found
    assert found == claims_about(claims, process="oxphos", drug="Cisplatin")
    assert claims_about(claims, process="mitochondrial_fusion", drug_class="platinum")


def test_agreement_sorts_every_claim_once(claims: tuple[Claim, ...]) -> None:
    about = claims_about(claims, gene="DNM1L", drug="Cisplatin")
    high_resists = compare_direction(about, "resistance")
    high_responds = compare_direction(about, "sensitivity")
    assert high_resists.agreeing == high_responds.opposing
    assert high_resists.opposing == high_responds.agreeing
    assert high_resists.silent == high_responds.silent
    assert {c.change for c in high_resists.silent} == {"phosphorylated", "dephosphorylated"}
    parts = (*high_resists.agreeing, *high_resists.opposing, *high_resists.silent)
    assert sorted(c.claim_id for c in parts) == sorted(c.claim_id for c in about)


def test_contradictions_need_both_directions(claims: tuple[Claim, ...]) -> None:
    row = next(claim for claim in claims if claim.gene == "MFF" and claim.change == "up")
    same = replace(row, claim_id="b")
    opposite = replace(row, claim_id="c", change="down", direction_when_high="sensitivity")
    elsewhere = replace(opposite, drug_class="taxane")
    assert contradictions([row, same, elsewhere]) == {}
    assert contradictions([row, same, opposite]) == {("MFF", "platinum"): (row, same, opposite)}


def test_claims_cannot_be_changed(claims: tuple[Claim, ...]) -> None:
    with pytest.raises(FrozenInstanceError):
        claims[0].gene = "OPA1"  # type: ignore[misc]
