"""What was promised of each lineage while it was held out, against what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from models.cards.svg import WIDTH, Scale, line, mark, words
from models.reports.canvas import bottom_axis, frame, shortened
from models.reports.content import LineageRow

TOP, ROW, AXIS, EDGE = 8.0, 33.0, 44.0, 10.0


def draw_lineages(rows: Sequence[LineageRow], *, prevalence: float, label: str) -> str:
    """Draw a row a lineage: a square for what was measured, a circle for what was promised."""
    scale = Scale(0.0, 1.0, EDGE + 4, WIDTH - EDGE - 4)
    bottom = TOP + ROW * len(rows) + 4
    parts = bottom_axis(scale, TOP + 14, bottom, "share of sensitive lines", signed=False)
    parts.append(line(scale(prevalence), TOP + 14, scale(prevalence), bottom, "reference"))
    for at, row in enumerate(rows):
        parts += _row(row, scale, TOP + ROW * at)
    return frame(WIDTH, bottom + AXIS, parts, label=label)


def _row(row: LineageRow, scale: Scale, top: float) -> list[str]:
    said = f"{row.n_sensitive} of {row.n_lines} sensitive, promised {row.promised:.0%}"
    middle = top + 22
    parts = [
        words(EDGE, top + 12, shortened(row.name, 62 - len(said))),
        words(WIDTH - EDGE, top + 12, said, look="soft", anchor="end"),
    ]
    low, value, high = row.sensitive.low, row.sensitive.value, row.sensitive.high
    if low is not None and high is not None and value is not None:
        parts.append(line(scale(low), middle, scale(high), middle, "bar lineage"))
        parts.append(mark(scale(value), middle, "square", "mark lineage"))
    return [*parts, mark(scale(row.promised), middle, "circle", "mark panel")]
