"""The shipped gene sets: complete, sourced, of approved symbols; and what a collection promises."""

from __future__ import annotations

import csv
import gzip
import json
import re
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from features.errors import GeneSetError
from features.gene_sets import (
    Balance,
    GeneSet,
    GeneSetCollection,
    GeneSetMember,
    load_gene_sets,
)

ASKED_FOR = {
    "cuproptosis_promoting",
    "cuproptosis_suppressing",
    "lipoylation",
    "copper_import",
    "copper_export",
    "copper_chaperones_cox_assembly",
    "cytochrome_c_oxidase",
    "cuproptosis_resistance_regulators",
    "mitochondrial_fission",
    "mitochondrial_fusion",
    "cristae_inner_membrane",
    "mitophagy",
    "oxphos_complex_i",
    "oxphos_complex_ii",
    "oxphos_complex_iii",
    "oxphos_complex_iv",
    "oxphos_complex_v",
    "tca_cycle",
    "fatty_acid_oxidation",
    "glycolysis_switch",
    "mitochondrial_biogenesis",
    "antioxidant_nrf2",
    "apoptosis_pro",
    "apoptosis_anti",
    "ferroptosis_crosstalk",
    "stemness",
    "emt",
    "abc_efflux",
    "platinum_influx",
    "platinum_efflux",
    "homologous_recombination",
    "base_excision_repair",
    "nucleotide_excision_repair",
    "pi3k_akt_mtor",
    "mapk_erk",
    "autophagy",
    "cytochrome_p450",
    "epigenetic_regulators",
    "immune_stromal",
}
SECTIONS = {
    "cuproptosis-drug-resistance.txt": r"§(1|2|2\.[1-6]|3\.1\.[1-4]|3\.2\.[1-4]|3\.3|4)",
    "mitochondrial-dynamics-cisplatin.txt": r"(§(1|2\.\d|3\.\d|4\.\d|5\.\d|6)|Table [1-3])",
    "mechanisms-of-drug-resistance.txt": r"(Introduction|Description|Conclusion)",
}
SOURCE = re.compile(
    "|".join(rf"{re.escape(file)} {section}" for file, section in SECTIONS.items())
    + r"|doi:10\.\d{4,5}/\S+"
)


@pytest.fixture(scope="module")
def shipped() -> GeneSetCollection:
    return load_gene_sets()


@pytest.fixture
def pair() -> GeneSetCollection:
    up = GeneSet("up", "Up", "goes up", "user", (GeneSetMember("A", "x"), GeneSetMember("B", "x")))
    down = GeneSet("down", "Down", "goes down", "user", (GeneSetMember("C", "x", "resistance"),))
    return GeneSetCollection([up, down], [Balance("tilt", "up", "down", "Tilt", "x")])


def test_every_gene_set_asked_for_is_there(shipped: GeneSetCollection) -> None:
    assert set(shipped) == ASKED_FOR


def test_panel_has_the_size_agreed(shipped: GeneSetCollection) -> None:
    assert 350 <= len(shipped.gene_panel) <= 500


def test_every_gene_has_a_source_of_known_form(shipped: GeneSetCollection) -> None:
    for gene_set in shipped.values():
        for member in gene_set.members:
            for source in member.source.split("; "):
                assert SOURCE.fullmatch(source), (gene_set.name, member)


def test_sources_are_sections_that_the_reviews_have(
    shipped: GeneSetCollection, shared_data: Path
) -> None:
    seeds = shared_data.parent / "seeds"
    if not seeds.is_dir():
        pytest.skip("the reviews do not lie beside this mirror")
    # The numbers stand alone on a line in one review, before the heading in the other.
    for gene_set in shipped.values():
        for member in gene_set.members:
            for source in member.source.split("; "):
                file, _, section = source.partition(" §")
                if section:
                    text = (seeds / file).read_text(encoding="utf-8")
                    number = rf"(^|\]|\s){re.escape(section)}( [A-Z]|$)"
                    assert re.search(number, text, re.MULTILINE), source


def test_directions_that_the_reviews_contradict_carry_context(shipped: GeneSetCollection) -> None:
    contradicted = [
        ("copper_import", "SLC31A1", "KB-CP20"),
        ("mitochondrial_fission", "DNM1L", "Ser616"),
        ("mitochondrial_fission", "MFF", "hepatocellular"),
        ("mitophagy", "PRKN", "excessive"),
        ("cuproptosis_promoting", "FDX1", "cisplatin"),
        ("cuproptosis_suppressing", "CDKN2A", "radiation"),
        ("apoptosis_anti", "BCL2", "venetoclax"),
    ]
    for name, symbol, words in contradicted:
        member = next(m for m in shipped[name].members if m.symbol == symbol)
        assert member.context is not None
        assert words in member.context


@pytest.mark.parametrize(
    ("name", "symbol", "direction"),
    [
        ("copper_import", "SLC31A1", "sensitivity"),
        ("copper_export", "ATP7B", "resistance"),
        ("mitochondrial_fusion", "OPA1", "resistance"),
        ("mitochondrial_fusion", "C1QBP", "resistance"),
        ("mitochondrial_fission", "MFF", None),
        ("abc_efflux", "ABCB1", "resistance"),
        ("cuproptosis_resistance_regulators", "YTHDC2", "sensitivity"),
        ("epigenetic_regulators", "KMT2A", None),
    ],
)
def test_directions_are_those_of_the_reviews(
    shipped: GeneSetCollection, name: str, symbol: str, direction: str | None
) -> None:
    assert next(m for m in shipped[name].members if m.symbol == symbol).direction == direction


def test_every_symbol_is_approved(shipped: GeneSetCollection, shared_data: Path) -> None:
    # Read here without the code under test.
    with gzip.open(shared_data / "hgnc" / "hgnc_complete_set.txt.gz", "rt") as table:
        rows = csv.DictReader(table, delimiter="\t")
        approved = {row["symbol"] for row in rows if row["status"] == "Approved"}
    assert set(shipped.gene_panel) <= approved


def test_shipped_balances(shipped: GeneSetCollection) -> None:
    assert {b.name: (b.numerator, b.denominator) for b in shipped.balances} == {
        "fission_against_fusion": ("mitochondrial_fission", "mitochondrial_fusion"),
        "copper_import_against_export": ("copper_import", "copper_export"),
        "cuproptosis_promoting_against_suppressing": (
            "cuproptosis_promoting",
            "cuproptosis_suppressing",
        ),
    }


def test_json_round_trip_keeps_everything(shipped: GeneSetCollection) -> None:
    again = GeneSetCollection.from_json(json.loads(json.dumps(shipped.to_json())))
    assert dict(again) == dict(shipped)
    assert again.balances == shipped.balances
    assert again.sha256 == shipped.sha256


def test_hash_ignores_order_and_sees_change(pair: GeneSetCollection) -> None:
    turned = GeneSetCollection(
        [replace(s, members=s.members[::-1]) for s in reversed(list(pair.values()))], pair.balances
    )
    changed = GeneSetCollection(
        [replace(pair["up"], direction="resistance"), pair["down"]], pair.balances
    )
    assert turned.sha256 == pair.sha256
    assert changed.sha256 != pair.sha256


def test_subset_keeps_balances_of_which_both_sides_are_kept(pair: GeneSetCollection) -> None:
    assert pair.subset(["up"]).balances == ()
    assert pair.subset(["down", "up"]).balances == pair.balances
    assert pair.subset(["up"]).gene_panel == ("A", "B")


def test_subset_refuses_unknown_names(pair: GeneSetCollection) -> None:
    with pytest.raises(GeneSetError, match=r"sideways.*up, down"):
        pair.subset(["sideways"])


def test_gene_twice_in_a_set_is_refused(pair: GeneSetCollection) -> None:
    doubled = replace(pair["up"], members=pair["up"].members * 2)
    with pytest.raises(GeneSetError, match="A, B"):
        GeneSetCollection([doubled])


def test_name_twice_empty_set_and_dangling_balance_are_refused(pair: GeneSetCollection) -> None:
    with pytest.raises(GeneSetError, match="gene sets: up"):
        GeneSetCollection([pair["up"], pair["up"]])
    with pytest.raises(GeneSetError, match="no gene"):
        GeneSetCollection([replace(pair["up"], members=())])
    with pytest.raises(GeneSetError, match=r"tilt.*down"):
        GeneSetCollection([pair["up"]], pair.balances)


@pytest.mark.parametrize("damage", ["direction", "field"])
def test_damaged_json_is_refused(pair: GeneSetCollection, damage: str) -> None:
    content = pair.to_json()
    if damage == "direction":
        content["gene_sets"][0]["direction"] = "upwards"
    else:
        del content["gene_sets"][0]["title"]
    with pytest.raises(GeneSetError, match=r"upwards|title"):
        GeneSetCollection.from_json(content)


def test_members_cannot_be_changed(pair: GeneSetCollection) -> None:
    with pytest.raises(FrozenInstanceError):
        pair["up"].name = "other"  # type: ignore[misc]
