"""Reports: written, read again, and shown with their counts."""

from dataclasses import replace
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
        "expected_calibration_error": {"value": 0.04, "low": 0.03, "high": 0.06},
        "calibration": {"error_if_calibrated": {"value": 0.05, "low": 0.03, "high": 0.07}},
        "coverage": {
            "0.8": {
                "sensitive": {"value": 0.75, "low": 0.7, "high": 0.8},
                "resistant": NOTHING,
                "standard_errors": {"sensitive": 0.02, "resistant": NOTHING},
            }
        },
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
            "random_panels": {
                "panel": 0.7,
                "n_drugs": 13,
                "n_sets": 1000,
                "mean": 0.71,
                "sd": 0.005,
                "lowest": 0.69,
                "highest": 0.72,
                "n_at_least_panel": 950,
            },
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


def test_the_page_says_what_was_reached_and_what_was_not(report: EvidenceReport) -> None:
    page = evidence_markdown([report])
    assert "a mean roc_auc of 0.7000 over 13 drugs. Over drugs" in page  # another cohort's goal
    assert "0.0100 below the mean of the matched random gene sets" in page
    assert "950 of 1,000 random sets reach them. **So random sets do not stay below**" in page
    assert "| supported | 1 | 0.040 | 0.050 |" in page
    assert "| 0.8 | sensitive | 0.750 | 0 | 0 | 13 |" in page  # 2.5 standard errors below
    assert "| 0.8 | resistant | not estimable | 0 | 0 | 0 |" in page


@pytest.mark.parametrize(
    ("roc_auc", "said"), [(0.7, "0.735 is missed by 0.0350"), (0.74, "0.735 is reached")]
)
def test_the_goal_is_that_of_one_cohort(report: EvidenceReport, roc_auc: float, said: str) -> None:
    figure = {"value": roc_auc, "low": 0.6, "high": 0.8}
    cards = {drug: one | {"roc_auc": figure} for drug, one in report.cards.items()}
    about = report.about | {"cohort": "ccle-gdsc2", "random_panels": NOTHING}
    page = evidence_markdown([replace(report, cards=cards, about=about)])
    assert said in page
    assert "random sets reach them" not in page


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
