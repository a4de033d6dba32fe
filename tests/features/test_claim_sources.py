"""The shipped claims against the reviews: every section, reference, gene and drug is there."""

from __future__ import annotations

import csv
import gzip
import re
from functools import cache
from pathlib import Path

import pytest

from features.claims import Claim, load_claims

MITOCHONDRIAL = "mitochondrial-dynamics-cisplatin.txt"
CUPROPTOSIS = "cuproptosis-drug-resistance.txt"
GENERAL = "mechanisms-of-drug-resistance.txt"
# Where a review writes a gene in a way that no table of names holds.
AS_PRINTED = {
    "MFN1": {"Mfn1/2"},
    "MFN2": {"Mfn1/2"},
    "XIAP": {"XIXP"},
    "ABCC1": {"ABCC1"},
    "AKT1": {"AKT"},
    "BCL2": {"Bel-2"},
    "JUN": {"c-jun"},
    "NFE2L2": {"Nrf2"},
}
DRUGS_AS_PRINTED = {"Sulfasalazine": "Salicylazosulfapyridine"}
MITOCHONDRIAL_TABLES = {
    "Table 1": r"\| Target \|(.*?)\| Pharmacologic",
    "Table 2": r"\| Pharmacologic(.*?)\| Cisplatin-based",
    "Table 3": r"\| Cisplatin-based(.*?)Peer Reviews",
}
# These tables are images; what was read off them stands at the end, the last table first.
CUPROPTOSIS_TABLES = {
    "Table 3": r"^ DSF@CuO gel induces(.*?)^ Compoun Tumor",
    "Table 2": r"^ Compoun Tumor(.*?)^ /SLC31A1",
    "Table 1": r"(^ /SLC31A1.*)",
}


def place_of(review: str, section: str) -> str:
    """Give the pattern of a section: from its heading to the next."""
    number = re.escape(section.removeprefix("§"))
    if review == GENERAL:
        return rf"^{section}$(.*?)^(Description|Conclusion|Acknowledgement)$"
    if review == MITOCHONDRIAL:
        number_alone = rf"^{number}$(.*?)^(\d(\.\d)?|The reference list.*)$"
        return MITOCHONDRIAL_TABLES.get(section, number_alone)
    if section.startswith("Figure"):
        return rf"{section.upper()} \|([^\n]*)"
    numbered = rf"(?:^ ?|\]){number} [A-Z](.*?)(?:^ ?|\])\d(\.\d)* [A-Z]"
    return CUPROPTOSIS_TABLES.get(section, numbered)


@cache
def section_of(review: Path, section: str) -> str:
    text = review.read_text(encoding="utf-8")
    found = re.search(place_of(review.name, section), text, re.MULTILINE | re.DOTALL)
    assert found is not None, (review.name, section)
    return str(found[1]).replace("etal.", "et al.")


def numbers_cited(text: str) -> set[int]:
    cited: set[int] = set()
    for group in re.findall(r"\(([\d,\s\u2013]+)\)", text):
        for part in group.split(","):
            first, _, last = part.strip().partition("\u2013")
            cited |= set(range(int(first), int(last or first) + 1)) if first else set()
    return cited | {int(number) for number in re.findall(r"\[(\d+)\]", text)}


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


@pytest.fixture(scope="module")
def claims() -> tuple[Claim, ...]:
    return load_claims()


@pytest.fixture(scope="module")
def reviews(shared_data: Path) -> Path:
    folder = shared_data.parent / "seeds"
    if not folder.is_dir():
        pytest.skip("the reviews do not lie beside this mirror")
    return folder


@pytest.fixture(scope="module")
def names_of_genes(shared_data: Path) -> dict[str, set[str]]:
    """Approved symbols with every other name, read here without the code under test."""
    with gzip.open(shared_data / "hgnc" / "hgnc_complete_set.txt.gz", "rt") as table:
        rows = [row for row in csv.DictReader(table, delimiter="\t") if row["status"] == "Approved"]
    names = {
        row["symbol"]: {
            row["symbol"],
            *row["alias_symbol"].split("|"),
            *row["prev_symbol"].split("|"),
        }
        for row in rows
    }
    ours = Path("features/data/gene_aliases.tsv")
    with (Path(__file__).parents[2] / ours).open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            names[row["symbol"]].add(row["alias"])
    return {
        symbol: (found | AS_PRINTED.get(symbol, set())) - {""} for symbol, found in names.items()
    }


def test_every_section_and_reference_is_in_the_review(
    claims: tuple[Claim, ...], reviews: Path
) -> None:
    for claim in claims:
        text = section_of(reviews / claim.source_file, claim.section)
        separator = "; " if claim.source_file == CUPROPTOSIS else ", "
        for reference in claim.reference.split(separator) if claim.reference else ():
            if reference.isdigit():
                assert int(reference) in numbers_cited(text), claim
            else:
                # The tables break lines between the authors and the year.
                authors, _, year = reference.rpartition(" ")
                assert reference in text or (authors in text and year in text), claim


def test_every_gene_is_approved_and_named_in_its_section(
    claims: tuple[Claim, ...], reviews: Path, names_of_genes: dict[str, set[str]]
) -> None:
    for claim in claims:
        if claim.gene:
            text = plain(section_of(reviews / claim.source_file, claim.section))
            assert any(plain(name) in text for name in names_of_genes[claim.gene]), claim


def test_every_drug_is_named_in_its_review(claims: tuple[Claim, ...], reviews: Path) -> None:
    for claim in claims:
        if claim.drug:
            text = (reviews / claim.source_file).read_text(encoding="utf-8")
            assert plain(DRUGS_AS_PRINTED.get(claim.drug, claim.drug)) in plain(text), claim


def test_statements_are_not_copied(claims: tuple[Claim, ...], reviews: Path) -> None:
    texts = {path.name: plain(path.read_text(encoding="utf-8")) for path in reviews.glob("*.txt")}
    for claim in claims:
        words = claim.statement.split()
        for start in range(max(1, len(words) - 7)):
            assert plain("".join(words[start : start + 8])) not in texts[claim.source_file], claim
