"""A report as one file of HTML: verdict first; no script, nothing asked of any host."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from models.cards.page import POLICY
from models.cards.sentences import verdict_sentences
from models.cards.style import CARD_CSS
from models.reports.content import DrugReport
from models.reports.figure_book import FigureBook
from models.reports.report_style import report_css
from models.reports.report_words import in_short
from models.reports.sections_around import (
    limits_section,
    methods_section,
    provenance_section,
    terms_section,
)
from models.reports.sections_evidence import evidence_section, trust_section
from models.reports.sections_reasons import (
    claims_section,
    dependence_section,
    genes_section,
    interactions_section,
    lineages_section,
    sets_section,
)

SECTIONS: tuple[tuple[str, str, Callable[[DrugReport, FigureBook], str]], ...] = (
    ("evidence", "Does it beat the controls?", evidence_section),
    ("trust", "How far to trust it", trust_section),
    ("genes", "Genes it rests on", genes_section),
    ("dependence", "Expression against attribution", dependence_section),
    ("sets", "Gene sets", sets_section),
    ("interactions", "Interactions", interactions_section),
    ("claims", "Claims of the literature", claims_section),
    ("lineages", "Lineages and lines", lineages_section),
    ("limits", "What is not known", limits_section),
    ("methods", "Methods", methods_section),
    ("provenance", "Provenance, and how to cite", provenance_section),
    ("terms", "Terms", terms_section),
)


def report_page(report: DrugReport) -> str:
    """Write a report as one file of HTML; the same report gives the same bytes."""
    title = f"{report.drug} on {report.cohort}{_withheld(report, ' (withheld)')}"
    head = f"cupromark report: {report.drug}, {report.cohort}{_withheld(report, ' - WITHHELD')}"
    foot = f"Bundle {report.bundle_sha256[:12]}. Research use only. Association is not cause."
    css = f"{CARD_CSS}\n{report_css(running_head=head, running_foot=foot)}"
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{escape(title)}</title>\n<style>body {{ margin: 0; }}\n{css}</style>\n</head>\n"
        f'<body class="card report">\n{report_body(report)}\n</body>\n</html>\n'
    )


def report_body(report: DrugReport) -> str:
    """Give the page without its frame, for a service that has one of its own."""
    book = FigureBook()
    sections = [
        f'<section id="{name}" aria-labelledby="{name}-heading">'
        f'<h2 id="{name}-heading">{escape(heading)}{_flag(report)}</h2>'
        f"{write(report, book)}</section>"
        for name, heading, write in SECTIONS
    ]
    tables = (
        '<section id="tables" class="break" aria-labelledby="tables-heading">'
        f'<h2 id="tables-heading">Tables of the figures{_flag(report)}</h2>'
        f'<div class="tables">{book.tables()}</div></section>'
    )
    return "\n".join((_header(report), _contents(), "<main>", *sections, tables, "</main>",
                      _footer(report)))  # fmt: skip


def _header(report: DrugReport) -> str:
    said, *others, reason = verdict_sentences(report.card)
    card = report.card
    known = (card.get(name, "?") for name in ("n_lines", "n_groups", "n_sensitive"))
    lines = "{} lines of {} patients, {} of them sensitive".format(*known)
    made = report.created_at[:10] or "date not known"
    where = f"Cohort {report.cohort}, {lines}. Bundle {_bundle(report)}, made {made}."
    short = "".join(f"<li>{escape(sentence)}</li>" for sentence in in_short(report))
    return (
        f"<header><h1>{escape(report.drug)}{_flag(report)}</h1>"
        f'<p class="where">{escape(where)}</p>{_warnings(report)}'
        f'<div class="verdict {report.status}"><p><strong>{escape(said)}</strong></p>'
        f"<p>{escape(' '.join(others))}</p><p>Why this status: {escape(reason)}</p></div>"
        f'<ul class="short">{short}</ul></header>'
    )


def _bundle(report: DrugReport) -> str:
    sha256 = f"sha256 {report.bundle_sha256[:12]}" if report.bundle_sha256 else "not written"
    return sha256 if report.version is None else f"version {report.version} ({sha256})"


def _warnings(report: DrugReport) -> str:
    said = []
    if report.simulated:
        said.append("Simulated: nothing of this was ever measured.")
    if report.status == "withheld":
        said.append(
            "Withheld: the evidence does not carry a prediction for this drug. What follows shows "
            "what was tried; do not rest anything on it."
        )
    return "".join(f'<p class="warning">{escape(one)}</p>' for one in said)


def _contents() -> str:
    headings = [*((name, heading) for name, heading, _ in SECTIONS), ("tables", "Tables")]
    items = "".join(f'<li><a href="#{name}">{escape(said)}</a></li>' for name, said in headings)
    return f'<nav aria-label="Contents"><ol>{items}</ol></nav>'


def _footer(report: DrugReport) -> str:
    return (
        f"<footer><p>Report of cupromark on {escape(report.drug)}. Attributions are associations, "
        "never causes. Research use only.</p></footer>"
    )


def _flag(report: DrugReport) -> str:
    return _withheld(report, ' <span class="flag">withheld</span>')


def _withheld(report: DrugReport, said: str) -> str:
    return said if report.status == "withheld" else ""
