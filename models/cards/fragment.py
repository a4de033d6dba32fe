"""A drawing of a card with its table: a piece for a page, a service, or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from models.cards.figures import Reading, figure_at


@dataclass(frozen=True, slots=True)
class Fragment:
    """A drawing and what goes with it.

    Attributes
    ----------
    svg, table
        Markup; everything of the card in it is escaped.
    caption
        Plain text: how to read it.
    """

    title: str
    svg: str
    table: str
    caption: str

    def to_html(self) -> str:
        """Give the figure with its caption, and its table to be opened."""
        return (
            f"<figure><h3>{escape(self.title)}</h3>{self.svg}"
            f"<figcaption>{escape(self.caption)}</figcaption>"
            f"<details><summary>Table of this plot</summary>{self.table}</details></figure>"
        )


def percent_text(reading: Reading) -> str:
    """Write a share as a percentage, or why there is none."""
    return reading.reason if reading.value is None else f"{reading.value:.0%}"


def range_of_random(figures: Mapping[str, Any]) -> Reading:
    """Mean of random gene sets with the range over them."""
    names = ("random", "random_lowest", "random_highest")
    mean, low, high = (figure_at(figures, name) for name in names)
    return Reading(mean.value, low.value, high.value, mean.reason)
