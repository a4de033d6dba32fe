"""How stable attributions are, and how well the features tell lineages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.cards.figures import figure_at, figure_text, read_figure
from models.cards.forest import Forest, Row, draw_forest
from models.cards.fragment import Fragment, range_of_random
from models.cards.tables import table


def stability_figure(card: Mapping[str, Any]) -> Fragment | None:
    """Draw how stable attributions are, and how well the features tell lineages."""
    stability, leak = card.get("attribution_stability"), card.get("lineage_leak")
    if not isinstance(stability, Mapping) or not isinstance(leak, Mapping):
        return None
    rows = (
        Row("rank agreement of genes, panel", read_figure(stability["panel"]), "panel", "circle"),
        Row("the same, random sets", range_of_random(stability), "random", "diamond"),
        Row("lineage told from features, panel", read_figure(leak["panel"]), "panel", "circle"),
        Row("the same, random sets", range_of_random(leak), "random", "diamond"),
    )
    listed = [(row.name, figure_text(row.reading, digits=3)) for row in rows]
    listed.append(("lineage told by chance", figure_text(figure_at(leak, "chance"), digits=3)))
    return Fragment(
        "Stability and lineage leak",
        draw_forest(
            Forest(
                f"{card['drug']}: stability of attributions and lineage leak.",
                "Spearman correlation; balanced accuracy",
                rows,
                limits=(0.0, 1.0),
            )
        ),
        table("Panel, and mean with range of random sets", ("figure", "value"), listed,
              numbers=(1,)),
        "Rank agreement: Spearman correlation of the genes' attributions between classifiers "
        "learned from different folds; no better than random sets' means the ranking names no "
        "genes. Lineage leak: how often the features alone recognise the lineage of a held-out "
        "line (balanced accuracy); a high one means the features carry tissue.",
    )  # fmt: skip
