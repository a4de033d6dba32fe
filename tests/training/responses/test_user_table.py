from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.errors import FormatError
from training.response import ResponseKind
from training.responses import user_table


def write(folder: Path, *rows: str, name: str = "response.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(rows) + "\n")
    return path


def test_long_and_wide_tables_say_the_same(tmp_path: Path) -> None:
    long = user_table.read(
        write(tmp_path, "sample_id,drug,ln_ic50", "S1,X,1.5", "S1,Y,2", "S2,X,-99999.0")
    )
    wide = user_table.read(
        write(tmp_path, "sample_id\tX\tY", "S1\t1.5\t2", "S2\t\t", name="wide.tsv"), kind="ln_ic50"
    )
    np.testing.assert_array_equal(long.values, wide.values)
    assert long.kind == wide.kind == "ln_ic50"


def test_labels_with_patients_and_lineages(tmp_path: Path) -> None:
    raw = user_table.read(
        write(
            tmp_path,
            "sample_id,patient,lineage,Cisplatin",
            "S1,P1,Lung,sensitive",
            "S2,P1,,resistant",
            "S3,,Skin,",
        )
    )
    assert raw.kind == "clinical_response"
    assert raw.values["Cisplatin"].tolist()[:2] == [0.0, 1.0]
    assert np.isnan(raw.values.loc["S3", "Cisplatin"])
    assert raw.lines.loc["S2", ["patient", "lineage"]].tolist() == ["P1", None]


@pytest.mark.parametrize(
    ("rows", "kind", "says"),
    [
        (["sample,X", "S1,1"], "ln_ic50", "no column sample_id"),
        (["sample_id,X"], "ln_ic50", "holds no rows"),
        (["sample_id,X", "S1,1"], None, "nothing says what they are"),
        (["sample_id,X", "S1,much"], "ln_ic50", "'much' for S1 under X"),
        (["sample_id,X", "S1,inf"], "ln_ic50", "'inf' for S1 under X"),
        (["sample_id,X", "S1,0.5"], "clinical_response", "'0.5' for S1 under X"),
        (["sample_id,X", "S1,1", "S1,2"], "ln_ic50", "S1 more than once"),
        (["sample_id,drug,ln_ic50", "S1,X,1", "S1,X,2"], None, "S1 under X more than once"),
        (["sample_id,drug,value", "S1,X,1"], None, "0 of the columns"),
        (["sample_id,patient", "S1,P1"], None, "no column of a drug"),
    ],
)
def test_what_cannot_be_used_is_named(
    rows: list[str], kind: ResponseKind | None, says: str, tmp_path: Path
) -> None:
    with pytest.raises(FormatError, match=says):
        user_table.read(write(tmp_path, *rows), kind=kind)


@pytest.mark.parametrize("labels", ["0 1", "Sensitive R", "yes no"])
def test_labels_are_words(labels: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    rows = "".join(f"S{n},Cisplatin,{one}\n" for n, one in enumerate(labels.split()))
    path.write_text("sample_id,drug,label\n" + rows)
    with pytest.raises(FormatError, match="not one of sensitive, resistant"):
        user_table.read(path)
