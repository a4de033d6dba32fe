"""Which drugs got worse evidence, which are gone, and which nobody has signed off."""

from __future__ import annotations

import math
from collections.abc import Sequence

from models.drug_model import STATUSES
from training.promotion.decision import Check
from training.promotion.questions import Question, names_text, nothing_to_compare, unknown


def check_answered(asked: Question) -> Check:
    """Share of the drugs about which anything is answered without being asked by name."""
    statuses = [model.status for model in asked.challenger.drugs.values()]
    answered = sum(status != "withheld" for status in statuses)
    share = asked.policy.answered_drugs_share
    return asked.answer(
        "answered_drugs",
        "answered_drugs_share",
        passed=answered >= share * len(statuses),
        found=f"{answered} of {len(statuses)} drugs supported or exploratory",
        needed=f"{share:.0%} at least",
    )


def check_statuses(asked: Question) -> Check:
    """Drugs of both whose status got worse, by name."""
    name = "worse_statuses"
    if asked.champion is None:
        return nothing_to_compare(name, "no drug with a worse status")
    before = {drug: model.status for drug, model in asked.champion.drugs.items()}
    after = {drug: model.status for drug, model in asked.challenger.drugs.items()}
    shared = [drug for drug in before if drug in after]
    # STATUSES go from the best to the least.
    worse = [
        f"{drug} ({before[drug]} to {after[drug]})"
        for drug in shared
        if STATUSES.index(after[drug]) > STATUSES.index(before[drug])
    ]
    tolerated = math.floor(asked.policy.worse_statuses_share * len(shared))
    return asked.answer(
        name,
        "worse_statuses_share",
        passed=len(worse) <= tolerated,
        found=names_text(worse),
        needed=f"at most {tolerated} of {len(shared)} shared drugs",
    )


def check_lost_drugs(asked: Question) -> Check:
    """Drugs that the champion answers and the challenger does not."""
    tolerated = asked.policy.lost_drugs
    needed = f"at most {tolerated} drugs"
    if asked.champion is None:
        return nothing_to_compare("lost_drugs", needed)
    lost = [drug for drug in asked.champion.drugs if drug not in asked.challenger.drugs]
    return asked.answer(
        "lost_drugs",
        "lost_drugs",
        passed=len(lost) <= tolerated,
        found=names_text(lost),
        needed=needed,
    )


def check_sign_offs(asked: Question, missing: Sequence[str] | None) -> Check:
    """Whether the review desk has decided about what the policy names.

    Parameters
    ----------
    missing
        Sentences, as `serving.reviews.policy.missing_sign_offs` gives them; None where the desk
        was not asked.
    """
    policy = asked.policy
    statuses = ", ".join(policy.sign_off_statuses) or "no"
    people = "one person" if policy.sign_off_people == 1 else "two people"
    judged = f"; judged: {', '.join(policy.judged_kinds)}" if policy.judged_kinds else ""
    needed = f"{statuses} drugs signed off by {people}{judged}"
    due = drugs_to_sign_off(asked)
    if missing is None and (due or policy.judged_kinds):
        return unknown("sign_offs", "the review desk was not asked", needed=needed)
    found = " ".join(missing or ()) or (
        f"nothing is missing for {len(due)} drugs" if due else "no drug needs any"
    )
    return asked.answer(
        "sign_offs", "sign_off_statuses", passed=not missing, found=found, needed=needed
    )


def drugs_to_sign_off(asked: Question) -> list[str]:
    """Drugs of the challenger that need a decision of the review desk."""
    statuses = asked.policy.sign_off_statuses
    return [drug for drug, model in asked.challenger.drugs.items() if model.status in statuses]
