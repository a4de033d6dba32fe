"""Figures of a card in words: a number, a number with its interval, or the reason for none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MISSING = "not in this card"


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure as it can be drawn.

    Attributes
    ----------
    value
        None where there is no figure.
    low, high
        Ends of its 95% interval; None where it has none.
    reason
        Why there is no figure, else empty.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return self.value is not None


def read_figure(figure: Any) -> Reading:
    """Read a figure of a card, whatever form it has; what is no figure is a reason."""
    if isinstance(figure, Mapping):
        value, low, high = (_number(figure.get(name)) for name in ("value", "low", "high"))
        if value is not None:
            known = low is not None and high is not None
            return Reading(value, low if known else None, high if known else None)
    elif (value := _number(figure)) is not None:
        return Reading(value)
    return Reading(None, reason=figure if isinstance(figure, str) else MISSING)


def figure_at(card: Mapping[str, Any], *path: str) -> Reading:
    """Read the figure at a path of names; where the path breaks off, what stands there is why."""
    found: Any = card
    for name in path:
        if not isinstance(found, Mapping):
            break
        found = found.get(name)
    return read_figure(found)


def figure_text(reading: Reading, *, sign: str = "", digits: int = 2) -> str:
    """Write `0.76 [0.68, 0.83]`, `0.76`, or why there is no figure."""
    if reading.value is None:
        return reading.reason
    value, low, high = (
        None if one is None else number_text(one, sign=sign, digits=digits)
        for one in (reading.value, reading.low, reading.high)
    )
    return f"{value}" if low is None or high is None else f"{value} [{low}, {high}]"


def number_text(value: float, *, sign: str = "", digits: int = 2) -> str:
    """Write a number; what rounds to nothing has no sign."""
    shown = round(value, digits)
    return f"{shown:{sign}.{digits}f}" if shown else f"{0:.{digits}f}"


def short_text(reading: Reading, *, sign: str = "", digits: int = 2) -> str:
    """Write the same for a plot: without the reason, which stands in the table."""
    if reading.value is None:
        return reading.reason.partition(":")[0]
    return figure_text(reading, sign=sign, digits=digits)


def _number(value: Any) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known else None
