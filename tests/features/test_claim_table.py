"""Tables of claims: what is read, and what is refused with line and column."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from features.claim_table import Claim, parse_claims, read_claims
from features.errors import ClaimError, FeaturesError

ROW = Claim(
    "mff-up-cisplatin-resistance-hcc",
    gene="MFF",
    process=None,
    change="up",
    agent=None,
    agent_class=None,
    cancer="hepatocellular carcinoma",
    drug="Cisplatin",
    drug_class="platinum",
    effect="resistance",
    direction_when_high="resistance",
    evidence="cell line; xenograft",
    testable_hint="expression",
    source_file="own.txt",
    section="§1",
    reference=None,
    context=None,
    statement="More MFF goes with resistance.",
)
COLUMNS = [field.name for field in fields(Claim)]


def table_of(*claims: Claim, columns: list[str] = COLUMNS) -> str:
    rows = [[getattr(claim, column) or "" for column in columns] for claim in claims]
    return "\n".join("\t".join(cells) for cells in [columns, *rows]) + "\n"


def test_parsing_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    text = table_of(ROW, columns=COLUMNS[::-1]).replace("\n", "\r\n")
    path.write_text("\ufeff" + text + "\r\n", encoding="utf-8", newline="")
    assert read_claims(path) == (ROW,)


def test_cells_may_hold_quotes_and_line_separators() -> None:
    odd = replace(ROW, statement='Fission in "excess"\u2028helps.')
    assert parse_claims(table_of(odd), name="own.tsv") == (odd,)


def test_unknown_genes_and_drugs_load() -> None:
    unknown = replace(ROW, gene="DRP1-LIKE", drug="Nosuchdrug")
    assert parse_claims(table_of(unknown), name="own.tsv") == (unknown,)


@pytest.mark.parametrize(
    ("change", "column", "found"),
    [
        ({"claim_id": "Mff up"}, "claim_id", "'Mff up'"),
        ({"change": "raised"}, "change", "'raised'"),
        ({"effect": "death"}, "effect", "'death'"),
        ({"evidence": "cell line; hearsay"}, "evidence", "'cell line; hearsay'"),
        ({"drug_class": ""}, "drug_class", "an empty cell"),
        ({"statement": " "}, "statement", "an empty cell"),
        ({"direction_when_high": "sensitivity"}, "direction_when_high", "'sensitivity'"),
        ({"direction_when_high": None}, "direction_when_high", "an empty cell"),
        ({"process": "mitochondrial_fission"}, "process", "'mitochondrial_fission'"),
        ({"gene": None}, "gene", "an empty cell"),
        ({"agent": "Mdivi-1"}, "agent_class", "an empty cell"),
    ],
)
def test_errors_name_line_column_and_what_was_found(
    change: dict[str, str | None], column: str, found: str
) -> None:
    bad = replace(ROW, **({"claim_id": "second"} | change))  # type: ignore[arg-type]
    with pytest.raises(ClaimError) as caught:
        parse_claims(table_of(ROW, bad), name="own.tsv")
    assert caught.value.found == f"Line 3 of own.tsv, column {column}: {found}."
    assert caught.value.needed
    assert caught.value.remedy
    assert isinstance(caught.value, FeaturesError)


def test_repeated_id_is_refused() -> None:
    with pytest.raises(ClaimError, match=r"Line 3 of own\.tsv, column claim_id: 'mff-up"):
        parse_claims(table_of(ROW, ROW), name="own.tsv")


def test_rows_of_another_length_are_refused() -> None:
    with pytest.raises(ClaimError, match=r"Line 2 of own\.tsv holds 17 cells"):
        parse_claims(table_of(ROW).replace("MFF\t", "", 1), name="own.tsv")


@pytest.mark.parametrize(
    ("header", "said"),
    [("\t".join(COLUMNS[1:]), "lacks the columns claim_id"), (",".join(COLUMNS), "claim_id,gene")],
)
def test_wrong_columns_are_refused(header: str, said: str) -> None:
    with pytest.raises(ClaimError, match=said):
        parse_claims(f"{header}\n", name="own.tsv")


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.tsv"
    path.write_bytes(b"\xff\xfe\x00")
    for bad in (path, tmp_path / "missing.tsv"):
        with pytest.raises(ClaimError, match=f"{bad.name} cannot be read"):
            read_claims(bad)
