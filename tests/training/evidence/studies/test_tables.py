"""Tables read as Markdown and as they are."""

from __future__ import annotations

from training.evidence.figures import NotEstimable
from training.evidence.studies.tables import StudyTable, figure_text, number_text
from training.metrics import Interval


def test_columns_stand_in_line() -> None:
    table = StudyTable("Title.", ("drug", "x"), (("Cisplatin", "1"), ("B", "2.25")))
    _, _, *lines = table.to_markdown().splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[2] == "| Cisplatin | 1    |"


def test_a_cell_cannot_break_the_table() -> None:
    table = StudyTable("Title.", ("drug",), (("a|b\nc",),))
    assert table.to_markdown().splitlines()[-1] == "| a\\|b c |"


def test_a_table_without_rows_says_so() -> None:
    assert "Nothing to show" in StudyTable("Title.", ("drug",), ()).to_markdown()


def test_figures_are_numbers_intervals_or_reasons() -> None:
    assert figure_text(Interval(0.1, -0.05, 0.25), sign="+") == "+0.100 [-0.050, +0.250]"
    assert figure_text(0.5, digits=2) == "0.50"
    assert figure_text(NotEstimable("one class only")) == "not estimable: one class only"
    assert number_text(float("nan")) == "-"
