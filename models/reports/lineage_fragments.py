"""Lineages and single lines, drawn and listed."""

from __future__ import annotations

from collections.abc import Sequence

from models.cards.figures import figure_text, number_text
from models.cards.fragment import Fragment
from models.cards.tables import table
from models.reports.content import LineageView, LineAtAnEnd
from models.reports.lineage_plot import draw_lineages


def lineage_figure(drug: str, view: LineageView) -> Fragment:
    """Draw what was promised of lineages, against what was measured."""
    n_lines = sum(row.n_lines for row in view.rows)
    prevalence = sum(row.n_sensitive for row in view.rows) / max(n_lines, 1)
    listed = [
        (
            row.name,
            str(row.n_lines),
            str(row.n_sensitive),
            figure_text(row.sensitive),
            f"{row.promised:.2f}",
            _log_odds(row.lineage_log_odds),
            _log_odds(row.gene_log_odds),
        )
        for row in view.rows
    ]
    columns = ("lineage", "lines", "sensitive", "share sensitive", "mean promised",
               "lineage's log-odds", "genes' log-odds")  # fmt: skip
    return Fragment(
        "Lineages: promised and measured",
        draw_lineages(view.rows, prevalence=prevalence, label=f"{drug}: lineages."),
        table("Held-out probabilities and attributions by lineage", columns, listed,
              numbers=range(1, 7)),
        "Brown squares: measured share of sensitive lines with its 95% interval (Wilson). Green "
        "circles: mean probability that was promised while a line's patient was held out. Dotted: "
        f"share over all lines. Lineages of fewer than {view.fewest} lines stand together.",
    )  # fmt: skip


def ends_table(view: LineageView) -> str:
    """List the lines at either end of the held-out probabilities."""
    return "".join(
        table(caption, ("line", "lineage", "probability", "measured"), _rows(lines), numbers=(2,))
        for caption, lines in (
            ("Promised to be sensitive", view.highest),
            ("Promised to be resistant", view.lowest),
        )
    )


def _rows(lines: Sequence[LineAtAnEnd]) -> list[tuple[str, ...]]:
    return [
        (
            one.sample,
            one.lineage or "not known",
            f"{one.probability:.2f}",
            "sensitive" if one.is_sensitive else "resistant",
        )
        for one in lines
    ]


def _log_odds(value: float | None) -> str:
    return "" if value is None else number_text(value, sign="+")
