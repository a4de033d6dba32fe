"""The evidence of a drug in three lines: the classifier, lineage alone, random gene sets."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from models.cards.card import card_of_bundle
from models.cards.figures import Reading, figure_at, figure_text
from models.cards.forest import Forest, Row, draw_forest
from models.cards.tables import table
from serving.bundles.served import ServedBundle
from serving.catalogue.drugs import find_name
from serving.errors import NotFoundError

AXIS = "roc_auc on lines not seen in training"
LIMITS = (0.4, 1.0)


def evidence_fragment(served: ServedBundle, drug: str) -> str:
    """Draw the evidence of a drug with its table; NotFoundError for one that is not known."""
    name = known_drug(served, drug)
    card = card_of_bundle(served.bundle.bundle, name)
    rows = _rows(card)
    svg = draw_forest(
        Forest(
            f"{name}: how well its classifier ranks lines, against lineage and random gene sets.",
            AXIS,
            rows,
            reference=(0.5, "chance"),
            limits=LIMITS,
        )
    )
    shown = table(
        "roc_auc with its 95% interval; for random gene sets the range of 95% of the sets",
        ("features", "roc_auc"),
        [(row.name, figure_text(row.reading, digits=3)) for row in rows],
        numbers=(1,),
    )
    return (
        f'<p class="reason">{escape(str(card.get("status_reason") or ""))}</p>{svg}'
        f"<details><summary>Table of this plot</summary>{shown}</details>"
    )


def known_drug(served: ServedBundle, drug: str) -> str:
    """Return a drug's name as the bundle writes it.

    Raises
    ------
    NotFoundError
        The bundle does not know it; upper and lower case do not matter.
    """
    found = find_name(drug, served.bundle.drugs)
    if found is None:
        raise NotFoundError(
            "The bundle that answers knows no such drug.",
            needed="the name of one of its drugs.",
            remedy="look it up in the list of drugs.",
        )
    return found


def drug_address(drug: str) -> str:
    """Address of a drug's page, below the root of the site."""
    return f"/drugs/{quote(drug, safe='')}"


def random_reading(card: Mapping[str, Any]) -> Reading:
    """Mean of the random gene sets, and the range of 95% of them."""
    mean, low, high = (figure_at(card, "random", name) for name in ("mean", "low", "high"))
    return Reading(mean.value, low.value, high.value, mean.reason)


def _rows(card: Mapping[str, Any]) -> tuple[Row, ...]:
    return (
        Row("this classifier", figure_at(card, "roc_auc"), "panel", "circle"),
        Row("lineage alone", figure_at(card, "lineage", "roc_auc"), "lineage", "square"),
        Row("random gene sets", random_reading(card), "random", "tick"),
    )
