"""GMT files: round trip, blanks in descriptions, and lines that are refused with their number."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import GeneSetError
from features.gene_sets import GeneSet, GeneSetCollection, GeneSetMember, load_gene_sets
from features.gmt import read_gmt, write_gmt
from features.symbols import SymbolTable


def test_round_trip_of_the_shipped_sets(tmp_path: Path) -> None:
    # Their descriptions hold blanks: split on white space, they would turn into genes.
    shipped = load_gene_sets()
    write_gmt(shipped, tmp_path / "sets.gmt")
    again = read_gmt(tmp_path / "sets.gmt")
    assert {name: s.genes for name, s in again.items()} == {
        name: s.genes for name, s in shipped.items()
    }
    assert [s.description for s in again.values()] == [s.description for s in shipped.values()]


def test_sets_of_a_user_are_marked_as_such(tmp_path: Path) -> None:
    (tmp_path / "mine.gmt").write_text("mine\tof my own\tFDX1\tLIAS\n")
    mine = read_gmt(tmp_path / "mine.gmt")["mine"]
    assert mine.group == "user"
    assert mine.direction is None
    assert mine.members[0] == GeneSetMember("FDX1", "mine.gmt, line 1")


@pytest.mark.parametrize(
    "text",
    [
        "one\t\tFDX1\tLIAS\n",
        "one\ta b\tFDX1\tLIAS\t\t\n",
        "\ufeffone\ta b\tFDX1\tLIAS\r\n\r\n",
        "one\ta b\tFDX1\t LIAS ",
    ],
    ids=["no description", "trailing tabs", "Windows", "blanks and no last line break"],
)
def test_harmless_variants_are_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "sets.gmt").write_bytes(text.encode())
    assert read_gmt(tmp_path / "sets.gmt")["one"].genes == ("FDX1", "LIAS")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("two of blanks FDX1 LIAS", "1 tab-separated cells"),
        ("two\tdescription only", "2 tab-separated cells"),
        ("\tdescription\tFDX1", "3 tab-separated cells"),
        ("two\tdescription\tFDX1\t\tLIAS", "an empty cell"),
        ("two\tdescription\tFDX1\tLIAS\tFDX1", "FDX1 twice"),
    ],
)
def test_malformed_line_is_refused_with_its_number(tmp_path: Path, line: str, found: str) -> None:
    (tmp_path / "sets.gmt").write_text(f"one\tdescription\tFDX1\n\n{line}\n")
    with pytest.raises(GeneSetError, match=rf"Line 3 of sets\.gmt.*{found}"):
        read_gmt(tmp_path / "sets.gmt")


def test_set_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sets.gmt").write_text("one\td\tFDX1\none\td\tLIAS\n")
    with pytest.raises(GeneSetError, match="gene sets: one"):
        read_gmt(tmp_path / "sets.gmt")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x1f\x8b\x08\x00\xff\xfe"])
def test_empty_and_binary_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sets.gmt").write_bytes(content)
    with pytest.raises(GeneSetError, match=r"sets\.gmt"):
        read_gmt(tmp_path / "sets.gmt")


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneSetError, match=r"none\.gmt cannot be read"):
        read_gmt(tmp_path / "none.gmt")


def test_symbols_are_resolved_on_request(tmp_path: Path) -> None:
    (tmp_path / "sets.gmt").write_text("one\td\tDRP1\tDNM1L\tMFF\tUNHEARDOF1\n")
    resolved = read_gmt(tmp_path / "sets.gmt", symbols=SymbolTable.panel())
    assert resolved["one"].genes == ("DNM1L", "MFF", "UNHEARDOF1")


def test_tab_in_a_description_is_not_written(tmp_path: Path) -> None:
    broken = GeneSet("one", "One", "a\tb", "user", (GeneSetMember("FDX1", "x"),))
    with pytest.raises(GeneSetError, match="tab"):
        write_gmt(GeneSetCollection([broken]), tmp_path / "sets.gmt")
    assert not (tmp_path / "sets.gmt").exists()
