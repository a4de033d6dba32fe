"""Lineages and lines, as they were answered while they were held out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.reports.content import Drivers, LineageRow, LineageView, LineAtAnEnd, Missing
from models.reports.draws import wilson_reading
from models.reports.drug_lines import DrugLines

FEWEST_LINES = 5
LINES_AT_AN_END = 8
UNKNOWN, FEW = "lineage not known", "lineages with fewer lines"


def view_lineages(lines: DrugLines, drivers: Drivers | Missing) -> LineageView | Missing:
    """Hold what was promised of each lineage against what was measured."""
    if lines.probability is None or lines.is_sensitive is None:
        return Missing("This bundle keeps no held-out predictions: lineages cannot be shown.")
    order = np.argsort(-lines.probability, kind="stable").tolist()
    n_shown = min(LINES_AT_AN_END, len(order) // 2)
    return LineageView(
        rows=tuple(_rows(lines, drivers)),
        highest=tuple(_at_an_end(lines, at) for at in order[:n_shown]),
        lowest=tuple(_at_an_end(lines, at) for at in reversed(order[len(order) - n_shown :])),
        fewest=FEWEST_LINES,
    )


def lineage_groups(lineage: tuple[str | None, ...]) -> dict[str, NDArray[np.int64]]:
    """Lineage -> places of its lines, the most numerous first; small and unknown ones last."""
    named = np.array([UNKNOWN if one is None else one for one in lineage], dtype=np.str_)
    names, counts = np.unique(named, return_counts=True)
    few = {
        str(name)
        for name, count in zip(names, counts, strict=True)
        if count < FEWEST_LINES and name != UNKNOWN
    }
    shown = np.array([FEW if str(one) in few else str(one) for one in named], dtype=np.str_)
    places = {str(name): np.flatnonzero(shown == name) for name in np.unique(shown)}
    last = (FEW, UNKNOWN)
    ordered = sorted(places, key=lambda name: (name in last, -len(places[name]), name))
    return {name: places[name] for name in ordered}


def _rows(lines: DrugLines, drivers: Drivers | Missing) -> Iterator[LineageRow]:
    of_lineage, of_genes = _attributions(drivers)
    if lines.probability is None or lines.is_sensitive is None:
        return
    for name, at in lineage_groups(lines.lineage).items():
        n_sensitive = int(lines.is_sensitive[at].sum())
        yield LineageRow(
            name=name,
            n_lines=len(at),
            n_sensitive=n_sensitive,
            sensitive=wilson_reading(n_sensitive, len(at)),
            promised=float(lines.probability[at].mean()),
            lineage_log_odds=None if of_lineage is None else float(of_lineage[at].mean()),
            gene_log_odds=None if of_genes is None else float(of_genes[at].mean()),
        )


def _attributions(
    drivers: Drivers | Missing,
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    if isinstance(drivers, Missing):
        return None, None
    of_lineage = [one.attribution for one in drivers.genes if one.kind == "lineage"]
    of_genes = [one.attribution for one in drivers.genes_alone]
    return (
        of_lineage[0] if of_lineage else None,
        np.sum(of_genes, axis=0) if of_genes else None,
    )


def _at_an_end(lines: DrugLines, at: int) -> LineAtAnEnd:
    if lines.probability is None or lines.is_sensitive is None:
        raise ValueError("lines without predictions")
    return LineAtAnEnd(
        lines.samples[at],
        lines.lineage[at],
        float(lines.probability[at]),
        bool(lines.is_sensitive[at]),
    )
