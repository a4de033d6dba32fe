"""GCT 1.2 and 1.3."""

from __future__ import annotations

import pytest

from features.errors import FormatError, GeneIdError
from features.reading import read_expression
from features.symbols import GeneRecord, SymbolTable

HEAD = "#1.2\n3\t2\nName\tDescription\ts1\ts2\n"
SYMBOLS = HEAD + "FDX1\tna\t3.5\t4.5\nLIAS\tna\t5\t6\nDLAT\tna\t7\t8.5\n"


def read(tmp_path, text, **options):
    path = tmp_path / "table.gct"
    path.write_text(text)
    return read_expression(path, scale="rma_log2", **options)


def test_symbols_in_name_are_taken(tmp_path):
    expression = read(tmp_path, SYMBOLS)
    assert expression.values.loc["s2"].to_dict() == {"FDX1": 4.5, "LIAS": 6, "DLAT": 8.5}
    assert expression.report.format == "gct"


def test_padding_of_the_header_is_dropped_and_said(tmp_path):
    padded = SYMBOLS.replace("#1.2\n", "#1.2\t\t\t\n").replace("3\t2\n", "3\t2\t\t\n")
    expression = read(tmp_path, padded)
    assert expression.values.equals(read(tmp_path, SYMBOLS).values)
    assert any("padded" in step for step in expression.report.steps)


def test_the_entrez_id_wins_over_an_outdated_symbol(tmp_path):
    table = SymbolTable.from_records([GeneRecord("FDX1", "2230"), GeneRecord("LIAS", "11019")])
    text = HEAD + "2230_at\tLIAS\t3.5\t4.5\nLOC11019_at\tOLD\t5\t6\n999_at\tDLAT\t7\t8\n"
    expression = read(tmp_path, text, symbols=table)
    assert expression.genes == ["FDX1", "LIAS", "DLAT"]
    assert expression.id_type == "entrez_at"


def test_controls_among_entrez_ids_are_dropped(tmp_path):
    text = HEAD + "2230_at\tFDX1\t3.5\t4.5\n11019_at\tLIAS\t5\t6\nAFFX-BioB-3_at\tna\t7\t8\n"
    assert read(tmp_path, text).genes == ["FDX1", "LIAS"]


def test_symbols_of_description_stand_in_for_probes(tmp_path):
    text = HEAD + "1_s_at\tFDX1\t3.5\t4.5\n2_x_at\tLIAS\t5\t6\n3_s_at\tA /// B\t7\t8\n"
    expression = read(tmp_path, text)
    assert expression.genes == ["FDX1", "LIAS"]
    assert any("1 rows without one gene" in step for step in expression.report.steps)


def test_probes_without_description_need_a_map(tmp_path):
    text = HEAD + "1_s_at\tna\t3.5\t4.5\n2_x_at\tna\t5\t6\n3_s_at\tna\t7\t8\n"
    with pytest.raises(GeneIdError, match="no platform map"):
        read(tmp_path, text)
    probe_map = tmp_path / "map.tsv"
    probe_map.write_text("probe_id\tsymbol\n1_s_at\tFDX1\n2_x_at\tLIAS\n")
    assert read(tmp_path, text, platform_map=probe_map).genes == ["FDX1", "LIAS"]


def test_version_1_3_skips_its_notes(tmp_path):
    text = (
        "#1.3\n2\t2\t2\t1\nid\tpr_gene_symbol\tweight\ts1\ts2\ndose\tna\tna\t10\t20\n"
        "1_s_at\tFDX1\tx\t3.5\t4.5\n2_s_at\tLIAS\ty\t5\t6\n"
    )
    expression = read(tmp_path, text)
    assert expression.values.loc["s1"].to_dict() == {"FDX1": 3.5, "LIAS": 5}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("3\t2", "4\t2", "declares 4 rows .* holds 3"),
        ("3\t2", "3\t5", "declares 5 samples .* holds 2"),
        ("3\t2", "three", "second line is 'three'"),
        ("#1.2", "#1.4", "first line is '#1.4'"),
    ],
)
def test_a_header_that_contradicts_the_table_is_refused(tmp_path, old, new, message):
    with pytest.raises(FormatError, match=message):
        read(tmp_path, SYMBOLS.replace(old, new, 1), format="gct")


def test_samples_as_rows_are_refused(tmp_path):
    text = "#1.2\n2\t3\nName\tDescription\tFDX1\tLIAS\tDLAT\ns1\tna\t3\t4\t5.5\ns2\tna\t6\t7\t8\n"
    with pytest.raises(FormatError, match=r"transposed.*FDX1, LIAS, DLAT.*format csv"):
        read(tmp_path, text)
