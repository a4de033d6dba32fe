"""Any format in, one `Expression` out; what stands in the file decides, not its order."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.errors import (
    CoverageError,
    CupromarkError,
    ExcelDamageError,
    FormatError,
    GeneIdError,
    SampleError,
)
from features.reading import FORMATS, read_expression
from features.symbols import GeneRecord, SymbolTable

GENES = ["FDX1", "LIAS", "DLAT", "DNM1L", "MFN2", "SLC31A1"]
SAMPLES = ["tumour-1", "tumour-2", "tumour-3"]
WITH_IDS = SymbolTable.from_records(
    [
        GeneRecord("FDX1", "2230", "ENSG00000137714"),
        GeneRecord("LIAS", "11019", "ENSG00000121897"),
        GeneRecord("DLAT", "1737", "ENSG00000150768"),
    ]
)


def frame(genes: list[str], samples: list[str]) -> pd.DataFrame:
    """Samples x genes with values that float32 holds exactly."""
    values = 2 + np.arange(len(genes) * len(samples)).reshape(len(samples), -1) / 8
    return pd.DataFrame(values, index=samples, columns=genes)


def write(path: Path, table: pd.DataFrame, sep: str = ",") -> Path:
    table.to_csv(path, sep=sep, index_label="name")
    return path


def assert_same(actual: pd.DataFrame, expected: pd.DataFrame) -> None:
    expected = expected.astype(np.float32)
    pd.testing.assert_frame_equal(actual.loc[expected.index, expected.columns], expected)
    assert actual.shape == expected.shape


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    genes=st.permutations(GENES),
    samples=st.permutations(SAMPLES),
    layout=st.sampled_from(["csv", "tsv", "transposed", "parquet", "gzip", "crlf", "bom"]),
)
def test_order_and_layout_of_a_file_change_nothing(tmp_path, genes, samples, layout):
    expected = frame(GENES, SAMPLES)
    table = expected.loc[samples, genes]
    path = tmp_path / "table"
    if layout == "parquet":
        table.to_parquet(path)
    elif layout == "transposed":
        write(path, table.T)
    elif layout == "tsv":
        write(path, table, sep="\t")
    else:
        text = write(path, table).read_bytes()
        if layout == "gzip":
            text = gzip.compress(text)
        elif layout == "crlf":
            text = text.replace(b"\n", b"\r\n")
        elif layout == "bom":
            text = b"\xef\xbb\xbf" + text
        path.write_bytes(text)
    expression = read_expression(path, scale="rma_log2")
    assert_same(expression.values, expected)
    assert expression.samples == list(samples)
    assert expression.genes == list(genes)


def test_the_expression_is_float32_and_says_what_was_done(tmp_path):
    path = write(tmp_path / "table.csv", frame(GENES, SAMPLES))
    expression = read_expression(path, scale="rma_log2")
    assert (expression.values.dtypes == np.float32).all()
    assert expression.source == "table.csv"
    assert (expression.scale, expression.id_type) == ("rma_log2", "symbol")
    report = expression.report
    assert (report.format, report.orientation) == ("csv", "samples_by_genes")
    assert (report.n_samples, report.n_ids, report.n_genes) == (3, 6, 6)
    said = " ".join(report.steps)
    assert "Delimiter: comma" in said
    assert "Genes are the columns" in said
    assert "type symbol" in said


def test_previous_symbols_become_approved_ones(tmp_path):
    path = write(tmp_path / "table.csv", frame(["DRP1", "CTR1", "PARK2"], SAMPLES))
    expression = read_expression(path, scale="rma_log2")
    assert expression.genes == ["DNM1L", "SLC31A1", "PRKN"]
    assert expression.report.renamed["DRP1"] == "DNM1L"


@pytest.mark.parametrize(
    ("ids", "id_type"),
    [
        (["2230", "11019", "1737"], "entrez"),
        (["2230_at", "11019_at", "1737_at"], "entrez_at"),
        (["ENSG00000137714.8", "ENSG00000121897", "ENSG00000150768.3"], "ensembl"),
        (["FDX1 (2230)", "OLD (11019)", "DLAT (1737)"], "symbol_entrez"),
    ],
)
def test_ids_of_any_type_become_symbols(tmp_path, ids, id_type):
    path = write(tmp_path / "table.csv", frame(ids, SAMPLES))
    expression = read_expression(
        path, scale="rma_log2", symbols=WITH_IDS, orientation="samples_by_genes"
    )
    assert expression.genes == ["FDX1", "LIAS", "DLAT"]
    assert expression.id_type == id_type


@pytest.mark.parametrize(("rule", "merged"), [("mean", 5.0), ("max", 8.0), ("median", 4.0)])
def test_duplicated_genes_follow_the_declared_rule(tmp_path, rule, merged):
    path = tmp_path / "table.csv"
    path.write_text("name,FDX1,LIAS,FDX1,FDX1\ns1,3,7.5,4,8\n")
    expression = read_expression(path, scale="rma_log2", duplicate_genes=rule)
    assert expression.values.loc["s1", "FDX1"] == merged
    assert expression.report.duplicated == {"FDX1": 3}
    assert any("1 genes had several rows" in step for step in expression.report.steps)


def test_an_alias_beside_its_approved_symbol_is_a_duplicate(tmp_path):
    path = write(tmp_path / "table.csv", frame(["DNM1L", "DRP1", "FDX1"], ["s1"]))
    with pytest.raises(GeneIdError, match=r"DNM1L \(2\)"):
        read_expression(path, scale="rma_log2", duplicate_genes="error")


def test_duplicated_samples_are_refused(tmp_path):
    path = write(tmp_path / "table.csv", frame(GENES, ["s1", "s2", "s1"]))
    with pytest.raises(SampleError, match="more than once: s1"):
        read_expression(path, scale="rma_log2")


def test_a_gene_named_na_stays_a_gene(tmp_path):
    path = write(tmp_path / "table.csv", frame(["NA", "NaN", *GENES], SAMPLES))
    assert read_expression(path, scale="rma_log2").genes == ["NA", "NaN", *GENES]


def test_excel_damage_is_refused_with_its_row(tmp_path):
    path = write(tmp_path / "table.csv", frame([*GENES, "2-Sep"], SAMPLES).T)
    with pytest.raises(ExcelDamageError, match="row 7: 2-Sep"):
        read_expression(path, scale="rma_log2")


def test_mixed_id_types_are_refused(tmp_path):
    path = write(tmp_path / "table.csv", frame([*GENES, "ENSG00000137714"], SAMPLES))
    with pytest.raises(GeneIdError, match="several types"):
        read_expression(path, scale="rma_log2")


def test_a_file_without_any_wanted_gene_is_refused(tmp_path):
    path = write(tmp_path / "table.csv", frame(GENES, SAMPLES))
    with pytest.raises(CoverageError, match="None of the 1 genes"):
        read_expression(path, scale="rma_log2", wanted={"ATP7B"})


def test_genes_beyond_the_wanted_are_kept(tmp_path):
    path = write(tmp_path / "table.csv", frame(GENES, SAMPLES))
    assert read_expression(path, scale="rma_log2", wanted={"FDX1"}).genes == GENES


def test_an_unknown_format_is_named_with_the_known_ones(tmp_path):
    path = write(tmp_path / "table.csv", frame(GENES, SAMPLES))
    with pytest.raises(FormatError, match="csv, depmap, gct"):
        read_expression(path, scale="rma_log2", format="xlsx")


def test_every_format_of_the_issue_is_there():
    assert set(FORMATS) == {
        *("csv", "tsv", "parquet", "gct", "series_matrix", "xena", "depmap", "gdsc_rma", "h5ad")
    }


PLATFORMS = {
    "geo/GSE15709-GPL570_series_matrix.txt.gz": ("GPL570", "mas5_linear", 10),
    "geo/GSE27473_series_matrix.txt.gz": ("GPL570", "rma_log2", 6),
    "geo/GSE42872_series_matrix.txt.gz": ("GPL6244", "rma_log2", 6),
    "geo/GSE14520-GPL571_series_matrix.txt.gz": ("GPL571", "rma_log2", 43),
    "geo/GSE46806_series_matrix.txt": ("GPL96", "rma_log2", 6),
}


@pytest.mark.parametrize("name", PLATFORMS)
def test_real_series_are_read_with_their_platform_map(shared_data, name):
    platform, scale, n_samples = PLATFORMS[name]
    path = shared_data / name
    probe_map = shared_data / f"geo/platforms/{platform}_probe2symbol.tsv"
    expression = read_expression(path, scale=scale, platform_map=probe_map)
    assert expression.report.format == "series_matrix"
    assert expression.id_type == "probe"
    assert expression.values.shape[0] == n_samples
    assert expression.values.loc[:, ["FDX1", "DNM1L", "MFN2", "SLC31A1"]].notna().all(axis=None)
    assert expression.values.max(axis=None) < 20


@pytest.mark.parametrize(
    ("name", "scale", "known_format", "shape"),
    [
        ("ccle/CCLE_Expression_Entrez_2012-09-29.gct", "rma_log2", "gct", (421, 1000)),
        ("depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv", "log2_tpm", "depmap", (580, 324)),
        ("tcga/EBpp_AdjustPANCAN_cuproptosis_genes.tsv", "log2_fpkm", "xena", None),
        ("gdsc/Cell_line_RMA_proc_basalExp.txt.zip", "rma_log2", "gdsc_rma", (200, 500)),
    ],
)
@pytest.mark.parametrize("table", ["panel", "hgnc"])
def test_real_matrices_are_read_unchanged(shared_data, name, scale, known_format, shape, table):
    symbols = None
    if table == "hgnc":
        symbols = SymbolTable.from_hgnc(shared_data / "hgnc/hgnc_complete_set.txt.gz")
    expression = read_expression(
        shared_data / name, scale=scale, symbols=symbols, on_ambiguous="drop"
    )
    assert expression.report.format == known_format
    if shape is not None and table == "panel":
        assert expression.values.shape == shape


def test_real_depmap_values_equal_those_of_pandas(shared_data):
    path = shared_data / "depmap/OmicsExpressionProteinCodingGenesTPMLogp1.csv"
    expected = pd.read_csv(path, index_col=0, dtype={0: str})
    expression = read_expression(path, scale="log2_tpm")
    assert expression.samples == expected.index.tolist()
    np.testing.assert_array_equal(
        expression.values["AKT1"], expected["AKT1 (207)"].astype(np.float32)
    )
    np.testing.assert_array_equal(
        expression.values["PRKN"], expected["PARK2 (5071)"].astype(np.float32)
    )


def test_real_gct_values_equal_those_of_pandas(shared_data):
    path = shared_data / "ccle/CCLE_Expression_Entrez_2012-09-29.gct"
    expected = pd.read_csv(path, sep="\t", skiprows=2, index_col=0)
    expression = read_expression(path, scale="rma_log2")
    np.testing.assert_array_equal(
        expression.values["PNKD"], expected.loc["25953_at"].iloc[1:].astype(np.float32)
    )


@pytest.mark.parametrize(
    ("name", "scale", "message"),
    [
        ("geo/GSE12059_series_matrix.txt.gz", "rma_log2", "two-colour"),
        ("formats/P53_hgu95av2.gct.gz", "mas5_linear", "no platform map"),
        ("formats/GDS507.soft.gz", "mas5_linear", "SOFT"),
        ("geo/GSE46806_series_matrix.txt", "rma_log2", "platform map GPL96"),
        ("depmap/Model.csv", "log2_tpm", "not finite numbers"),
    ],
)
def test_real_files_that_cannot_be_used_are_refused(shared_data, name, scale, message):
    with pytest.raises(CupromarkError, match=message) as error:
        read_expression(shared_data / name, scale=scale)
    assert error.value.needed
    assert error.value.remedy


def test_a_map_of_another_name_is_used_where_its_probes_fit_and_that_is_said(shared_data):
    expression = read_expression(
        shared_data / "geo/GSE46806_series_matrix.txt",
        scale="rma_log2",
        platform_map=shared_data / "geo/platforms/GPL570_probe2symbol.tsv",
    )
    said = " ".join(expression.report.steps)
    assert "The map is named GPL570 and the samples are GPL96" in said
    assert "GPL96, GPL1355, GPL10352" in said


def test_a_map_of_another_array_is_refused(shared_data):
    with pytest.raises(GeneIdError, match=r"knows 0\.0%"):
        read_expression(
            shared_data / "geo/GSE46806_series_matrix.txt",
            scale="rma_log2",
            platform_map=shared_data / "geo/platforms/GPL6244_probe2symbol.tsv",
        )


def test_values_survive_a_round_trip_through_every_text_number_form(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('name,FDX1,"LIAS",DLAT,MFN2\n"s1",1e1,.5,7.,"3.25"\n')
    values = read_expression(path, scale="log2_tpm").values
    expected = pd.read_csv(io.StringIO("FDX1,LIAS,DLAT,MFN2\n10,0.5,7,3.25\n"), dtype=np.float32)
    np.testing.assert_array_equal(values.to_numpy(), expected.to_numpy())
