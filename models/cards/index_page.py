"""All drugs of a cohort in tables, one page for each order: sorting that needs no script."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from models.cards.figures import figure_at, figure_text
from models.cards.page import card_page, html_page
from models.cards.sentences import ABBREVIATIONS, STATUS_MEANS

Card = Mapping[str, Any]
INDEX = "index.html"
NO_FIGURE = 9.0  # beyond every figure: drugs without one come last
COLUMNS = ("drug", "status", "lines", "roc_auc", "lineage alone", "gain", "random sets", "p", "q")
TERMS = ("roc_auc", "[a, b]", "lineage", "p", "q")


def _status_then_q(card: Card) -> tuple[Any, ...]:
    order = {status: place for place, status in enumerate(STATUS_MEANS)}
    return order.get(str(card["status"]), len(order)), _ascending(card, "q"), *_by_gain(card)


def _by_q(card: Card) -> tuple[Any, ...]:
    return _ascending(card, "q"), _ascending(card, "p"), *_by_gain(card)


def _by_gain(card: Card) -> tuple[Any, ...]:
    gain = figure_at(card, "lineage", "gain").value
    return NO_FIGURE if gain is None else -gain, *_by_name(card)


def _by_roc_auc(card: Card) -> tuple[Any, ...]:
    roc_auc = figure_at(card, "roc_auc").value
    return NO_FIGURE if roc_auc is None else -roc_auc, *_by_name(card)


def _by_name(card: Card) -> tuple[Any, ...]:
    return (str(card["drug"]).casefold(), str(card["drug"]))


ORDERS: dict[str, tuple[str, str, Callable[[Card], tuple[Any, ...]]]] = {
    "status": (INDEX, "status, then q", _status_then_q),
    "q": ("by-q.html", "q", _by_q),
    "gain": ("by-gain.html", "gain over lineage", _by_gain),
    "roc_auc": ("by-roc-auc.html", "roc_auc", _by_roc_auc),
    "drug": ("by-drug.html", "name", _by_name),
}
"""Column -> file, what it is ordered by, and the key."""


def card_pages(cards: Mapping[str, Card], *, cohort: str) -> dict[str, str]:
    """Make a page for every drug, and the tables that lead to them.

    Parameters
    ----------
    cards
        Drug -> card, all of one cohort.

    Returns
    -------
    dict
        Name of a file -> HTML; they link to each other and to nothing else.
    """
    addresses = _addresses(cards)
    pages = {addresses[drug]: card_page(card, index=INDEX) for drug, card in cards.items()}
    for file, said, key in ORDERS.values():
        ordered = sorted(cards.values(), key=key)
        pages[file] = _index(ordered, addresses, cohort=cohort, said=said, file=file)
    return pages


def _addresses(cards: Mapping[str, Card]) -> dict[str, str]:
    """Drug -> name of its file, whatever characters a drug's name has; never two alike."""
    taken: dict[str, str] = {}
    for drug in cards:
        plain = re.sub(r"[^a-z0-9]+", "-", drug.casefold()).strip("-")[:80] or "drug"
        name, number = f"drug-{plain}.html", 2
        while name in taken.values():
            name, number = f"drug-{plain}-{number}.html", number + 1
        taken[drug] = name
    return taken


def _index(
    cards: list[Card], addresses: Mapping[str, str], *, cohort: str, said: str, file: str
) -> str:
    counts = {status: sum(card["status"] == status for card in cards) for status in STATUS_MEANS}
    shown = "".join(
        f"<dt>{counts[status]} {escape(status)}</dt><dd>{escape(meaning)}</dd>"
        for status, meaning in STATUS_MEANS.items()
    )
    simulated = any(card.get("simulated") for card in cards)
    warning = '<p class="warning">Simulated: nothing of this was ever measured.</p>'
    terms = "".join(
        f"<dt>{escape(term)}</dt><dd>{escape(ABBREVIATIONS[term])}</dd>" for term in TERMS
    )
    body = (
        f"<header><h1>Evidence cards of {escape(cohort)}</h1>{warning if simulated else ''}"
        f'<p class="where">{len(cards)} drugs, ordered by {escape(said)}. Another heading of the '
        "table orders it anew.</p></header>"
        f'<main><dl>{shown}</dl><div class="wide"><table>'
        f"<caption>roc_auc on unseen lines with 95% intervals; gain over lineage alone</caption>"
        f"<thead><tr>{_headings(file)}</tr></thead>"
        f"<tbody>{''.join(_row(card, addresses) for card in cards)}</tbody></table></div>"
        f"<h2>Terms</h2><dl>{terms}</dl></main>"
        "<footer><p>Evidence cards of cupromark. Research use only.</p></footer>"
    )
    return html_page(f"Evidence cards of {cohort}", body)


def _headings(file: str) -> str:
    cells = []
    for column in COLUMNS:
        target = ORDERS.get(column, (None,))[0]
        look = "" if column in ("drug", "status") else ' class="number"'
        if target is None:
            cells.append(f'<th scope="col"{look}>{column}</th>')
        elif target == file:
            direction = "ascending" if column in ("drug", "q", "status") else "descending"
            mark = "▲" if direction == "ascending" else "▼"
            cells.append(f'<th scope="col"{look} aria-sort="{direction}">{column} {mark}</th>')
        else:
            cells.append(f'<th scope="col"{look}><a href="{target}">{column}</a></th>')
    return "".join(cells)


def _row(card: Card, addresses: Mapping[str, str]) -> str:
    drug = str(card["drug"])
    figures = (
        str(card.get("n_lines", "")),
        figure_text(figure_at(card, "roc_auc")),
        figure_text(figure_at(card, "lineage", "roc_auc")),
        figure_text(figure_at(card, "lineage", "gain"), sign="+"),
        _number(card, "random", "mean"),
        _number(card, "p"),
        _number(card, "q"),
    )
    cells = "".join(f'<td class="number">{escape(text)}</td>' for text in figures)
    link = f'<a href="{escape(addresses[drug])}">{escape(drug)}</a>'
    return f'<tr><th scope="row">{link}</th><td>{escape(str(card["status"]))}</td>{cells}</tr>'


def _number(card: Card, *path: str) -> str:
    value = figure_at(card, *path).value
    return "–" if value is None else f"{value:.3f}"  # noqa: RUF001  (a dash for the eye)


def _ascending(card: Card, name: str) -> float:
    value = figure_at(card, name).value
    return NO_FIGURE if value is None else value
