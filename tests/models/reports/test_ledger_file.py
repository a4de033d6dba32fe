import json

import pytest

from models.errors import ReportError
from models.reports.ledger_file import read_ledger

ROW = {"claim_id": "a", "verdict": "supported", "within_lineage": 0.2}


def test_csv_and_json_are_read_alike(tmp_path):
    as_csv, as_json = tmp_path / "ledger.csv", tmp_path / "ledger.json"
    as_csv.write_text("cohort,claim_id,verdict,within_lineage\nmine,a,supported,0.2\n")
    as_json.write_text(json.dumps({"cohort": "mine", "claims": [ROW]}))
    (of_csv,), (of_json,) = (read_ledger(path, cohort="mine") for path in (as_csv, as_json))
    assert float(of_csv["within_lineage"]) == of_json["within_lineage"]
    assert of_csv["verdict"] == of_json["verdict"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"cohort": "mine"}',
        '{"cohort": "mine", "claims": 3}',
        '{"cohort": "mine", "claims": [3]}',
        "a,b\n1,2\n",
        '{"cohort": "mine", "claims": [{"claim_id": "a"}]}',
    ],
)
def test_what_is_no_ledger_is_refused(tmp_path, text):
    path = tmp_path / "ledger"
    path.write_text(text)
    with pytest.raises(ReportError, match="claims test"):
        read_ledger(path, cohort="mine")


def test_bytes_and_missing_files_are_refused(tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("bytes", "nothing"):
        with pytest.raises(ReportError, match="cannot be read"):
            read_ledger(tmp_path / name, cohort="mine")


def test_a_ledger_of_another_cohort_is_refused(tmp_path):
    path = tmp_path / "ledger.json"
    path.write_text(json.dumps({"cohort": "theirs", "claims": [ROW]}))
    with pytest.raises(ReportError, match="tested on theirs"):
        read_ledger(path, cohort="mine")
