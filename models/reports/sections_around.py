"""Sections on limits, methods, provenance and terms."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from models.cards.sentences import ABBREVIATIONS
from models.reports.content import DrugReport, PanelCover
from models.reports.figure_book import FigureBook

TERMS = {
    "attribution": "SHAP value (Shapley additive explanation): what a gene, set or lineage adds to "
    "or takes from the answer of one line. An association, never a cause.",
    "log-odds": "Natural logarithm of probability over its complement; 0 is 50%, +1 is 73%, "
    "-1 is 27%. Attributions add up on this scale.",
    "z": "Standard deviations of a gene's expression from its mean over the training lines.",
    "line": "Cancer cell line; in a cohort of patients, a patient's tumour.",
    "balance": "Score of one gene set minus that of another.",
    "claim": "A statement of one of the three reviews that the gene sets were built from.",
    "Spearman correlation": "Correlation of ranks, -1 to 1; 0 is none.",
    "SHA-256": "Fingerprint of a file: the same bytes, and no others, give the same.",
}


def limits_section(report: DrugReport, book: FigureBook) -> str:
    """Say what is not known."""
    del book
    return f"{_listed(report.limits)}{_absent_genes(report.panel)}"


def methods_section(report: DrugReport, book: FigureBook) -> str:
    """Say how the figures were made."""
    del book
    return _defined(report.methods)


def provenance_section(report: DrugReport, book: FigureBook) -> str:
    """Say what the report was made from, and how to cite it."""
    del book
    cited = "".join(f"<p>{escape(line)}</p>" for line in report.citation)
    return f'<div class="provenance">{_defined(report.provenance)}</div><h3>How to cite</h3>{cited}'


def terms_section(report: DrugReport, book: FigureBook) -> str:
    """Explain every word and abbreviation."""
    del report, book
    return _defined({**ABBREVIATIONS, **TERMS}.items())


def _absent_genes(panel: PanelCover) -> str:
    if not panel.missing and not panel.left_out:
        return ""
    rows = [(name, reason) for name, reason in panel.left_out]
    features = f"<p>Features that could not be made:</p>{_defined(rows)}" if rows else ""
    genes = (
        f'<p class="unmeasured">Genes of the gene sets that the cohort does not measure '
        f"({len(panel.missing)}): "
        f"{escape(', '.join(panel.missing))}.</p>"
        if panel.missing
        else ""
    )
    return f"<h3>What the cohort does not measure</h3>{features}{genes}"


def _listed(sentences: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in sentences)}</ul>"


def _defined(pairs: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f"<dt>{escape(what)}</dt><dd>{escape(said)}</dd>" for what, said in pairs)
    return f"<dl>{rows}</dl>"
