"""Figures numbered as they come, with their tables kept for the end of a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from models.cards.fragment import Fragment

NARROW = 2
"""Columns of a table that fits half a page."""


@dataclass(slots=True)
class FigureBook:
    """Numbers figures, and keeps the table of each."""

    _tables: list[str] = field(default_factory=list)

    def figure(self, fragment: Fragment, *, panels: str = "") -> str:
        """Write a figure with its number and a way to its table.

        Parameters
        ----------
        panels
            Drawings side by side, in place of the fragment's own.
        """
        number = len(self._tables) + 1
        title = f"{number}. {escape(fragment.title)}"
        heads = [part.count('scope="col"') for part in fragment.table.split("</thead>")]
        look = "narrow" if max(heads) <= NARROW else "broad"
        self._tables.append(
            f'<section id="table-{number}" class="{look}"><h3>Table {title}</h3>{fragment.table}'
            f'<p class="to"><a href="#figure-{number}">Back to figure {number}</a></p></section>'
        )
        drawn = f'<div class="panels">{panels}</div>' if panels else fragment.svg
        wide = ' style="max-width: none"' if panels else ""
        return (
            f'<figure id="figure-{number}"{wide}><h3>Figure {title}</h3>{drawn}'
            f"<figcaption>{escape(fragment.caption)} "
            f'<a class="to" href="#table-{number}">Table {number}</a></figcaption></figure>'
        )

    def tables(self) -> str:
        """Give the tables in the order of their figures."""
        return "".join(self._tables)
