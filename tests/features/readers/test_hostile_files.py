"""Every bad input gets one error that says what was found, what is needed and what to do."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import (
    CellError,
    CupromarkError,
    FormatError,
    LimitError,
    ReadError,
    SampleError,
    ScaleError,
)
from features.reading import ReadLimits, read_expression

GOOD = b"name,FDX1,LIAS,DLAT\ns1,3.5,4.25,5\ns2,6,7,8.5\n"


def good_rows(n_rows: int) -> bytes:
    rng = np.random.default_rng(0)
    rows = [f"s{n},{','.join(f'{v:.6f}' for v in rng.uniform(3, 9, 3))}\n" for n in range(n_rows)]
    return b"name,FDX1,LIAS,DLAT\n" + "".join(rows).encode()


HOSTILE: dict[str, tuple[bytes, type[CupromarkError], str]] = {
    "empty": (b"", ReadError, "is empty"),
    "blank": (b" \n\n", ReadError, "no text"),
    "header_only": (b"name,FDX1,LIAS\n", FormatError, "a header and no rows"),
    "blank_row": (b"name,FDX1,LIAS\n\n", FormatError, "a header and no rows"),
    "binary": (b"\x00\x01\x02\x03" * 50, FormatError, "binary"),
    "xls": (b"\xd0\xcf\x11\xe0" + b"\x00" * 60, FormatError, "Excel"),
    "html": (b"<!DOCTYPE html><html>404</html>\n", FormatError, "web page"),
    "utf16": ("name,FDX1\ns1,2\n".encode("utf-16"), FormatError, "UTF-16"),
    "latin1": (GOOD.replace(b"s2", b"s\xe9"), FormatError, r"line 3, is not UTF-8"),
    "blanks": (b"name FDX1 LIAS\ns1 3.5 4.5\n", FormatError, "one column"),
    "pipes": (b"name|FDX1|LIAS\ns1|3.5|4.5\n", FormatError, "one column"),
    "old_mac": (GOOD.replace(b"\n", b"\r"), FormatError, "old Mac"),
    "text": (GOOD.replace(b"4.25", b"high"), CellError, "row s1, column LIAS: 'high'"),
    "nan": (GOOD.replace(b"4.25", b"NaN"), CellError, "row s1, column LIAS: 'NaN'"),
    "na": (GOOD.replace(b"4.25", b"NA"), CellError, "'NA'"),
    "infinite": (GOOD.replace(b"4.25", b"-inf"), CellError, "'-inf'"),
    "overflow": (GOOD.replace(b"4.25", b"1e39"), CellError, "'1e39'"),
    "null": (GOOD.replace(b"4.25", b""), CellError, "an empty cell"),
    "underscore": (GOOD.replace(b"4.25", b"4_2"), ReadError, "4_2"),
    "ragged": (GOOD.replace(b"6,7,8.5", b"6,7"), FormatError, "line 3 .s2., has 3 fields"),
    "decimal_comma": (
        b"name;FDX1;LIAS\ns1;3,5;4,25\n",
        CellError,
        "export the table with a decimal point",
    ),
    "decimal_comma_in_csv": (
        b"name,FDX1,LIAS\ns1,3,5,4,25\n",
        FormatError,
        "look like decimal commas",
    ),
    "unnamed_gene": (b"name,FDX1,LIAS, \ns1,3.5,4,5\n", FormatError, "gene.s. have no name"),
    "unnamed_sample": (b"name,FDX1,LIAS\n,3.5,4\n", SampleError, "sample.s. have no name"),
    "no_gene_on_either_side": (b"name,a1,b1\nx,3.5,4\n", FormatError, "cannot be told apart"),
    "negative_linear": (GOOD.replace(b"4.25", b"-90"), ScaleError, "from -90 to 8.5"),
    "empty_first_line": (b"\n" + GOOD, FormatError, "one column|empty line"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_in_plain_words(tmp_path, case):
    content, kind, message = HOSTILE[case]
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(kind, match=message) as error:
        read_expression(path, scale="rma_log2")
    assert all([error.value.found, error.value.needed, error.value.remedy])
    assert "table.csv" in str(error.value)


@pytest.mark.parametrize("pack", [gzip.compress, None])
def test_five_bad_cells_are_named_and_the_rest_counted(tmp_path, pack):
    content = b"name,FDX1,LIAS,DLAT\n" + b"".join(b"s%d,x,3.5,\n" % n for n in range(50))
    path = tmp_path / "table.csv.gz"
    path.write_bytes(pack(content) if pack else content)
    with pytest.raises(CellError, match=r"100 cell.*and 95 more") as error:
        read_expression(path, scale="rma_log2")
    assert error.value.found.count("column") == 5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "There is no file"),
        (lambda path: path.mkdir(), "is a folder"),
    ],
)
def test_a_path_that_is_no_file_is_a_read_error(
    tmp_path, make: Callable[[Path], object], message: str
):
    make(tmp_path / "table.csv")
    with pytest.raises(ReadError, match=message):
        read_expression(tmp_path / "table.csv", scale="rma_log2")


@pytest.mark.parametrize("keep", [12, 0.5, 0.999])
def test_a_truncated_gzip_is_refused(tmp_path, keep):
    packed = gzip.compress(good_rows(2_000))
    path = tmp_path / "table.csv.gz"
    path.write_bytes(packed[: keep if keep > 1 else int(len(packed) * keep)])
    with pytest.raises(ReadError, match="truncated or damaged"):
        read_expression(path, scale="rma_log2")


@pytest.mark.parametrize("container", ["gzip", "zip"])
def test_a_bomb_is_stopped_by_its_ratio_after_a_tenth_of_it(tmp_path, container):
    path = tmp_path / "table.csv"
    row = b"s1,3.5,4.25,5\n" * 2**16
    if container == "gzip":
        with gzip.open(path, "wb") as stream:
            stream.write(b"name,FDX1,LIAS,DLAT\n")
            for _ in range(200):
                stream.write(row)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("table.csv", b"name,FDX1,LIAS,DLAT\n" + row * 200)
    with pytest.raises(LimitError, match="decompression bomb") as error:
        read_expression(path, scale="rma_log2", limits=ReadLimits(max_ratio=40))
    n_bytes_read = re.search(r"more than ([\d,]+) bytes", error.value.found)
    assert n_bytes_read is not None
    assert int(n_bytes_read[1].replace(",", "")) < 20 * 2**20


def test_a_line_without_end_is_stopped(tmp_path):
    path = tmp_path / "table.csv.gz"
    with gzip.open(path, "wb") as stream:
        for _ in range(100):
            stream.write(b"FDX1," * 200_000)
    with pytest.raises(LimitError):
        read_expression(path, scale="rma_log2")


@pytest.mark.parametrize("pack", [gzip.compress, None])
def test_a_file_over_the_limit_is_refused(tmp_path, pack):
    path = tmp_path / "table.csv"
    content = good_rows(3_000)
    path.write_bytes(pack(content) if pack else content)
    with pytest.raises(LimitError, match="at most 70,000 bytes"):
        read_expression(path, scale="rma_log2", limits=ReadLimits(max_bytes=70_000))
    within = ReadLimits(max_bytes=len(content))
    assert read_expression(path, scale="rma_log2", limits=within).values.shape == (3_000, 3)


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_with_one_table_is_read(tmp_path):
    path = write_zip(tmp_path / "table.zip", {"table.csv": GOOD, "__MACOSX/._table.csv": b"x"})
    assert read_expression(path, scale="rma_log2").samples == ["s1", "s2"]


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"a.csv": GOOD, "b.csv": GOOD}, "holds 2 files: a.csv, b.csv"),
        ({"xl/workbook.xml": b"<workbook/>"}, "Excel workbook"),
        ({"table.csv.gz": gzip.compress(GOOD)}, "a gzip within an archive"),
        ({"readme.html": b"<html></html>"}, "web page"),
    ],
)
def test_a_zip_of_anything_else_is_refused(tmp_path, members, message):
    with pytest.raises(FormatError, match=message):
        read_expression(write_zip(tmp_path / "table.zip", members), scale="rma_log2")


def test_a_truncated_zip_is_refused(tmp_path):
    path = write_zip(tmp_path / "table.zip", {"table.csv": good_rows(500)})
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ReadError, match="truncated or damaged"):
        read_expression(path, scale="rma_log2")


def test_a_zip_with_a_wrong_checksum_is_refused(tmp_path):
    path = write_zip(tmp_path / "table.zip", {"table.csv": good_rows(500)})
    path.write_bytes(path.read_bytes().replace(b"s499,", b"s498,"))
    with pytest.raises(ReadError, match="CRC"):
        read_expression(path, scale="rma_log2")


def test_the_old_header_of_r_is_understood_and_said(tmp_path):
    path = tmp_path / "table.txt"
    path.write_text("FDX1\tLIAS\ns1\t3.5\t4.5\n")
    expression = read_expression(path, scale="rma_log2")
    assert expression.values.to_dict("index") == {"s1": {"FDX1": 3.5, "LIAS": 4.5}}
    assert any("as R writes it" in step for step in expression.report.steps)


def test_a_table_far_longer_on_one_side_has_its_genes_there(tmp_path):
    genes = [f"gene-{n}" for n in range(1_200)]
    pd.DataFrame({"s1": np.linspace(3, 9, 1_200)}, index=genes).to_csv(tmp_path / "table.csv")
    expression = read_expression(tmp_path / "table.csv", scale="rma_log2")
    assert expression.values.shape == (1, 1_200)
    assert any("the longer side" in step for step in expression.report.steps)
