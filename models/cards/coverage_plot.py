"""How often the conformal set of a held-out line holds its label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.cards.figures import figure_at, figure_text, read_figure
from models.cards.forest import Forest, Row, draw_forest
from models.cards.fragment import Fragment, percent_text
from models.cards.tables import table


def coverage_figure(card: Mapping[str, Any]) -> Fragment | None:
    """Draw how often the conformal set holds the label: by class and lineage."""
    coverage = card.get("coverage")
    if not isinstance(coverage, Mapping) or not coverage:
        return None
    level, at_level = next(iter(coverage.items()))
    looks = {"overall": ("panel", "circle"), "sensitive": ("sensitive", "circle"),
             "resistant": ("resistant", "square")}  # fmt: skip
    rows = [
        Row(f"{name} lines" if name != "overall" else "all lines", read_figure(at_level[name]),
            *looks[name])
        for name in looks
    ]  # fmt: skip
    by_lineage = {name: read_figure(one) for name, one in at_level["by_lineage"].items()}
    rows += [Row(name, one, "lineage", "square") for name, one in by_lineage.items() if one.known]
    n_missing = sum(not one.known for one in by_lineage.values())
    forest = Forest(
        f"{card['drug']}: coverage of conformal sets by class and lineage.",
        f"share of sets that hold the label (level {float(level):.0%})",
        tuple(rows),
        reference=(float(level), "level"),
        limits=(0.5, 1.0),
    )
    no_call = figure_at(card, "coverage", level, "no_call_share")
    return Fragment(
        "Conformal sets",
        draw_forest(forest),
        "".join(_coverage_table(card, one) for one in coverage),
        f"At a level of {float(level):.0%} that share of sets is to hold the true label (dotted "
        f"line). {percent_text(no_call)} of the sets hold both labels: no call. {n_missing} "
        "lineages have too few lines for a figure of their own.",
    )


def _coverage_table(card: Mapping[str, Any], level: str) -> str:
    at_level = card["coverage"][level]
    names = {"overall": "all lines", "sensitive": "sensitive lines", "resistant": "resistant lines",
             "no_call_share": "sets with both labels (no call)",
             "empty_share": "sets with no label", "mean_set_size": "labels a set"}  # fmt: skip
    rows = [(said, figure_text(read_figure(at_level[key]))) for key, said in names.items()]
    rows += [(one, figure_text(read_figure(it))) for one, it in at_level["by_lineage"].items()]
    return table(f"Level {float(level):.0%}", ("lines", "share"), rows, numbers=(1,))
