"""What the pages of the review desk hold, in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from models.cards.figures import figure_at, figure_text
from serving.bundles.holder import ServedBundles
from serving.pages.visitor import Visitor
from serving.reviews.decision_routes import n_people_needed
from serving.reviews.drug_review import read_drug_review
from serving.reviews.material_store import find_bundle
from serving.reviews.progress import BundleProgress, list_progress
from serving.reviews.references import reference_address
from serving.reviews.sign_offs import list_drugs
from serving.reviews.words import ApprovalState, Decision, Kind, State
from serving.services import Services
from serving.settings import ServingSettings

Values = dict[str, Any]

KIND_WORDS: Mapping[Kind, str] = {
    "contradicted_claim": "Contradicted claim",
    "unstable_attribution": "Unstable attribution",
    "surprising_direction": "Surprising direction",
    "top_gene": "Top gene",
    "top_set": "Top gene set",
}
STATE_WORDS: Mapping[State, str] = {
    "open": "open",
    "plausible": "plausible",
    "implausible": "implausible",
    "unsure": "unsure",
    "needs_experiment": "needs experiment",
}
APPROVAL_WORDS: Mapping[ApprovalState, str] = {
    "none": "nobody decided",
    "awaiting_second_person": "awaits a second person",
    "approved": "approved",
    "approved_with_limits": "approved with limits",
    "rejected": "rejected",
}
DECISION_WORDS: Mapping[Decision, str] = {
    "approve": "approved",
    "approve_with_limits": "approved with limits",
    "reject": "rejected",
}
FIGURES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Lines", ("n_lines",)),
    ("of them sensitive", ("n_sensitive",)),
    ("roc_auc on unseen lines", ("roc_auc",)),
    ("Random gene sets, mean roc_auc", ("random", "mean")),
    ("p against random gene sets", ("p",)),
    ("q over all drugs", ("q",)),
    ("Gain over lineage alone, same estimator", ("gains", "lineage")),
)
NO_NAME = (
    "Nobody has a name in open mode, and what is written here bears one. Log in with a named key "
    "that has the scope review."
)
CHALLENGER = "challenger"  # as models.store names it, whose imports are not for this process
WORDS: Values = {
    "kind_words": KIND_WORDS,
    "state_words": STATE_WORDS,
    "approval_words": APPROVAL_WORDS,
    "decision_words": DECISION_WORDS,
}
SET_NAME = re.compile("[a-z0-9_]+")
DECIDED: tuple[ApprovalState, ...] = ("approved", "approved_with_limits", "rejected")


def bundles_page(services: Services) -> Values:
    """Values of the list of bundles at the desk: the challenger first."""
    progress = list_progress(services.access.database, n_people=n_people_needed(services.settings))
    entries = [_entry(one, services.bundles) for one in progress]
    entries.sort(key=lambda entry: CHALLENGER not in entry["aliases"])
    return {"entries": entries, **WORDS}


def queue_page(services: Services, bundle: str) -> Values:
    """Values of the queue of a bundle; NotFoundError where it is not at the desk."""
    database, n_people = services.access.database, n_people_needed(services.settings)
    sha256 = find_bundle(database, bundle)
    drugs = list_drugs(database, sha256, n_people=n_people)
    supported = [one for one in drugs if one["status"] == "supported"]
    return {
        "sha256": sha256,
        "drugs": sorted(drugs, key=_place_of_drug),
        "n_supported": len(supported),
        "n_decided": sum(one["approval"]["state"] in DECIDED for one in supported),
        **WORDS,
        "permissions": partial(permissions_of, services.settings),
    }


def drug_to_sign_page(services: Services, bundle: str, drug: str) -> Values:
    """Values of the page on which a drug is signed off; NotFoundError where it is not known."""
    database, n_people = services.access.database, n_people_needed(services.settings)
    sha256 = find_bundle(database, bundle)
    review = read_drug_review(database, sha256, drug, n_people=n_people)
    served = services.bundles.current()
    return {
        "sha256": sha256,
        "drug": drug,
        "to_sign": review.drug,
        "figures": [(words, _figure(review.drug["figures"], *at)) for words, at in FIGURES],
        "findings": review.findings,
        "n_open": sum(one["state"] == "open" for one in review.findings),
        **WORDS,
        "two_person_rule": services.settings.two_person_rule,
        "address_of": reference_address,
        "subject_words": subject_words,
        "moment_words": moment_words,
        "permissions": partial(permissions_of, services.settings),
        "report": report_address(sha256, drug),
        "has_card": served is not None and served.sha256 == sha256,
        "card": f"/drugs/{quote(drug, safe='')}",
    }


@dataclass(frozen=True, slots=True)
class Permissions:
    """Why a visitor may not judge or not sign off, in a sentence; None where they may."""

    why_not_judge: str | None
    why_not_sign_off: str | None


def permissions_of(settings: ServingSettings, visitor: Visitor) -> Permissions:
    """Say what a visitor may do at the desk."""
    if visitor.name is None:
        return Permissions(NO_NAME, NO_NAME)
    judges = visitor.may_write_reviews
    by_reviewers = settings.sign_off_role == "reviewer"
    signs = judges and (by_reviewers or visitor.role in ("lead", "admin"))
    key = (
        "a reviewer's key: one with the scope review."
        if by_reviewers
        else "a lead's key: one with the scopes review and operate."
    )
    return Permissions(
        None if judges else "You may read here. Judging takes a key with the scope review.",
        None if signs else f"You may read here. Signing off takes {key}",
    )


def subject_words(subject: str) -> str:
    """Write a gene or set in words: names of sets are written with underscores."""
    return subject.replace("_", " ") if SET_NAME.fullmatch(subject) else subject


def moment_words(written: str) -> str:
    """Write a moment that is written in ISO 8601 for people, in UTC."""
    return f"{datetime.fromisoformat(written).astimezone(UTC):%d %B %Y, %H:%M} UTC"


def report_address(sha256: str, drug: str) -> str:
    """Address of a drug's report on the bundle under review, below the root of the site."""
    return f"/reports/{quote(drug, safe='')}?bundle={sha256}"


def _place_of_drug(drug: Values) -> tuple[bool, bool, str]:
    """Place a drug: those that need a sign-off first, undecided before decided."""
    undecided = drug["approval"]["state"] not in DECIDED
    return drug["status"] != "supported", not undecided, drug["drug"].casefold()


def _entry(progress: BundleProgress, bundles: ServedBundles) -> Values:
    sha256 = progress.bundle.sha256
    known = [one for one in bundles.versions() if one.sha256 == sha256]
    served = bundles.current()
    n_supported = progress.n_by_status.get("supported", 0)
    return {
        "progress": progress,
        "versions": [one.version for one in known],
        "aliases": [alias for one in known for alias in one.aliases],
        "serves": served is not None and served.sha256 == sha256,
        "n_supported": n_supported,
        "n_decided": progress.n_approvals("supported", *DECIDED),
        "n_awaiting": progress.n_approvals("supported", "awaiting_second_person"),
        "n_others_decided": sum(
            progress.n_approvals(status, *DECIDED)
            for status in progress.n_by_status
            if status != "supported"
        ),
    }


def _figure(figures: Mapping[str, Any], *path: str) -> str:
    reading = figure_at(figures, *path)
    if reading.value is not None and path[0].startswith("n_"):
        return f"{reading.value:,.0f}"
    if not reading.known:
        return reading.reason.partition(":")[0]
    return figure_text(reading, digits=3, sign="+" if path[0] == "gains" else "")
