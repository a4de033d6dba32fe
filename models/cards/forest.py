"""Rows of figures with intervals on one axis, under a cloud of random gene sets where there is one.

A row has its name and figure on one line and its mark beneath, so that the axis has the whole
width, on a telephone too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.cards.density import density
from models.cards.figures import Reading, short_text
from models.cards.svg import WIDTH, Scale, drawing, line, mark, path, words

LEFT, RIGHT = 10.0, WIDTH - 10.0
ROW, CLOUD, TOP, AXIS = 33.0, 62.0, 8.0, 46.0
STEPS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes
    ----------
    kind
        What its colour means: panel, random, lineage, other, sensitive or resistant.
    shape
        Of the mark, for eyes that do not see the colour.
    """

    name: str
    reading: Reading
    kind: str = "other"
    shape: str = "diamond"


@dataclass(frozen=True, slots=True)
class Cloud:
    """Figures of random gene sets, as percentiles 0 to 100."""

    name: str
    percentiles: Sequence[float]
    n_sets: int


@dataclass(frozen=True, slots=True)
class Forest:
    """What is drawn.

    Attributes
    ----------
    axis
        What the figures are, with their direction.
    reference
        Value that means nothing (chance, no gain, the level), and its name.
    cloud
        Random gene sets, above the rows.
    guide
        Value that is led through cloud and rows.
    signed
        Show figures with their sign.
    limits
        Ends of the axis at least.
    """

    label: str
    axis: str
    rows: tuple[Row, ...]
    reference: tuple[float, str] | None = None
    cloud: Cloud | None = None
    guide: float | None = None
    signed: bool = False
    limits: tuple[float, float] | None = None
    digits: int = 2


def draw_forest(forest: Forest) -> str:
    """Draw all rows that there are; those without a figure say so in words."""
    scale = _scale(forest)
    cloud_height = CLOUD if forest.cloud else 0.0
    bottom = TOP + cloud_height + ROW * len(forest.rows) + 4
    parts = _axis(forest, scale, bottom)
    if forest.guide is not None:
        parts.append(line(scale(forest.guide), TOP + 14, scale(forest.guide), bottom, "guide"))
    if forest.cloud:
        parts += _cloud(forest.cloud, scale, TOP)
    for number, row in enumerate(forest.rows):
        parts += _row(row, scale, TOP + cloud_height + ROW * number, forest)
    return drawing(bottom + AXIS, parts, label=forest.label)


def _row(row: Row, scale: Scale, top: float, forest: Forest) -> list[str]:
    reading = row.reading
    said = short_text(reading, sign="+" if forest.signed else "", digits=forest.digits)
    look = "ink" if reading.known else "soft"
    parts = [
        words(LEFT, top + 12, _shortened(row.name, said)),
        words(RIGHT, top + 12, said, look=look, anchor="end"),
    ]
    if reading.value is None:
        return parts
    middle = top + 22
    if reading.low is not None and reading.high is not None:
        parts.append(
            line(scale(reading.low), middle, scale(reading.high), middle, f"bar {row.kind}")
        )
    return [*parts, mark(scale(reading.value), middle, row.shape, f"mark {row.kind}")]


def _cloud(cloud: Cloud, scale: Scale, top: float) -> list[str]:
    values, heights = density(cloud.percentiles, max(cloud.n_sets, 2))
    base, tallest = top + CLOUD - 10, max(heights)
    outline = [
        (scale(value), base - (CLOUD - 26) * height / tallest)
        for value, height in zip(values, heights, strict=True)
        if scale.low <= value <= scale.high
    ]
    if not outline:
        return []
    shape = [(outline[0][0], base), *outline, (outline[-1][0], base)]
    low, middle, high = (cloud.percentiles[at] for at in (2, 50, 97))
    return [
        words(LEFT, top + 10, cloud.name),
        words(RIGHT, top + 10, f"95% in {low:.2f} to {high:.2f}", anchor="end"),
        path(shape, "area random", close=True),
        line(scale(low), base + 4, scale(high), base + 4, "bar random"),
        mark(scale(middle), base + 4, "tick", "mark random"),
    ]


def _axis(forest: Forest, scale: Scale, bottom: float) -> list[str]:
    step = _step(scale)
    digits = 2 if step < 0.1 else 1
    sign = "+" if forest.signed else ""
    parts = [line(LEFT, bottom, RIGHT, bottom, "axis")]
    for value in scale.ticks(step):
        x = scale(value)
        shown = f"{value:.{digits}f}" if not value else f"{value:{sign}.{digits}f}"
        anchor = "start" if x < LEFT + 12 else "end" if x > RIGHT - 12 else "middle"
        parts += [
            line(x, TOP + 14, x, bottom, "grid"),
            words(x, bottom + 15, shown, look="soft", anchor=anchor),
        ]
    if forest.reference:
        x = scale(forest.reference[0])
        parts.append(line(x, TOP + 14, x, bottom, "reference"))
    parts.append(words((LEFT + RIGHT) / 2, bottom + 34, forest.axis, anchor="middle"))
    return parts


def _scale(forest: Forest) -> Scale:
    """Hold every figure, the reference and the limits, with a little room."""
    values = [
        one
        for row in forest.rows
        for one in (row.reading.low, row.reading.value, row.reading.high)
        if one is not None
    ]
    values += [forest.reference[0]] if forest.reference else []
    values += [] if forest.cloud is None else list(forest.cloud.percentiles)
    values += list(forest.limits or ())
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = 0.03 * (high - low) or 0.05
    return Scale(low - room, high + room, LEFT + 4, RIGHT - 4)


def _step(scale: Scale) -> float:
    for step in STEPS:
        if (scale.high - scale.low) / step <= MOST_TICKS:
            return step
    return (scale.high - scale.low) / 4


def _shortened(name: str, said: str) -> str:
    """Keep the name apart from the figure; the table holds it whole."""
    most = 62 - len(said)
    return name if len(name) <= most else f"{name[: most - 1]}…"
