"""`evidence run` and `evidence show`: what is refused, and drugs without a card."""

import json

import pytest

from cupromark.main import main
from training.evidence.report import EvidenceReport
from training.evidence.report_files import write_report


@pytest.fixture
def run(capsys, tmp_path):
    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["evidence", *arguments, "--store", str(tmp_path)])
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


def test_a_table_needs_the_users_own_files_and_they_need_a_table(run):
    code, _, err = run("run", "--cohort", "table", "--expression", "expression.csv")
    assert code != 0
    assert "without --response, --scale" in " ".join(err.split())
    code, _, err = run("run", "--cohort", "ccle-gdsc2", "--response", "response.csv")
    assert code != 0
    assert "--response came with --cohort ccle-gdsc2" in " ".join(err.split())


def test_a_drug_without_a_card_is_shown_with_its_reason(run, tmp_path):
    reason = "Drug 'Flat' has 60 sensitive and 0 resistant samples."
    report = EvidenceReport(cards={}, skipped={"Flat": reason}, about={"cohort": "table"})
    write_report(report, tmp_path / "evidence" / "table.json")
    said = f"not estimable: {reason.removesuffix('.')}"
    assert run("show", "table", "--drug", "flat") == (0, f"flat: {said}\n", "")
    code, out, _ = run("show", "table", "--drug", "Flat", "--json")
    assert (code, json.loads(out)) == (0, {"drug": "Flat", "status": said})
    code, _, err = run("show", "table", "--drug", "Another")
    assert code != 0
    assert "Another" in err
