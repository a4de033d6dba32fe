"""Drawing SVG by hand: escaped elements, a scale, and a frame that screen readers can name.

Nothing carries a colour of its own: elements have classes, and `models.cards.style` gives these
their colours, for light and for dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from math import ceil, floor

WIDTH = 440
"""Width of every drawing, in its own units: narrow enough to be read on a telephone."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places.

    Attributes
    ----------
    low, high
        Values at the two ends.
    start, end
        Places of these; `end` may lie before `start`, as on a vertical axis.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Place of a value; one beyond an end stands at that end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, step: float) -> list[float]:
        """Give the multiples of a step between the ends."""
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [round(number * step, 10) for number in range(first, last + 1)]


def element(name: str, content: str = "", **attributes: str | float) -> str:
    """Write an element; attributes are escaped, `content` is markup. `_` in names becomes `-`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_attribute(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def words(x: float, y: float, text: str, *, look: str = "ink", anchor: str = "start") -> str:
    """Write text; whatever it holds, it stays text."""
    return element("text", escape(text), x=x, y=y, class_=look, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, look: str) -> str:
    """Draw a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=look)


def path(points: Iterable[tuple[float, float]], look: str, *, close: bool = False) -> str:
    """Draw a line through points."""
    steps = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return element("path", d=f"M{steps}{' Z' if close else ''}", class_=look)


def mark(x: float, y: float, shape: str, look: str, *, size: float = 5) -> str:
    """Draw a mark: circle, square, diamond, triangle or tick."""
    if shape == "circle":
        return element("circle", cx=x, cy=y, r=size, class_=look)
    if shape == "square":
        side = 1.8 * size
        left, top = x - side / 2, y - side / 2
        return element("rect", x=left, y=top, width=side, height=side, class_=look)
    reach = 1.3 * size
    corners = {
        "diamond": ((0, -reach), (reach, 0), (0, reach), (-reach, 0)),
        "triangle": ((0, -reach), (reach, 0.8 * reach), (-reach, 0.8 * reach)),
        "tick": ((-1.2, -reach), (1.2, -reach), (1.2, reach), (-1.2, reach)),
    }[shape]
    return path(((x + dx, y + dy) for dx, dy in corners), look, close=True)


def drawing(height: float, parts: Iterable[str], *, label: str) -> str:
    """Frame the parts; `label` is what a screen reader says of the drawing."""
    return element(
        "svg",
        "".join(parts),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height:.0f}",
        role="img",
        aria_label=label,
        class_="card-plot",
    )


def _attribute(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
