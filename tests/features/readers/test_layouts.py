"""Xena, DepMap, GDSC, Parquet and h5ad: layouts that fix what stands where."""

from __future__ import annotations

import sys
import warnings
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from features.errors import CellError, FormatError, LimitError, ReadError
from features.reading import ReadLimits, read_expression
from features.symbols import GeneRecord, SymbolTable

WITH_IDS = SymbolTable.from_records(
    [GeneRecord("FDX1", "2230"), GeneRecord("LIAS", "11019"), GeneRecord("DLAT", "1737")]
)
XENA = "sample\tTCGA-OR-A5J1-01\tTCGA-OR-A5J2-01\nFDX1\t3.5\t4.5\nLIAS\t5\t6\n"
DEPMAP = ",FDX1 (2230),OLD (11019)\nACH-000001,3.5,5\nACH-000002,4.5,6\n"
DEPMAP_25 = (
    "SequencingID,ModelID,IsDefaultEntryForModel,FDX1 (2230),LIAS (11019)\n"
    "CDS-1,ACH-000001,Yes,3.5,5\nCDS-2,ACH-000001,No,9,9\nCDS-3,ACH-000002,Yes,4.5,6\n"
)
GDSC = (
    "GENE_SYMBOLS\tGENE_title\tDATA.906826\tDATA.1503362\tDATA.1503362.1\n"
    "FDX1\tferredoxin \"1\t3.5\t4\t5\nLIAS\tsynthase, 5'\t5\t6\t6\n\tno symbol\t9\t9\t9\n"
)
TABLE = pd.DataFrame(
    {"FDX1": [3.5, 4.5], "LIAS": [5.0, 6.0]}, index=pd.Index(["s1", "s2"], name="sample")
)


def save(tmp_path, text, name="table.txt"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_xena_is_recognised_and_read(tmp_path):
    expression = read_expression(save(tmp_path, XENA), scale="log2_fpkm")
    assert expression.report.format == "xena"
    assert expression.values.loc["TCGA-OR-A5J2-01"].to_dict() == {"FDX1": 4.5, "LIAS": 6}


def test_transposed_xena_is_refused_and_csv_is_the_way_out(tmp_path):
    path = save(tmp_path, "sample\tFDX1\tLIAS\nTCGA-OR-A5J1-01\t3.5\t5\n")
    with pytest.raises(FormatError, match=r"transposed.*format csv"):
        read_expression(path, scale="log2_fpkm", format="xena")
    assert read_expression(path, scale="log2_fpkm", format="csv").genes == ["FDX1", "LIAS"]


def test_depmap_takes_the_entrez_id_first(tmp_path):
    expression = read_expression(save(tmp_path, DEPMAP), scale="log2_tpm", symbols=WITH_IDS)
    assert expression.report.format == "depmap"
    assert expression.values.loc["ACH-000001"].to_dict() == {"FDX1": 3.5, "LIAS": 5}


def test_depmap_of_2025_keeps_the_default_row_of_a_model(tmp_path):
    expression = read_expression(save(tmp_path, DEPMAP_25), scale="log2_tpm", symbols=WITH_IDS)
    assert expression.samples == ["ACH-000001", "ACH-000002"]
    assert expression.values["FDX1"].tolist() == [3.5, 4.5]
    assert any("2 of 3 rows are the default" in step for step in expression.report.steps)


def test_transposed_depmap_is_refused_and_csv_is_the_way_out(tmp_path):
    text = ",ACH-000001,ACH-000002\nFDX1 (2230),3.5,4.5\nLIAS (11019),5,6\n"
    path = save(tmp_path, text)
    with pytest.raises(FormatError, match=r"transposed.*format csv"):
        read_expression(path, scale="log2_tpm", format="depmap")
    expression = read_expression(path, scale="log2_tpm", symbols=WITH_IDS)
    assert expression.samples == ["ACH-000001", "ACH-000002"]


def test_depmap_names_bad_cells_by_sample_and_gene(tmp_path):
    path = save(tmp_path, DEPMAP.replace("4.5", ""))
    with pytest.raises(CellError, match=r"sample ACH-000002, gene FDX1 \(2230\): an empty cell"):
        read_expression(path, scale="log2_tpm")


def test_gdsc_averages_arrays_of_one_line_and_drops_rows_without_symbol(tmp_path):
    path = tmp_path / "expression.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("expression.txt", GDSC)
    expression = read_expression(path, scale="rma_log2")
    assert expression.report.format == "gdsc_rma"
    assert expression.values["FDX1"].to_dict() == {"906826": 3.5, "1503362": 4.5}
    said = " ".join(expression.report.steps)
    assert "averaged: 1503362 (2)" in said
    assert "1 rows have no gene symbol" in said


def test_gdsc_with_other_columns_is_refused(tmp_path):
    path = save(tmp_path, GDSC.replace("DATA.906826", "A549"))
    with pytest.raises(FormatError, match="A549"):
        read_expression(path, scale="rma_log2")


@pytest.mark.parametrize("transposed", [False, True])
def test_parquet_is_read_in_either_orientation(tmp_path, transposed):
    path = tmp_path / "table.parquet"
    (TABLE.T if transposed else TABLE).to_parquet(path)
    expression = read_expression(path, scale="log2_tpm")
    assert expression.values.loc["s2"].to_dict() == {"FDX1": 4.5, "LIAS": 6}
    assert expression.report.format == "parquet"


def test_parquet_nulls_are_named(tmp_path):
    path = tmp_path / "table.parquet"
    TABLE.replace(4.5, np.nan).to_parquet(path)
    with pytest.raises(CellError, match="row s2, column FDX1"):
        read_expression(path, scale="log2_tpm")


def test_parquet_without_names_is_refused(tmp_path):
    path = tmp_path / "table.parquet"
    TABLE.reset_index(drop=True).to_parquet(path)
    with pytest.raises(FormatError, match="0 text columns"):
        read_expression(path, scale="log2_tpm")


def test_parquet_that_decompresses_to_more_than_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "table.parquet"
    n_rows = 200_000
    columns = {"name": pa.array(["s"] * n_rows), "FDX1": pa.array(np.zeros(n_rows))}
    parquet.write_table(pa.table(columns), path)
    assert path.stat().st_size < 20_000
    with pytest.raises(LimitError, match="200,000 rows x 2"):
        read_expression(path, scale="log2_tpm", limits=ReadLimits(max_bytes=1_000_000))


def test_damaged_parquet_is_refused(tmp_path):
    path = tmp_path / "table.parquet"
    TABLE.to_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ReadError, match="damaged"):
        read_expression(path, scale="log2_tpm")


@pytest.fixture
def h5ad_path(tmp_path):
    anndata = pytest.importorskip("anndata")
    path = tmp_path / "table.h5ad"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        anndata.AnnData(
            TABLE.to_numpy(np.float32),
            obs=pd.DataFrame(index=TABLE.index),
            var=pd.DataFrame(index=TABLE.columns),
        ).write_h5ad(path)
    return path


def test_h5ad_is_refused_unless_allowed(h5ad_path):
    with pytest.raises(FormatError, match="command line only"):
        read_expression(h5ad_path, scale="log2_tpm")


def test_h5ad_is_read_where_allowed(h5ad_path):
    expression = read_expression(h5ad_path, scale="log2_tpm", allow_h5ad=True)
    assert expression.values.loc["s2"].to_dict() == {"FDX1": 4.5, "LIAS": 6}


def test_h5ad_over_the_limit_is_refused(h5ad_path):
    with pytest.raises(LimitError, match="2 x 2"):
        read_expression(
            h5ad_path, scale="log2_tpm", allow_h5ad=True, limits=ReadLimits(max_bytes=16)
        )


def test_without_anndata_the_extra_is_named(h5ad_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "anndata", None)
    with pytest.raises(ReadError, match=r"cupromark\[h5ad\]"):
        read_expression(h5ad_path, scale="log2_tpm", allow_h5ad=True)
