"""Bars with intervals: the weight of genes, of gene sets, of covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.cards.figures import Reading, number_text
from models.cards.svg import WIDTH, Scale, element, line, mark, words
from models.reports.canvas import bottom_axis, frame, shortened

TOP, AXIS, EDGE = 6.0, 44.0, 10.0
ROW, TALL_ROW = 23.0, 34.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes
    ----------
    look
        Colour: a direction, a family of gene sets, lineage or other.
    said
        Text at the right end; the value where it is empty.
    beside
        A second figure, drawn as a hollow diamond.
    """

    name: str
    reading: Reading
    look: str
    said: str = ""
    beside: Reading | None = None


def draw_bars(bars: Sequence[Bar], *, axis: str, label: str, name_width: float = 0.0) -> str:
    """Draw bars from 0; names stand to the left in `name_width`, or above where that is 0."""
    row = ROW if name_width else TALL_ROW
    scale = _scale(bars, name_width)
    bottom = TOP + row * len(bars) + 4
    parts = bottom_axis(scale, TOP, bottom, axis, signed=False)
    for at, bar in enumerate(bars):
        parts += _bar(bar, scale, TOP + row * at, name_width)
    return frame(WIDTH, bottom + AXIS, parts, label=label)


def _bar(bar: Bar, scale: Scale, top: float, name_width: float) -> list[str]:
    value = bar.reading.value or 0.0
    height, middle = (13.0, top + 12.0) if name_width else (10.0, top + 24.0)
    left, right = scale(0.0), scale(value)
    said = bar.said or number_text(value, digits=3)
    name = shortened(bar.name, 16 if name_width else 62 - len(said))
    text_y = top + (16 if name_width else 13)
    parts = [
        element("rect", x=left, y=middle - height / 2, width=max(right - left, 0.5), height=height,
                class_=f"area {bar.look}"),
        words(EDGE, text_y, name),
        words(WIDTH - EDGE, text_y, said, look="soft", anchor="end"),
    ]  # fmt: skip
    if bar.reading.low is not None and bar.reading.high is not None:
        parts.append(
            line(scale(bar.reading.low), middle, scale(bar.reading.high), middle, "whisker")
        )
    if bar.beside is not None and bar.beside.value is not None:
        parts.append(mark(scale(bar.beside.value), middle, "diamond", "hollow", size=4))
    return parts


def _scale(bars: Sequence[Bar], name_width: float) -> Scale:
    readings = [one for bar in bars for one in (bar.reading, bar.beside) if one is not None]
    high = max((one.high or one.value or 0.0 for one in readings), default=0.0) or 1.0
    end = WIDTH - EDGE - (104 if name_width else 4)
    return Scale(0.0, 1.02 * high, EDGE + name_width, end)
