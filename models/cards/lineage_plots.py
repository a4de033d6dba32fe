"""Lineages that were left out: how well they are ranked, and whether they look unlike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.cards.figures import figure_at, figure_text, read_figure
from models.cards.forest import Forest, Row, draw_forest
from models.cards.fragment import Fragment
from models.cards.tables import table


def lineage_out_figure(card: Mapping[str, Any]) -> Fragment | None:
    """Draw roc_auc on lineages that the classifier never saw."""
    found = card.get("leave_lineage_out")
    if not isinstance(found, Mapping):
        return None
    by_lineage = {name: read_figure(one) for name, one in found["by_lineage"].items()}
    rows = [
        Row("pairs within any lineage", read_figure(found["roc_auc"]), "panel", "circle"),
        *(Row(name, one, "lineage", "square") for name, one in by_lineage.items() if one.known),
    ]
    n_missing = sum(not one.known for one in by_lineage.values())
    listed = [("pairs within any lineage", figure_text(read_figure(found["roc_auc"])))]
    listed += [(name, figure_text(one)) for name, one in by_lineage.items()]
    forest = Forest(
        f"{card['drug']}: roc_auc on lineages that were left out.",
        "roc_auc within a lineage that was left out (0.5 is chance)",
        tuple(rows),
        reference=(0.5, "chance"),
    )
    columns = ("lineage", "roc_auc")
    return Fragment(
        "Lineages left out",
        draw_forest(forest),
        table("Rank ridge learned from all other lineages", columns, listed, numbers=(1,)),
        "All lines of a lineage are left out, and ranked among each other: what is left once "
        f"tissue is no help. {n_missing} lineages allow no figure of their own; the table says "
        "why.",
    )


def domain_figure(card: Mapping[str, Any]) -> Fragment | None:
    """Draw how often lines of an unknown lineage are flagged as unlike the cohort."""
    domain = card.get("domain")
    if not isinstance(domain, Mapping):
        return None
    by_lineage = {name: read_figure(one) for name, one in domain["share_unlike_by_lineage"].items()}
    rows = [
        Row("held-out patients", figure_at(domain, "held_out_patients", "share_unlike"), "panel",
            "circle"),
        Row("held-out lineages", figure_at(domain, "held_out_lineages", "share_unlike"), "lineage",
            "diamond"),
        *(Row(name, one, "lineage", "square") for name, one in by_lineage.items() if one.known),
    ]  # fmt: skip
    listed = [(row.name, figure_text(row.reading)) for row in rows[:2]]
    listed += [(name, figure_text(one)) for name, one in by_lineage.items()]
    told = figure_text(figure_at(domain, "discrimination"))
    return Fragment(
        "Domain",
        draw_forest(
            Forest(
                "Share of held-out lines beyond the 95th percentile of distance.",
                "share flagged as unlike the cohort",
                tuple(rows),
                reference=(0.05, "expected"),
                limits=(0.0, 0.2),
            )
        ),
        table("Lines beyond the 95th percentile", ("lines", "share"), listed, numbers=(1,)),
        "A profile farther from the cohort than 95% of its lines is flagged. Of lines whose "
        "patient was left out about 5% should be (dotted line); of lines whose whole lineage was "
        f"left out, the more the better. A left-out lineage lies farther off in {told} of pairs.",
    )
