from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.errors import FormatError
from training.drugs import merge_screens
from training.responses import sanger_auc


def write(folder: Path, *rows: str) -> Path:
    path = folder / "auc.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_the_sentinel_is_missing(tmp_path: Path) -> None:
    path = write(tmp_path, "depmap_id,CISPLATIN,OLAPARIB", "ACH-1,0.5,-99999.0", "ACH-2,0.9,1")
    raw = sanger_auc.read(path)
    assert np.isnan(raw.values.loc["ACH-1", "OLAPARIB"])
    assert raw.values.loc["ACH-2"].tolist() == [0.9, 1.0]
    assert raw.lines["model_id"].tolist() == ["ACH-1", "ACH-2"]
    assert raw.screens["minimum_ln_um"].isna().all()
    assert "1 cells" in raw.steps[0]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["model,A", "ACH-1,0.5"], "not the wide table"),
        (["depmap_id,A", "ACH-1,high"], "not the wide table"),
        (["depmap_id,A", "ACH-1,0.5", "ACH-1,0.6"], "more than once"),
        (["depmap_id,A", "ACH-1,4.5"], "outside 0 to 1"),
    ],
)
def test_what_is_no_table_of_aucs_is_refused(rows: list[str], says: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=says):
        sanger_auc.read(write(tmp_path, *rows))


def test_two_spellings_in_the_release_are_one_drug(shared_data: Path) -> None:
    raw = sanger_auc.read(shared_data / "depmap" / "sanger_dose_response_auc.csv")
    assert raw.values.shape == (692, 385)
    merged = merge_screens(raw)
    assert merged.values.shape == (692, 384)
    assert merged.drugs.loc["VENETOCLAX", "names"] == ("VENETOCLAX", "VENOTOCLAX")
