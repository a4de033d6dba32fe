"""What changes under other labels and on other cohorts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.cards.figures import figure_at, figure_text, read_figure
from models.cards.forest import Forest, Row, draw_forest
from models.cards.fragment import Fragment, percent_text
from models.cards.tables import table


def robustness_figure(card: Mapping[str, Any]) -> Fragment | None:
    """Draw what changes under a second label method, and on other cohorts."""
    found = card.get("label_robustness")
    if not isinstance(found, Mapping):
        return None
    first, second = found["method"], found["second_method"]
    rows = [
        Row(f"labels by {first}", read_figure(found["roc_auc"]), "panel", "circle"),
        Row(f"labels by {second}", read_figure(found["second_roc_auc"]), "panel", "diamond"),
    ]
    external = card.get("external")
    others = external if isinstance(external, Mapping) else {}
    rows += [
        Row(f"unseen lines of {name}", figure_at(others, name, "roc_auc"), "other", "triangle")
        for name in others
    ]
    label_rows = [
        (row.name, figure_text(row.reading, digits=3), *_counts_of(others, row.name))
        for row in rows
    ]
    label_rows.append(
        ("second method minus first", figure_text(figure_at(found, "difference"), sign="+",
                                                  digits=3), "", "", "")
    )  # fmt: skip
    columns = ("what", "roc_auc", "shared lines", "unseen lines", "unseen and measured")
    return Fragment(
        "Other labels, other cohorts",
        draw_forest(
            Forest(
                f"{card['drug']}: roc_auc under other labels and on other cohorts.",
                "roc_auc (0.5 is chance)",
                tuple(rows),
                reference=(0.5, "chance"),
            )
        ),
        table("Figures with 95% intervals", columns, label_rows, numbers=range(1, 5)),
        "The same scores judged by labels of two methods; "
        f"{percent_text(figure_at(found, 'agreement'))} of the lines have the same label. Other "
        "cohorts: lines of patients of whom this cohort has no expression, ranked by rank ridge, "
        "which saw no response of theirs. What is served may have: it learns from lines that were "
        "screened without expression too.",
    )


def _counts_of(others: Mapping[str, Any], name: str) -> tuple[str, str, str]:
    other = others.get(name.removeprefix("unseen lines of "))
    if not isinstance(other, Mapping):
        return "", "", ""
    return str(other["n_shared_lines"]), str(other["n_unseen_lines"]), str(other["n_tested"])
