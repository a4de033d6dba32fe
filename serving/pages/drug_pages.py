"""The list of drugs, and the page of one: its evidence card within the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from features.drug_classes import classes_of
from models.cards.card import card_of_bundle
from models.cards.figures import Reading, figure_at, figure_text
from models.cards.page import card_content
from models.cards.sentences import STATUS_MEANS, verdict_sentences
from models.cards.svg import Scale, element, line, mark
from models.drug_model import STATUSES, DrugModel
from serving.bundles.served import ServedBundle
from serving.pages.evidence_strip import drug_address, known_drug, random_reading
from serving.reviews.standing import BundleStanding
from serving.reviews.words import ShownApproval

REVIEW_WORDS: Mapping[ShownApproval, str] = {
    "none": "no decision yet",
    "awaiting_second_person": "approved by one of two people",
    "approved": "approved",
    "approved_with_limits": "approved with limits",
    "rejected": "rejected",
    "unknown": "not known, because the decisions could not be read",
}
STRIP_WIDTH, STRIP_HEIGHT = 132.0, 34.0
STRIP = Scale(0.4, 1.0, 6.0, STRIP_WIDTH - 6.0)  # roc_auc


@dataclass(frozen=True, slots=True)
class DrugRow:
    """One drug of the list, in words and as a drawing."""

    name: str
    address: str
    status: str
    status_rank: int
    classes: tuple[str, ...]
    n_lines: int | None
    n_sensitive: int | None
    roc_auc: float | None
    roc_auc_text: str
    lineage_text: str
    gain: float | None
    gain_text: str
    random_text: str
    strip: str


def drugs_page(served: ServedBundle) -> dict[str, Any]:
    """Values of the list of drugs: those with the strongest evidence first."""
    rows = [drug_row(model) for model in served.bundle.bundle.drugs.values()]
    rows.sort(key=lambda row: (row.status_rank, -(row.roc_auc or 0.0), row.name.casefold()))
    counts = {status: sum(row.status == status for row in rows) for status in STATUSES}
    return {
        "rows": rows,
        "statuses": [(name, counts[name], STATUS_MEANS[name]) for name in STATUSES],
        "classes": sorted({name for row in rows for name in row.classes}, key=str.casefold),
    }


def drug_page(served: ServedBundle, drug: str) -> dict[str, Any]:
    """Values of the page of a drug; NotFoundError for one that is not known."""
    name = known_drug(served, drug)
    card = card_of_bundle(served.bundle.bundle, name)
    said, *others, reason = verdict_sentences(card)
    return {
        "drug": name,
        "classes": classes_of(name),
        "card": card,
        "verdict": said,
        "verdict_more": " ".join(others),
        "reason": reason,
        "content": card_content(card),
    }


def review_of(standing: BundleStanding, drug: str) -> dict[str, Any]:
    """Say where a drug stands at the review desk, and what that means for answers."""
    state = standing.state_of(drug)
    return {
        "approval": state,
        "approval_words": REVIEW_WORDS[state],
        "is_answered": standing.is_answered(drug),
        "limits": standing.marks((drug,)).limits.get(drug, ""),
    }


def drug_row(model: DrugModel) -> DrugRow:
    """Say what the list holds of a drug."""
    card: Mapping[str, Any] = model.evidence_card
    roc_auc, lineage = figure_at(card, "roc_auc"), figure_at(card, "lineage", "roc_auc")
    gain, random = figure_at(card, "lineage", "gain"), random_reading(card)
    return DrugRow(
        name=model.drug,
        address=drug_address(model.drug),
        status=model.status,
        status_rank=STATUSES.index(model.status),
        classes=classes_of(model.drug),
        n_lines=card.get("n_lines"),
        n_sensitive=card.get("n_sensitive"),
        roc_auc=roc_auc.value,
        roc_auc_text=_text(roc_auc),
        lineage_text=_text(lineage),
        gain=gain.value,
        gain_text=_text(gain, sign="+"),
        random_text=_text(random),
        strip=_strip(roc_auc, lineage, random),
    )


def _text(reading: Reading, *, sign: str = "") -> str:
    return figure_text(reading, sign=sign) if reading.known else reading.reason.partition(":")[0]


def _strip(roc_auc: Reading, lineage: Reading, random: Reading) -> str:
    """Draw the roc_auc over lineage alone and random sets; the columns beside hold the figures."""
    parts = [line(STRIP(0.5), 2, STRIP(0.5), STRIP_HEIGHT - 2, "reference")]
    for reading, kind, shape, y in (
        (roc_auc, "panel", "circle", 8.0),
        (lineage, "lineage", "square", 17.0),
        (random, "random", "diamond", 26.0),
    ):
        if reading.value is None:
            continue
        if reading.low is not None and reading.high is not None:
            parts.append(line(STRIP(reading.low), y, STRIP(reading.high), y, f"bar {kind}"))
        parts.append(mark(STRIP(reading.value), y, shape, f"mark {kind}", size=4))
    return element(
        "svg",
        "".join(parts),
        viewBox=f"0 0 {STRIP_WIDTH:.0f} {STRIP_HEIGHT:.0f}",
        width=STRIP_WIDTH,
        height=STRIP_HEIGHT,
        aria_hidden="true",
        class_="card-plot strip",
    )
