"""The sections of a printed report as pieces of a page: the same words, with room for plots."""

from __future__ import annotations

from html import escape

from models.cards.fragment import Fragment
from models.reports.content import DrugReport
from models.reports.figure_book import FigureBook
from models.reports.page import SECTIONS
from models.reports.sections_evidence import evidence_of_card, trust_of_card

PLOTS = {
    "Gene sets against the controls": "controls",
    "Calibration": "calibration",
    "Weight of genes": "genes",
    "Attributions line by line": "lines",
    "Expression against attribution": "dependence",
    "Weight of gene sets": "sets",
    "Claims against the cohort": "claims",
    "Lineages: promised and measured": "lineages",
}
"""Figures that the page draws itself, by their titles; the script knows them by these names."""

OF_CARD = {"evidence": evidence_of_card, "trust": trust_of_card}
"""Sections that say nothing beyond the evidence card: they stand on the page from the start."""

HEADINGS = tuple((name, heading) for name, heading, _ in SECTIONS)


class PageBook(FigureBook):
    """Numbers figures as the printed report does, with the table of each below it."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def figure(self, fragment: Fragment, *, panels: str = "") -> str:
        """Write a figure; one that the page draws itself carries the name of its plot."""
        self._count += 1
        plot = PLOTS.get(fragment.title)
        of_plot = "" if plot is None else f' data-plot="{plot}"'
        look = ' class="broad"' if panels else ""
        drawn = f'<div class="panels">{panels}</div>' if panels else fragment.svg
        return (
            f'<figure id="figure-{self._count}"{look}{of_plot}>'
            f"<h3>Figure {self._count}. {escape(fragment.title)}</h3>"
            f'<div class="plot-place">{drawn}</div>'
            f"<figcaption>{escape(fragment.caption)}</figcaption>"
            f'<details class="of-print"><summary>Table of figure {self._count}</summary>'
            f"{fragment.table}</details></figure>"
        )


def sections_of_card(card: dict[str, object]) -> dict[str, str]:
    """Name -> content of each section that the card fills; figures are numbered through."""
    book = PageBook()
    return {name: write(card, book) for name, write in OF_CARD.items()}


def sections_of_report(report: DrugReport) -> str:
    """Write all other sections, each in an element that bears its name."""
    book = PageBook()
    written = [(name, write(report, book)) for name, _, write in SECTIONS]
    return "".join(
        f'<div data-section="{name}">{content}</div>'
        for name, content in written
        if name not in OF_CARD
    )
