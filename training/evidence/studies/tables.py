"""Tables of figures: Markdown whose columns stand in line, so that it reads well as it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.evidence.figures import Figure, NotEstimable
from training.metrics import Interval


@dataclass(frozen=True, slots=True)
class StudyTable:
    """A table with a sentence above it.

    Attributes
    ----------
    rows
        Cells as text, as many a row as there are columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def to_markdown(self) -> str:
        """Title and table, padded; a table without rows says so."""
        if not self.rows:
            return f"{self.title}\n\nNothing to show."
        cells = [tuple(map(_escaped, row)) for row in (self.columns, *self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        head, *body = ("| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in cells)
        rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
        return "\n".join([self.title, "", head, rule, *body])


def figure_text(figure: Figure, *, sign: str = "", digits: int = 3) -> str:
    """Give a figure with its 95% interval, or why there is none."""
    if isinstance(figure, NotEstimable):
        return str(figure)
    if isinstance(figure, Interval):
        low, high = (f"{bound:{sign}.{digits}f}" for bound in (figure.low, figure.high))
        return f"{figure.value:{sign}.{digits}f} [{low}, {high}]"
    return f"{figure:{sign}.{digits}f}"


def number_text(value: float, *, digits: int = 3) -> str:
    """Give a number that may be missing."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "-"


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
