from __future__ import annotations

import io

import pytest
from rich.console import Console

from training.drug_training import SkippedDrug
from training.progress import download_progress, training_progress


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None)


def shown(console):
    return console.file.getvalue()


def test_a_bar_counts_drugs_and_says_what_became_of_each(training, trained, console):
    with training_progress(console) as progress:
        progress.started(training.cohort, training.settings(), ["Cisplatin", "Docetaxel"])
        assert "Training on simulated" in drawn(progress, console)
        progress.finished_drug(trained.trained["Cisplatin"])
        assert "Trained Cisplatin" in drawn(progress, console)
        assert "1/2" in shown(console)
        progress.finished_drug(SkippedDrug("Docetaxel", "too few"))
        assert "Left out Docetaxel" in drawn(progress, console)
    assert "2/2" in shown(console)
    assert "left" in shown(console)


def drawn(progress, console):
    progress._progress.refresh()
    return shown(console)


def test_a_drug_before_the_start_moves_nothing(console):
    with training_progress(console) as progress:
        progress.finished_drug(SkippedDrug("Docetaxel", "too few"))
    assert "Docetaxel" not in shown(console)


def test_a_bar_a_download_in_bytes(console):
    with download_progress(console) as progress:
        progress("expression.zip", 500_000, 2_000_000)
        progress("expression.zip", 1_000_000, 2_000_000)
        progress("of unknown size", 10, None)
        drawn(progress, console)
    assert "expression.zip" in shown(console)
    assert "1.0/2.0 MB" in shown(console)
    assert shown(console).count("of unknown size") >= 1
