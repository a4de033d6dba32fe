"""A beeswarm: every training line a dot, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.cards.svg import WIDTH, Scale, line, words
from models.reports.canvas import bottom_axis, dots, frame, shortened
from models.reports.content import FloatArray

TOP, ROW, AXIS, NAMES, EDGE = 22.0, 23.0, 44.0, 112.0, 10.0
STEP, REACH = 3.0, 9.5
Z_LOOKS = (("low", -0.5), ("middle", 0.5), ("high", np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class SwarmRow:
    """A row of dots.

    Attributes
    ----------
    attribution, value
        (n,) log-odds, and z, which gives a dot its look; NaN has a look of its own.
    """

    name: str
    attribution: FloatArray
    value: FloatArray


def draw_swarm(rows: Sequence[SwarmRow], *, axis: str, label: str) -> str:
    """Draw rows of dots; what is dark and large is highly expressed."""
    scale = _scale(rows)
    bottom = TOP + ROW * len(rows) + 2
    parts = bottom_axis(scale, TOP, bottom, axis)
    parts += [
        words(scale(0.0) - 6, TOP - 8, "◂ resistant", look="soft", anchor="end"),
        words(scale(0.0) + 6, TOP - 8, "sensitive ▸", look="soft"),
        line(scale(0.0), TOP - 4, scale(0.0), bottom, "axis"),
    ]
    for at, row in enumerate(rows):
        middle = TOP + ROW * at + ROW / 2
        parts.append(words(EDGE, middle + 4, shortened(row.name, 17)))
        parts += _row_dots(row, scale, middle)
    return frame(WIDTH, bottom + AXIS, parts, label=label)


def _row_dots(row: SwarmRow, scale: Scale, middle: float) -> Iterator[str]:
    x = np.array([scale(float(one)) for one in row.attribution])
    y = middle + spread(x)
    looks = _looks(row.value)
    for look in dict.fromkeys(("lineage", "low", "middle", "high")):
        at = np.flatnonzero(looks == look)
        yield dots([(float(x[one]), float(y[one])) for one in at], f"dots {look}")


def spread(x: FloatArray) -> FloatArray:
    """(n,) heights that keep dots at about the same place apart, within a row."""
    bins = np.floor(x / STEP).astype(np.int64)
    heights = np.zeros(len(x))
    for one in np.unique(bins):
        at = np.flatnonzero(bins == one)
        order = np.arange(len(at))
        apart = min(STEP, 2 * REACH / max(len(at), 1))
        side = np.where(order % 2 == 0, 1.0, -1.0)
        heights[at] = side * ((order + 1) // 2) * apart
    return heights


def _looks(value: FloatArray) -> NDArray[np.str_]:
    looks = np.full(len(value), "lineage", dtype="<U7")
    known = np.isfinite(value)
    edges = [edge for _, edge in Z_LOOKS[:-1]]
    names = np.array([name for name, _ in Z_LOOKS])
    looks[known] = names[np.searchsorted(edges, value[known], side="right")]
    return looks


def _scale(rows: Sequence[SwarmRow]) -> Scale:
    values = np.concatenate([np.zeros(1), *(row.attribution for row in rows)])
    low, high = float(values.min()), float(values.max())
    room = 0.03 * (high - low) or 0.05
    return Scale(min(low, -0.1 * high) - room, max(high, -0.1 * low) + room, EDGE + NAMES,
                 WIDTH - EDGE - 4)  # fmt: skip
