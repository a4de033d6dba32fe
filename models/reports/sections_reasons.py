"""Sections on what a classifier rests on, and what the literature says of it."""

from __future__ import annotations

from html import escape

from models.reports.claim_fragments import (
    claims_figure,
    is_tested,
    ledger_summary,
    ledger_table,
    untested_lists,
)
from models.reports.content import DrugReport, Missing
from models.reports.dependence_fragment import dependence_panels
from models.reports.figure_book import FigureBook
from models.reports.gene_fragments import (
    gene_bars,
    gene_swarm,
    interaction_table,
    set_bars,
    set_directions,
)
from models.reports.lineage_fragments import ends_table, lineage_figure


def genes_section(report: DrugReport, book: FigureBook) -> str:
    """Show the weightiest genes, as bars and line by line."""
    if isinstance(report.drivers, Missing):
        return _absent(report.drivers)
    bars = book.figure(gene_bars(report.drug, report.drivers))
    swarm = book.figure(gene_swarm(report.drug, report.drivers))
    note = (
        "These are associations that the classifier uses, in the lines that it learned from. They "
        "name neither targets nor causes."
    )
    return f'<p class="lead">{note}</p><div class="pair">{bars}{swarm}</div>'


def sets_section(report: DrugReport, book: FigureBook) -> str:
    """Show the weight of gene sets."""
    if isinstance(report.drivers, Missing):
        return _absent(report.drivers)
    figure = book.figure(set_bars(report.drug, report.drivers))
    directions = set_directions(report.drivers)
    return f'<div class="pair">{figure}<div><h3>Directions</h3>{directions}</div></div>'


def dependence_section(report: DrugReport, book: FigureBook) -> str:
    """Show expression against attribution of the weightiest genes."""
    if isinstance(report.drivers, Missing):
        return _absent(report.drivers)
    if not report.drivers.genes_alone:
        return '<p class="absent">The classifier reads no gene.</p>'
    panels, fragment = dependence_panels(report.drug, report.drivers)
    return book.figure(fragment, panels=panels)


def interactions_section(report: DrugReport, book: FigureBook) -> str:
    """List interactions, or say that there are none."""
    del book
    found = report.interactions
    if isinstance(found, Missing):
        return _absent(found)
    if found.is_linear:
        return (
            "<p>None: the score is linear on the log-odds scale. What one gene adds does not "
            "depend on another, so this classifier cannot show that two genes act together, nor "
            "that they do not.</p>"
        )
    if not found.pairs:
        return "<p>None: no tree of this classifier asks for two features.</p>"
    said = (
        f"Pairs of features make up {found.share:.0%} of the size of all that the trees say; the "
        "weightiest are below. What a pair adds is beyond what each adds alone."
    )
    return f"<p>{escape(said)}</p>{interaction_table(found)}"


def claims_section(report: DrugReport, book: FigureBook) -> str:
    """Show every claim about the drug or its class, with what the data say."""
    if not report.claims:
        return "<p>No claim of the three reviews speaks of this drug or of its class.</p>"
    figure = claims_figure(report.drug, report.claims)
    tested = [row for row in report.claims if is_tested(row)]
    others = [row for row in report.claims if not is_tested(row)]
    parts = [f"<p>{escape(report.claims_source)} {escape(_reading(report))}</p>"]
    if figure:
        decided = ledger_summary(report.claims)
        parts.append(f'<div class="pair">{book.figure(figure)}<div>{decided}</div></div>')
    if tested:
        shown = ledger_table(f"{len(tested)} claims that the cohort could test", tested)
        parts.append(f'<h3>Tested claims</h3><div class="ledger">{shown}</div>')
    if others:
        shown = untested_lists(others)
        parts.append(f"<h3>{len(others)} claims without a test, by reason</h3>{shown}")
    return "".join(parts)


def lineages_section(report: DrugReport, book: FigureBook) -> str:
    """Show lineages, and the lines at either end."""
    view = report.lineages
    if isinstance(view, Missing):
        return _absent(view)
    note = "Each line's probability is a mean over repetitions in which its patient was held out."
    figure = book.figure(lineage_figure(report.drug, view))
    ends = f'<div class="lines"><h3>Lines at either end</h3><p>{note}</p>{ends_table(view)}</div>'
    return f'<div class="pair">{figure}{ends}</div>'


def _reading(report: DrugReport) -> str:
    n_named = sum(row.claim.drug is not None for row in report.claims)
    return (
        f"{n_named} claims name {report.drug}, {len(report.claims) - n_named} its class; a claim "
        "about a class is held against all its drugs in the cohort together. “High goes with” is "
        "what the claim says of higher expression; “classifier” is what higher expression counts "
        "towards here. A claim from drug-treated or resistant cells is held against untreated "
        "ones: its verdict says whether the pattern is there already, not whether the claim holds "
        "where it was made."
    )


def _absent(missing: Missing) -> str:
    return f'<p class="absent">{escape(missing.reason)}</p>'
