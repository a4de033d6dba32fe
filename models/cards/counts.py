"""Counts as one bar."""

from __future__ import annotations

from collections.abc import Sequence

from models.cards.svg import WIDTH, drawing, element, words

LEFT, RIGHT, TOP = 10.0, WIDTH - 10.0, 8.0


def counts_bar(parts: Sequence[tuple[str, int, str]], *, label: str, below: Sequence[str]) -> str:
    """Draw counts as one bar, with their names beneath and lines of text below these.

    Parameters
    ----------
    parts
        Name, count and look of each.
    """
    total = max(sum(count for _, count, _ in parts), 1)
    drawn, x = [], LEFT
    for _, count, look in parts:
        width = (RIGHT - LEFT) * count / total
        drawn.append(element("rect", x=x, y=TOP, width=width, height=26, class_=f"area {look}"))
        x += width
    for number, (name, count, look) in enumerate(parts):
        y = TOP + 48 + 20 * number
        drawn.append(element("rect", x=LEFT, y=y - 10, width=11, height=11, class_=f"area {look}"))
        drawn.append(words(LEFT + 18, y, f"{name}: {count} ({100 * count / total:.0f}%)"))
    y = TOP + 48 + 20 * len(parts)
    drawn += [words(LEFT, y + 18 * row, text, look="soft") for row, text in enumerate(below)]
    return drawing(y + 18 * len(below) + 2, drawn, label=label)
