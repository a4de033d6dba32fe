"""Forest plots: every row is on it, and a name without a format is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.errors import TrainingError
from training.evidence.figures import NotEstimable
from training.evidence.studies.forest import MOST_ROWS, Forest, draw_forest, write_forest
from training.metrics import Interval

ROWS = (
    ("Cisplatin", Interval(0.1, 0.05, 0.2)),
    ("Olaparib", NotEstimable("one class only")),
    ("Elesclomol", 0.3),
)


def forest(rows: tuple[tuple[str, Interval | float | NotEstimable], ...] = ROWS) -> Forest:
    return Forest("Title", "difference", 0.0, rows)


def test_the_same_figures_give_the_same_picture() -> None:
    first, second = (draw_forest(forest()) for _ in range(2))
    assert first == second
    assert first != draw_forest(forest(ROWS[:1]))


def test_a_long_plot_says_what_it_left_out() -> None:
    many = tuple((f"drug {at}", Interval(0.1, 0.0, 0.2)) for at in range(MOST_ROWS + 3))
    picture = draw_forest(forest(many))
    assert b"3 more left out" in picture
    assert f"drug {MOST_ROWS - 1}".encode() in picture
    assert f"drug {MOST_ROWS}".encode() not in picture


@pytest.mark.parametrize(("name", "start"), [("a.svg", b"<?xml"), ("a.PNG", b"\x89PNG")])
def test_the_name_says_the_format(tmp_path: Path, name: str, start: bytes) -> None:
    write_forest(forest(), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)


@pytest.mark.parametrize("name", ["plot.gif", "plot", "no-such-folder/plot.svg"])
def test_what_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrainingError):
        write_forest(forest(), tmp_path / name)
