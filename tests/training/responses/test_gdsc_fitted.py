from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.errors import FormatError
from training.responses import gdsc_fitted

TABLE = """\
DATASET,COSMIC_ID,CELL_LINE_NAME,SANGER_MODEL_ID,TCGA_DESC,DRUG_ID,DRUG_NAME,PUTATIVE_TARGET,MIN_CONC,MAX_CONC,LN_IC50,AUC
GDSC2,905933.0,NIHOVCAR3,SIDM00105,OV,1005.0,Cisplatin,DNA crosslinker,0.01,10.0,2.5,0.9
GDSC2,905938.0,HL-60,SIDM00829,LAML,1005.0,Cisplatin,DNA crosslinker,0.01,10.0,-99999.0,0.8
GDSC2,905938.0,HL-60,SIDM00829,LAML,1007.0,Docetaxel,,0.001,1.0,-4.5,0.3
"""


def test_one_row_a_line_and_one_column_a_screen(tmp_path: Path) -> None:
    path = tmp_path / "GDSC2.csv"
    path.write_text(TABLE)
    raw = gdsc_fitted.read(path)
    assert raw.kind == "ln_ic50"
    assert raw.values.index.tolist() == ["905933", "905938"]
    assert raw.values.loc["905933", "1005"] == 2.5
    assert np.isnan(raw.values.loc["905938", "1005"])
    assert np.isnan(raw.values.loc["905933", "1007"])
    assert raw.lines.loc["905938", ["sanger_model_id", "line_name", "lineage"]].tolist() == [
        "SIDM00829",
        "HL-60",
        "LAML",
    ]


def test_the_tested_range_is_in_ln_micromolar(tmp_path: Path) -> None:
    path = tmp_path / "GDSC2.csv"
    path.write_text(TABLE)
    screens = gdsc_fitted.read(path).screens
    tested = screens.loc["1005", ["minimum_ln_um", "maximum_ln_um"]].astype(float).tolist()
    assert tested == pytest.approx([np.log(0.01), np.log(10.0)])
    assert screens.loc["1007", "name"] == "Docetaxel"
    assert pd.isna(screens.loc["1007", "target"])


def test_gzip_and_auc(tmp_path: Path) -> None:
    path = tmp_path / "GDSC2.csv.gz"
    path.write_bytes(gzip.compress(TABLE.encode()))
    raw = gdsc_fitted.read(path, kind="dose_response_auc")
    assert raw.kind == "dose_response_auc"
    assert raw.values.loc["905938", "1007"] == 0.3


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n1,2\n", b"\x00\x01", gzip.compress(TABLE.encode())[:60]],
    ids=["empty", "another table", "binary", "a truncated gzip"],
)
def test_what_is_no_fitted_response_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / ("GDSC2.csv.gz" if content[:1] == b"\x1f" else "GDSC2.csv")
    path.write_bytes(content)
    with pytest.raises(FormatError, match="not a fitted dose response"):
        gdsc_fitted.read(path)


def test_a_repeated_line_and_screen_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "GDSC2.csv"
    path.write_text(TABLE + TABLE.splitlines()[-1] + "\n")
    with pytest.raises(FormatError, match="holds already"):
        gdsc_fitted.read(path)


def test_the_official_workbook_reads_like_the_csv(tmp_path: Path) -> None:
    book, table = tmp_path / "GDSC2.xlsx", tmp_path / "GDSC2.csv"
    table.write_text(TABLE)
    pd.read_csv(table).to_excel(book, index=False)
    pd.testing.assert_frame_equal(gdsc_fitted.read(book).values, gdsc_fitted.read(table).values)


def test_the_release(shared_data: Path) -> None:
    raw = gdsc_fitted.read(shared_data / "gdsc" / "GDSC2_fitted_dose_response_27Oct23.csv.gz")
    assert raw.values.shape == (782, 295)
    assert int(raw.values.notna().sum().sum()) == 195_277
    assert raw.screens["name"].nunique() == 286
