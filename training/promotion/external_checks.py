"""Whether the challenger is no worse on lines of another cohort, from which neither learned."""

from __future__ import annotations

import numpy as np

from training.evidence.studies.paired_difference import PatientDraws
from training.metrics import FloatArray, IntArray, interval_of, pooled_roc_auc, ranked_pairs
from training.promotion.decision import Check
from training.promotion.drawn_figures import mean_over_drugs
from training.promotion.external import ExternalAnswers, ExternalDrug
from training.promotion.questions import (
    Question,
    interval_text,
    nothing_to_compare,
    unknown,
)


def check_external(asked: Question, name: str, found: ExternalAnswers | None) -> Check:
    """Mean difference of roc_auc on lines that neither learned from."""
    policy, check = asked.policy, f"external:{name}"
    margin = policy.external_margin
    needed = f"challenger minus champion on unseen lines, interval above -{margin:g}"
    if asked.champion is None:
        return nothing_to_compare(check, needed)
    if found is None:
        return unknown(check, "the cohort was not asked: its files are not at hand", needed=needed)
    if found.not_estimable is not None:
        return unknown(check, found.not_estimable, needed=needed)
    draws = PatientDraws.draw(
        (patient for one in found.drugs.values() for patient in one.patients),
        n_draws=policy.n_draws,
        random_state=policy.random_state,
    )
    ours, theirs = ([_drawn(one, side, draws) for one in found.drugs.values()] for side in (0, 1))
    mean = mean_over_drugs([one - other for one, other in zip(ours, theirs, strict=True)])
    difference = interval_of(float(mean[0]), mean[1:])
    levels = (f"{float(mean_over_drugs(side)[0]):.3f}" for side in (ours, theirs))
    return asked.answer(
        check,
        "external_margin",
        passed=difference.low >= -margin,
        found=f"{interval_text(difference, signed=True)} ({' and '.join(levels)}) over "
        f"{len(found.drugs)} drugs, {found.n_unseen} unseen lines",
        needed=needed,
    )


def _drawn(drug: ExternalDrug, side: int, draws: PatientDraws) -> FloatArray:
    every: IntArray = np.arange(len(drug.patients), dtype=np.int64)
    scores = (drug.challenger, drug.champion)[side]
    pairs = ranked_pairs(drug.is_sensitive, scores, every)
    return pooled_roc_auc([pairs], draws.weights(drug.patients))
