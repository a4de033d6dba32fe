"""Reports: written, read again, and shown with their counts."""

from pathlib import Path

import pytest

from training.errors import TrainingError
from training.evidence.report import EvidenceReport
from training.evidence.report_files import read_report, write_report
from training.evidence.report_markdown import evidence_markdown

NOTHING = "not estimable: the cohort holds fewer than 3 proliferation markers"


def card(drug: str, gain: float, *, status: str = "exploratory", q: float = 0.5) -> dict:
    return {
        "drug": drug,
        "status": status,
        "roc_auc": {"value": 0.7, "low": 0.6, "high": 0.8},
        "lineage": {"gain": {"value": gain, "low": gain - 0.05, "high": gain + 0.05}},
        "controls": {"panel": 0.7, "lineage": 0.7 - gain, "proliferation": NOTHING},
        "random": {"mean": 0.69},
        "p": q / 2,
        "q": q,
    }


@pytest.fixture
def report() -> EvidenceReport:
    cards = [card(f"Drug {number}", number / 100) for number in range(12)]
    cards.append(card("Best", 0.2, status="supported", q=0.01))
    return EvidenceReport(
        cards={one["drug"]: one for one in cards},
        skipped={"Rare": "Too few."},
        about={
            "cohort": "simulated",
            "n_samples": 100,
            "n_genes": 500,
            "settings": {"n_random_sets": "1000"},
            "code_version": "0",
        },
    )


def test_counts_and_means_leave_out_what_is_not_estimable(report: EvidenceReport) -> None:
    assert report.status_counts == {"supported": 1, "exploratory": 12, "withheld": 0}
    assert report.mean_of("panel") == pytest.approx(0.7)
    assert report.mean_of("proliferation") is None


def test_the_page_names_statuses_and_the_ten_best_gains(report: EvidenceReport) -> None:
    page = evidence_markdown([report])
    assert "| supported | 1 |" in page
    assert "| proliferation score | not estimable |" in page
    assert "Of 13 drugs, 1 have p < 0.05" in page
    rows = [line for line in page.splitlines() if line.startswith(("| Best", "| Drug "))]
    assert len(rows) == 10
    assert rows[0].startswith("| Best | 0.700 [0.60, 0.80] | +0.200 [+0.15, +0.25] | 0.690 |")
    assert rows[1].startswith("| Drug 11 ")


def test_what_is_written_is_read_again(report: EvidenceReport, tmp_path: Path) -> None:
    write_report(report, tmp_path / "deep" / "simulated.json")
    assert read_report(tmp_path / "deep" / "simulated.json") == report
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["simulated.json"]


@pytest.mark.parametrize("content", [None, "", "{}", "[1]", "<html>"])
def test_what_is_no_report_is_said_so(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "simulated.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(TrainingError, match="evidence run"):
        read_report(path)


def test_a_place_that_cannot_be_written(report: EvidenceReport) -> None:
    with pytest.raises(TrainingError, match="cannot be written"):
        write_report(report, Path("/proc/nowhere/simulated.json"))
