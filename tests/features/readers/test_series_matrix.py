"""GEO series matrix and platform maps."""

from __future__ import annotations

import gzip

import pytest

from features.errors import FormatError, GeneIdError, ReadError
from features.reading import read_expression

SERIES = (
    '!Series_geo_accession\t"GSE1"\n!Series_platform_id\t"GPL1"\n!Series_platform_id\t"GPL2"\n'
    '!Sample_platform_id\t"GPL2"\t"GPL2"\n!Sample_channel_count\t"1"\t"1"\n'
    "!series_matrix_table_begin\n"
    '"ID_REF"\t"GSM1"\t"GSM2"\n"p1_s_at"\t3.5\t4.5\n"p2_at"\t5\t6\n"p3_at"\t7\t8\n'
    '"AFFX-x_at"\t2\t3\n!series_matrix_table_end\n'
)
MAP = "probe_id\tsymbol\np1_s_at\tFDX1\np2_at\tFDX1\np3_at\tLIAS\n"


def read(tmp_path, text=SERIES, probe_map=MAP, name="GPL2.tsv"):
    path, map_path = tmp_path / "GSE1_series_matrix.txt", tmp_path / name
    path.write_text(text)
    map_path.write_text(probe_map)
    return read_expression(path, scale="rma_log2", platform_map=map_path)


def test_probes_of_one_gene_are_merged_and_the_platform_is_said(tmp_path):
    expression = read(tmp_path)
    assert expression.values.loc["GSM1"].to_dict() == {"FDX1": 4.25, "LIAS": 7}
    assert expression.report.duplicated == {"FDX1": 2}
    said = " ".join(expression.report.steps)
    assert "names the platforms GPL1, GPL2; the samples of this file are GPL2" in said
    assert "3 of 4 probes have a gene" in said


def test_gzip_changes_nothing(tmp_path):
    plain = read(tmp_path)
    packed = tmp_path / "packed.txt.gz"
    packed.write_bytes(gzip.compress(SERIES.encode()))
    again = read_expression(packed, scale="rma_log2", platform_map=tmp_path / "GPL2.tsv")
    assert again.values.equals(plain.values)


@pytest.mark.parametrize(
    "probe_map",
    [
        MAP.replace("p3_at\tLIAS", "p3_at\tLIAS /// DLAT"),
        MAP + "p3_at\tDLAT\n",
    ],
)
def test_a_probe_of_several_genes_is_dropped_and_counted(tmp_path, probe_map):
    expression = read(tmp_path, probe_map=probe_map)
    assert expression.genes == ["FDX1"]
    assert any("1 fit several genes" in step for step in expression.report.steps)


def test_an_annotation_table_of_geo_serves_as_map(tmp_path):
    annotation = "#ID = probe\nID\tGB_ACC\tGene Symbol\n" + "".join(
        f"{probe}\tx\t{gene}\n" for probe, gene in (("p1_s_at", "FDX1"), ("p3_at", "LIAS"))
    )
    assert read(tmp_path, probe_map=annotation).genes == ["FDX1", "LIAS"]


def test_a_map_of_another_array_is_refused_by_its_share(tmp_path):
    with pytest.raises(GeneIdError, match=r"knows 0\.0% of the 4 ids") as error:
        read(tmp_path, probe_map="probe_id\tsymbol\nq1_at\tFDX1\n")
    assert "GPL2" in error.value.needed


def test_a_table_without_probe_and_symbol_is_no_map(tmp_path):
    with pytest.raises(FormatError, match="the columns a, b"):
        read(tmp_path, probe_map="a\tb\n1\t2\n")


@pytest.mark.parametrize("ids", ["p1_s_at", "7892501"])
def test_probes_without_a_map_name_the_platform_that_is_needed(tmp_path, ids):
    text = SERIES
    if ids.isdecimal():
        for number, probe in enumerate(("p1_s_at", "p2_at", "p3_at", "AFFX-x_at")):
            text = text.replace(probe, str(int(ids) + number))
    else:
        text = text.replace('"p', '"1')
    path = tmp_path / "series.txt"
    path.write_text(text)
    with pytest.raises(GeneIdError, match="platform map GPL2"):
        read_expression(path, scale="rma_log2")


def test_two_colour_ratios_are_refused(tmp_path):
    with pytest.raises(FormatError, match="two-colour"):
        read(tmp_path, SERIES.replace('count\t"1"\t"1"', 'count\t"2"\t"2"'))


@pytest.mark.parametrize("lost", ["!series_matrix_table_end\n", "2\t3\n!series_matrix_table_end\n"])
def test_a_truncated_series_is_refused(tmp_path, lost):
    with pytest.raises(FormatError, match="truncated"):
        read(tmp_path, SERIES.replace(lost, ""))


def test_a_series_without_a_table_is_refused(tmp_path):
    head, _ = SERIES.split("!series_matrix_table_begin")
    with pytest.raises(FormatError, match="holds no !series_matrix_table_begin"):
        read(tmp_path, head)


def test_a_series_with_an_empty_table_is_refused(tmp_path):
    head, _ = SERIES.split('"p1_s_at"')
    with pytest.raises(ReadError, match="a header and no rows"):
        read(tmp_path, head + "!series_matrix_table_end\n")


def test_cells_are_named_by_probe_and_sample(tmp_path):
    with pytest.raises(ReadError, match="probe p2_at, sample GSM2: 'null'"):
        read(tmp_path, SERIES.replace("5\t6", "5\tnull"))


def test_a_series_of_one_sample_finds_its_end(tmp_path):
    text = (
        "!Series_geo_accession\tGSE1\n!series_matrix_table_begin\nID_REF\tGSM1\n"
        "p1_s_at\t3.5\np3_at\t7\n!series_matrix_table_end\n"
    )
    assert read(tmp_path, text).values.shape == (1, 2)
