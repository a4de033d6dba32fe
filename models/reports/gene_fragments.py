"""Drawings of what a classifier rests on: genes, gene sets, interactions."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from models.cards.figures import figure_text, number_text
from models.cards.fragment import Fragment
from models.cards.tables import table
from models.reports.bar_plot import Bar, draw_bars
from models.reports.content import Drivers, Entry, Interactions
from models.reports.families import FAMILY_NAMES
from models.reports.report_words import SENSITIVITY_WORDS, probability_step
from models.reports.swarm_plot import SwarmRow, draw_swarm

MOST_GENES, MOST_SETS = 15, 12
SIZE_AXIS = "mean size of the attribution (log-odds)"
WHOLE_TABLE = 40


def gene_bars(drug: str, drivers: Drivers) -> Fragment:
    """Draw the weightiest genes and covariates, in the colour of their direction."""
    shown = drivers.genes[:MOST_GENES]
    bars = [Bar(one.title if one.kind == "gene" else one.kind, one.mean_size, _look(one),
                said=_lean(one)) for one in shown]  # fmt: skip
    step = shown[0].mean_size.value or 0.0
    return Fragment(
        "Weight of genes",
        draw_bars(
            bars, axis=SIZE_AXIS, label=f"{drug}: genes by size of attribution.", name_width=100
        ),
        _gene_table(drivers),
        "Mean size of what each gene adds to or takes from the answer of a line, with the 95% "
        f"interval over draws of patients. Blue: higher expression counts towards sensitive; "
        "orange: towards resistant; brown: lineage, all its columns together. For scale: "
        f"{step:.2f} log-odds move the base answer from {probability_step(drivers, step)}. The "
        f"figure shows {len(shown)} of {len(drivers.genes)} entries.",
    )


def gene_swarm(drug: str, drivers: Drivers) -> Fragment:
    """Draw every line's attribution of the weightiest entries."""
    shown = drivers.genes[:MOST_GENES]
    rows = [
        SwarmRow(one.title if one.kind == "gene" else one.kind, one.attribution, one.value)
        for one in shown
    ]
    written = [
        (one.title, *(number_text(part, sign="+", digits=3) for part in _spread(one)))
        for one in shown
    ]
    columns = ("gene", "lowest", "lower quartile", "median", "upper quartile", "highest")
    return Fragment(
        "Attributions line by line",
        draw_swarm(
            rows,
            axis="attribution (log-odds)",
            label=f"{drug}: attributions of {len(drivers.samples)} training lines by gene.",
        ),
        table("Attribution over the training lines, log-odds", columns, written,
              numbers=range(1, 6)),
        f"A dot is one of {len(drivers.samples)} training lines. Right of 0 a gene counts towards "
        "sensitive, left towards resistant. Dark and large: highly expressed in that line (z above "
        "0.5); pale and small: lowly (z below -0.5). Dark dots on the right mean that high "
        "expression goes with sensitive. Brown: lineage, which has no expression.",
    )  # fmt: skip


def set_bars(drug: str, drivers: Drivers) -> Fragment:
    """Draw gene sets, in the colour of their family, with their overlapping totals."""
    bars = [
        Bar(_set_name(one), one.mean_size, one.family or _look(one), beside=one.total_size)
        for one in drivers.sets[:MOST_SETS]
    ]
    written = [
        (
            one.title,
            FAMILY_NAMES[one.family] if one.family else one.kind,
            str(one.n_genes) if one.kind == "set" else "",
            figure_text(one.mean_size, digits=3),
            figure_text(one.total_size, digits=3) if one.total_size else "",
            _direction(one),
            one.expected or "",
        )
        for one in drivers.sets
    ]
    columns = ("gene set", "kind", "genes here", "partition", "total", "high goes with", "expected")
    return Fragment(
        "Weight of gene sets",
        draw_bars(bars, axis=SIZE_AXIS, label=f"{drug}: gene sets by size of attribution."),
        table("Mean size over lines, log-odds, with 95% intervals", columns, written,
              numbers=(2, 3, 4)),
        "Bars: partition, a gene of several sets shared out among them, so that sets add up. "
        "Diamonds: totals, every gene whole in each of its sets; these overlap. A set of many "
        "genes has more chances; their number stands in brackets. In a set, genes that speak "
        f"against each other cancel out. {len(bars)} of {len(drivers.sets)} are shown.",
    )  # fmt: skip


def set_directions(drivers: Drivers) -> str:
    """List what high expression of a set goes with, beside what its sources expect."""
    rows = [
        (
            one.title,
            FAMILY_NAMES[one.family] if one.family else "",
            str(one.n_genes),
            _direction(one),
            one.expected or "not stated",
        )
        for one in drivers.sets[:MOST_SETS]
        if one.kind == "set"
    ]
    columns = ("gene set", "kind", "genes", "high goes with", "expected")
    return table("Directions in the classifier, and in the sources", columns, rows, numbers=(2,))


def interaction_table(interactions: Interactions) -> str:
    """List the weightiest pairs of features."""
    rows = [
        (one.first, one.second, number_text(one.mean_size, digits=4)) for one in interactions.pairs
    ]
    return table("Mean size over lines, log-odds", ("feature", "with", "together"), rows,
                 numbers=(2,))  # fmt: skip


def _gene_table(drivers: Drivers) -> str:
    rows = [
        (
            one.title,
            figure_text(one.mean_size, digits=3),
            f"{one.share:.1%}",
            _direction(one),
            "" if one.log_odds_per_sd is None
            else number_text(one.log_odds_per_sd, sign="+", digits=3),
            one.expected or "",
            _claims(one),
            ", ".join(one.sets).replace("_", " "),
        )
        for one in drivers.genes[:WHOLE_TABLE]
    ]  # fmt: skip
    columns = ("gene", "mean size", "share", "high goes with", "per z", "expected", "claims",
               "gene sets")  # fmt: skip
    caption = (
        f"The {len(rows)} weightiest of {len(drivers.genes)} entries; log-odds, 95% intervals. "
        "Expected: what the sources of the gene sets state. Claims: leaning the same way / the "
        "other way, about this drug or its class"
    )
    return table(caption, columns, rows, numbers=(1, 2, 4))


def _spread(entry: Entry) -> Iterable[float]:
    return [float(one) for one in np.percentile(entry.attribution, [0, 25, 50, 75, 100])]


def _look(entry: Entry) -> str:
    if entry.kind == "lineage":
        return "lineage"
    return SENSITIVITY_WORDS[entry.direction] if entry.direction else "other"


def _lean(entry: Entry) -> str:
    value = number_text(entry.mean_size.value or 0.0, digits=3)
    if entry.direction is None:
        return value
    return f"{value} {SENSITIVITY_WORDS[entry.direction]}"


def _direction(entry: Entry) -> str:
    if entry.kind == "lineage":
        return ""
    return entry.direction or "depends on the line"


def _claims(entry: Entry) -> str:
    if not entry.agreeing and not entry.opposing:
        return ""
    return f"{len(entry.agreeing)} / {len(entry.opposing)}"


def _set_name(entry: Entry) -> str:
    return f"{entry.title} ({entry.n_genes})" if entry.kind == "set" else entry.title
