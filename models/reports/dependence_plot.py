"""A gene's expression against its attribution, over what sensitive and resistant lines express."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.cards.svg import Scale, line, mark, words
from models.reports.canvas import bottom_axis, dots, frame, side_axis
from models.reports.content import Entry, FloatArray

WIDTH, LEFT, RIGHT = 290.0, 44.0, 280.0
TOP, PLOT, STRIP, AXIS = 22.0, 130.0, 19.0, 44.0
STRIPS = ((True, "sensitive"), (False, "resistant"))


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What all panels share.

    Attributes
    ----------
    z_range, attribution_range
        Ends of both axes, the same in every panel.
    is_blood
        (n_lines,) lines of blood and lymph.
    is_sensitive
        (n_lines,) or None.
    """

    z_range: tuple[float, float]
    attribution_range: tuple[float, float]
    is_blood: NDArray[np.bool_]
    is_sensitive: NDArray[np.bool_] | None


def draw_dependence(entry: Entry, ground: Ground, *, label: str) -> str:
    """Draw a panel: dots are lines; the strips below hold the middle 50% and 90% of z."""
    x = Scale(*ground.z_range, LEFT, RIGHT)
    y = Scale(*ground.attribution_range, TOP + PLOT, TOP)
    n_strips = 0 if ground.is_sensitive is None else len(STRIPS)
    bottom = TOP + PLOT + 6 + STRIP * n_strips
    lean = {"sensitivity": "high: sensitive", "resistance": "high: resistant", None: ""}
    parts = [
        words(LEFT, TOP - 8, entry.title, look="strong"),
        words(RIGHT, TOP - 8, lean[entry.direction], look="soft", anchor="end"),
        *side_axis(y, LEFT, RIGHT),
        *bottom_axis(x, TOP, bottom, "expression z", most=6),
        line(LEFT, y(0.0), RIGHT, y(0.0), "reference"),
    ]
    for is_blood, look in ((False, "dots other"), (True, "dots blood")):
        at = np.flatnonzero(ground.is_blood == is_blood)
        places = [(x(float(entry.value[one])), y(float(entry.attribution[one]))) for one in at]
        parts.append(dots(places, look))
    parts += _strips(entry.value, ground, x)
    return frame(WIDTH, bottom + AXIS, parts, label=label)


def _strips(value: FloatArray, ground: Ground, x: Scale) -> Iterator[str]:
    if ground.is_sensitive is None:
        return
    for row, (sensitive, name) in enumerate(STRIPS):
        of_class = value[ground.is_sensitive == sensitive]
        if not of_class.size:
            continue
        middle = TOP + PLOT + 6 + STRIP * row + STRIP / 2
        low, first, median, third, high = np.percentile(of_class, [5, 25, 50, 75, 95]).tolist()
        yield line(x(low), middle, x(high), middle, f"bar {name}")
        yield line(x(first), middle, x(third), middle, f"box {name}")
        yield mark(x(median), middle, "tick", "mark median", size=6)
        yield words(LEFT - 5, middle + 4, f"{name[:5]}.", look="soft", anchor="end")
