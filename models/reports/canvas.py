"""Frames, axes and dots of a report's drawings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import floor, log10

from models.cards.svg import Scale, element, line, words


def frame(width: float, height: float, parts: Iterable[str], *, label: str) -> str:
    """Frame the parts; `label` is what a screen reader says of the drawing."""
    return element(
        "svg",
        "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        role="img",
        aria_label=label,
        class_="card-plot",
    )


def dots(places: Sequence[tuple[float, float]], look: str) -> str:
    """Draw many dots as one path: ends of lines of no length."""
    if not places:
        return ""
    return element("path", d="".join(f"M{x:.1f} {y:.1f}h0" for x, y in places), class_=look)


def nice_step(span: float, *, most: int = 6) -> float:
    """Give the smallest of 1, 2, 5 times a power of ten that cuts a span into few parts."""
    rough = max(span, 1e-9) / most
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough * (1 - 1e-9))


def number(value: float, step: float, *, signed: bool = True) -> str:
    """Write a tick with as many digits as its step asks for."""
    digits = max(0, -floor(log10(step) + 1e-9))
    shown = round(value, digits)
    return f"{shown:{'+' if signed and shown else ''}.{digits}f}"


def bottom_axis(
    scale: Scale, top: float, bottom: float, title: str, *, signed: bool = True, most: int = 6
) -> list[str]:
    """Draw ticks, grid and title of a horizontal axis."""
    step = nice_step(scale.high - scale.low, most=most)
    parts = [line(scale.start, bottom, scale.end, bottom, "axis")]
    for value in scale.ticks(step):
        x = scale(value)
        anchor = "start" if x < scale.start + 10 else "end" if x > scale.end - 10 else "middle"
        parts.append(line(x, top, x, bottom, "grid"))
        parts.append(
            words(x, bottom + 15, number(value, step, signed=signed), look="soft", anchor=anchor)
        )
    return [*parts, words((scale.start + scale.end) / 2, bottom + 33, title, anchor="middle")]


def side_axis(scale: Scale, left: float, right: float, *, most: int = 5) -> list[str]:
    """Draw ticks and grid of a vertical axis."""
    step = nice_step(abs(scale.high - scale.low), most=most)
    parts = []
    for value in scale.ticks(step):
        y = scale(value)
        parts.append(line(left, y, right, y, "grid"))
        parts.append(words(left - 5, y + 4, number(value, step), look="soft", anchor="end"))
    return parts


def shortened(text: str, most: int) -> str:
    """Cut a text that has no room; its table holds it whole."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
