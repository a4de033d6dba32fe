from __future__ import annotations

from pathlib import Path

import pytest

from features.errors import FormatError
from training.responses import tcga_response

HEADER = "patient.arr,drug.name,response,response_cat,drug\n"


def test_responders_are_zero_and_the_worst_record_counts(tmp_path: Path) -> None:
    path = tmp_path / "response.csv"
    path.write_text(
        HEADER
        + "TCGA-A,Cisplatin,Complete Response,1,CISPLATIN\n"
        + "TCGA-A,E7389,Partial Response,1,E7389\n"
        + "TCGA-A,Eribulin,Clinical Progressive Disease,0,ERIBULIN\n"
        + "TCGA-B,Cisplatin,Stable Disease,0,CISPLATIN\n"
    )
    raw = tcga_response.read(path)
    assert raw.values.loc["TCGA-A", "CISPLATIN"] == 0.0
    assert raw.values.loc["TCGA-B", "CISPLATIN"] == 1.0
    assert raw.values.shape == (2, 2)
    assert raw.values.drop(columns="CISPLATIN").loc["TCGA-A"].tolist() == [1.0]
    assert "1 records were merged" in raw.steps[0]


def test_an_unknown_response_is_named(tmp_path: Path) -> None:
    path = tmp_path / "response.csv"
    path.write_text(HEADER + "TCGA-A,Cisplatin,Better,1,CISPLATIN\n")
    with pytest.raises(FormatError, match="'Better'"):
        tcga_response.read(path)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "response.csv"
    path.write_text("patient,drug\nA,B\n")
    with pytest.raises(FormatError, match="clinical responses"):
        tcga_response.read(path)


def test_the_table_of_records(shared_data: Path) -> None:
    raw = tcga_response.read(shared_data / "tcga" / "drug_response.csv")
    counts = raw.values["CISPLATIN"].value_counts()
    assert int(counts.sum()) == 206
    assert int((raw.values == 0).sum().sum()) + int((raw.values == 1).sum().sum()) == 1249
