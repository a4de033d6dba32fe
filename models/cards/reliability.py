"""Promised against observed: the reliability plot of a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.cards.figures import read_figure
from models.cards.svg import WIDTH, Scale, drawing, line, mark, words

LEFT, RIGHT, TOP, BOTTOM = 46.0, WIDTH - 12.0, 10.0, 372.0


def draw_reliability(points: Sequence[Mapping[str, Any]], *, label: str) -> str:
    """Draw every bin: the probability promised, the share observed with its interval.

    Parameters
    ----------
    points
        `calibration.reliability` of a card.
    """
    across, up = Scale(0, 1, LEFT, RIGHT), Scale(0, 1, BOTTOM, TOP)
    parts = [line(across(0), up(0), across(1), up(1), "reference")]
    for value in across.ticks(0.2):
        parts += [
            line(across(value), TOP, across(value), BOTTOM, "grid"),
            line(LEFT, up(value), RIGHT, up(value), "grid"),
            words(across(value), BOTTOM + 16, f"{value:.1f}", look="soft", anchor="middle"),
            words(LEFT - 6, up(value) + 4, f"{value:.1f}", look="soft", anchor="end"),
        ]
    for point in points:
        observed, x = read_figure(point["observed"]), across(point["promised"])
        if observed.value is None:
            continue
        if observed.low is not None and observed.high is not None:
            parts.append(line(x, up(observed.low), x, up(observed.high), "bar panel"))
        parts.append(mark(x, up(observed.value), "circle", "mark panel"))
    parts += [
        words(LEFT + 8, TOP + 16, "observed share of sensitive lines", look="ink"),
        words(RIGHT, BOTTOM + 36, "probability of being sensitive that was promised", anchor="end"),
        words(across(0.78), up(0.86), "promise kept", look="soft", anchor="end"),
    ]
    return drawing(BOTTOM + 46, parts, label=label)
