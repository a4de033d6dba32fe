"""Whether the challenger ranks lines that it has not seen, and no worse than the champion."""

from __future__ import annotations

import math

from training.promotion.decision import Check
from training.promotion.questions import (
    Question,
    interval_text,
    names_text,
    nothing_to_compare,
    unknown,
)


def check_floor(asked: Question) -> Check:
    """Mean roc_auc over drugs, whatever there was before."""
    floor = asked.policy.roc_auc_floor
    needed = f"{floor:.2f} at least, and an interval above 0.5"
    n_known, n_drugs = len(asked.comparison.challenger), len(asked.challenger.drugs)
    if n_known < n_drugs:
        why = f"{n_drugs - n_known} of {n_drugs} drugs keep no held-out predictions (format 1)"
        return unknown("roc_auc_floor", why, needed=needed)
    mean = asked.comparison.mean("roc_auc")
    return asked.answer(
        "roc_auc_floor",
        "roc_auc_floor",
        passed=mean.value >= floor and mean.low > 0.5,
        found=f"mean over {n_drugs} drugs {interval_text(mean)}",
        needed=needed,
    )


def check_roc_auc(asked: Question) -> Check:
    """Mean difference to the champion: not much below 0 whatever the chance, and hardly as seen."""
    name, margin, least = "roc_auc", asked.policy.roc_auc_margin, asked.policy.roc_auc_least
    needed = f"challenger minus champion, {least:+g} at least, and an interval above {-margin:+g}"
    if asked.champion is None:
        return nothing_to_compare(name, needed)
    if asked.not_comparable is not None:
        return unknown(name, asked.not_comparable, needed=needed)
    found = asked.comparison
    mean = found.mean_difference("roc_auc")
    n_compared = len(found.differences)
    return asked.answer(
        name,
        "roc_auc_margin",
        passed=mean.value >= least and mean.low >= -margin,
        found=f"{interval_text(mean, signed=True)} over {n_compared} of {found.n_shared} shared "
        f"drugs, {found.same_folds} of them in the same folds",
        needed=needed,
    )


def check_worse_drugs(asked: Question) -> Check:
    """Drugs that surely got worse, which a mean would hide."""
    name = "worse_drugs"
    n_compared = len(asked.comparison.differences)
    tolerated = math.floor(asked.policy.worse_drugs_share * n_compared)
    needed = f"at most {tolerated} of {n_compared} compared drugs with a surely lower roc_auc"
    if asked.champion is None:
        return nothing_to_compare(name, "no drug with a surely lower roc_auc")
    if asked.not_comparable is not None:
        return unknown(name, asked.not_comparable, needed=needed)
    worse = asked.comparison.worse_drugs()
    return asked.answer(
        name,
        "worse_drugs_share",
        passed=len(worse) <= tolerated,
        found=names_text(worse),
        needed=needed,
    )
