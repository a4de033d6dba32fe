"""Drawings of a report that its evidence card has not: gains, other cohorts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.cards.figures import figure_at, figure_text
from models.cards.forest import Forest, Row, draw_forest
from models.cards.fragment import Fragment
from models.cards.sentences import CONTROL_NAMES
from models.cards.tables import table

SHUFFLED = CONTROL_NAMES["shuffled_labels"]  # so far off that the others would not be seen apart
KINDS = {
    "lineage": ("lineage", "square"),
    "covariates": ("lineage", "diamond"),
    "all_genes": ("other", "triangle"),
    "panel_alone": ("panel", "diamond"),
}


def gains_figure(card: Mapping[str, Any]) -> Fragment | None:
    """Draw what the gene sets add to each control."""
    rows = [
        Row("lineage alone, served classifier", figure_at(card, "lineage", "gain"), "lineage",
            "circle"),
        Row("random gene sets", figure_at(card, "random", "gain"), "random", "diamond"),
    ]  # fmt: skip
    gains = card.get("gains")
    if isinstance(gains, Mapping):
        rows += [
            Row(name, figure_at(card, "gains", key), *KINDS.get(key, ("other", "diamond")))
            for key, name in CONTROL_NAMES.items()
            if key != "panel"
        ]
    if not any(row.reading.known for row in rows):
        return None
    listed = [(row.name, figure_text(row.reading, sign="+", digits=3)) for row in rows]
    return Fragment(
        "Gain over each control",
        draw_forest(
            Forest(
                f"{card['drug']}: gain in roc_auc over each control.",
                "gain in roc_auc (above 0: the gene sets add something)",
                tuple(row for row in rows if row.reading.known and row.name != SHUFFLED),
                reference=(0.0, "no gain"),
                signed=True,
            )
        ),
        table("Gain in roc_auc, with 95% intervals", ("over", "gain"), listed, numbers=(1,)),
        "roc_auc of the gene sets with lineage minus that of each control, over the same draws of "
        "patients; of random gene sets, mean and range of 95% of the sets. An interval that holds "
        "0 (dotted line) shows no gain. The table holds the gain over shuffled labels too.",
    )


def external_table(card: Mapping[str, Any]) -> str:
    """List what other cohorts say; empty where none was asked."""
    external = card.get("external")
    if not isinstance(external, Mapping) or not external:
        return ""
    rows = [
        (
            name,
            *(
                ("", "", "", str(found))
                if not isinstance(found, Mapping)
                else (
                    str(found["n_shared_lines"]),
                    str(found["n_tested"]),
                    str(found["n_sensitive"]),
                    figure_text(figure_at(found, "roc_auc")),
                )
            ),
        )
        for name, found in external.items()
    ]
    columns = ("cohort", "lines of shared patients", "unseen lines tested", "sensitive", "roc_auc")
    caption = "Rank ridge learned here, on lines of patients that only the other cohort holds"
    return table(caption, columns, rows, numbers=(1, 2, 3, 4))
