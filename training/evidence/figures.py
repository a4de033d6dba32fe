"""Figures of an evidence card: a number with its interval, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.metrics import Interval


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """Stands where a number would be wrong; the reason is shown in its place."""

    reason: str

    def __str__(self) -> str:
        return f"not estimable: {self.reason.removesuffix('.')}"


Figure = Interval | float | NotEstimable
JsonFigure = dict[str, float] | float | str


def figure_json(figure: Figure) -> JsonFigure:
    """Give a figure as JSON: an object with bounds, a number, or `not estimable: ...`."""
    if isinstance(figure, NotEstimable):
        return str(figure)
    if isinstance(figure, Interval):
        return figure.to_json()
    return float(figure)


def number_or(value: float, reason: str) -> float | NotEstimable:
    """Give the number, or the reason where it is not finite."""
    return float(value) if np.isfinite(value) else NotEstimable(reason)
