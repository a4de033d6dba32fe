"""Sections on how well a classifier does."""

from __future__ import annotations

from typing import Any

from models.cards.figures import figure_at, figure_text
from models.cards.fragments import card_figures
from models.cards.page import KEY_FIGURES
from models.cards.tables import table
from models.reports.content import DrugReport
from models.reports.evidence_fragments import external_table, gains_figure
from models.reports.figure_book import FigureBook

TRUST_ORDER = ("calibration", "labels", "coverage", "robustness", "leave_lineage_out", "stability",
               "domain")  # fmt: skip
"""Tall and short ones by turns, so that columns of paper fill."""


def evidence_section(report: DrugReport, book: FigureBook) -> str:
    """Show the gene sets against lineage, random gene sets and all genes."""
    return evidence_of_card(report.card, book)


def trust_section(report: DrugReport, book: FigureBook) -> str:
    """Show calibration, coverage, lineages left out, labels, stability and domain."""
    return trust_of_card(report.card, book)


def evidence_of_card(card: dict[str, Any], book: FigureBook) -> str:
    """Write the section on the controls, which says nothing beyond a card."""
    controls = card_figures(card).get("controls")
    gains = gains_figure(card)
    left = book.figure(controls) if controls else ""
    right = book.figure(gains) if gains else ""
    external = external_table(card)
    others = f"<h3>Other cohorts</h3>{external}" if external else ""
    beside = f"<div>{right}{_key_figures(card)}</div>"
    return f'<div class="pair">{left}{beside}</div>{others}'


def trust_of_card(card: dict[str, Any], book: FigureBook) -> str:
    """Write the section on trust, which says nothing beyond a card."""
    fragments = card_figures(card)
    drawn = "".join(book.figure(fragments[name]) for name in TRUST_ORDER if name in fragments)
    if not drawn:
        return '<p class="absent">The evidence card of this bundle holds none of these figures.</p>'
    return f'<div class="plots">{drawn}</div>'


def _key_figures(card: dict[str, Any]) -> str:
    rows = [
        (name, figure_text(figure_at(card, *path), sign=sign, digits=digits))
        for name, path, sign, digits in KEY_FIGURES
    ]
    band = card.get("seed_band")
    if isinstance(band, list):
        rows.insert(1, ("lowest and highest over seeds", f"{band[0]:.2f} to {band[1]:.2f}"))
    shown = table("Value, then its 95% interval", ("figure", "value"), rows, numbers=(1,))
    return f"<h3>Key figures</h3>{shown}"
