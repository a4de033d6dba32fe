"""What a bundle needs from the review desk before it may be promoted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.drug_model import Status
from serving.database.engine import Database
from serving.reviews.queue import Filters, list_findings
from serving.reviews.sign_offs import list_drugs
from serving.reviews.words import Kind

NAMED = 5


@dataclass(frozen=True, slots=True)
class SignOffPolicy:
    """Which sign-offs and judgements are asked for.

    Attributes
    ----------
    statuses
        Drugs of these need an approval or a rejection; a rejected drug is withheld, and does not
        stand in the way.
    n_people
        How many different people an approval takes.
    judged_kinds
        Findings of these kinds must have been judged, whatever the judgement.
    """

    statuses: tuple[Status, ...] = ("supported",)
    n_people: int = 1
    judged_kinds: tuple[Kind, ...] = ()


def missing_sign_offs(database: Database, bundle_sha256: str, policy: SignOffPolicy) -> list[str]:
    """List, as sentences, what a bundle still lacks; an empty list lets it be promoted.

    Raises
    ------
    NotFoundError
        No findings of the bundle are at the desk: nobody can have reviewed it.
    DatabaseAwayError
        If the database does not answer.
    """
    drugs = list_drugs(database, bundle_sha256, n_people=policy.n_people)
    needed = [one for one in drugs if one["status"] in policy.statuses]
    reasons = [
        *_reasons(needed, "none", "nobody decided about"),
        *_reasons(needed, "awaiting_second_person", "a second person has to decide about"),
    ]
    for kind in policy.judged_kinds:
        filters = Filters(bundle_sha256, kinds=(kind,), states=("open",))
        n_open = list_findings(database, filters, limit=1).total
        if n_open:
            count = "1 finding" if n_open == 1 else f"{n_open:,} findings"
            reasons.append(f"{count} of the kind {kind} not judged.")
    return reasons


def _reasons(drugs: Sequence[dict[str, object]], state: str, words: str) -> list[str]:
    names = [
        str(one["drug"])
        for one in drugs
        if isinstance(one["approval"], dict) and one["approval"]["state"] == state
    ]
    if not names:
        return []
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    count = "1 drug" if len(names) == 1 else f"{len(names):,} drugs"
    return [f"{count}: {words} {', '.join(names[:NAMED])}{rest}."]
