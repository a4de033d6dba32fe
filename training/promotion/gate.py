"""The promotion gate: whether a challenger may take the champion's place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from models.bundle import Bundle
from training.promotion.answer_checks import (
    check_drill,
    check_golden_answers,
    check_latency,
    check_real_data,
    check_size,
)
from training.promotion.comparison import compare
from training.promotion.decision import Check, Decision
from training.promotion.evidence_checks import (
    check_answered,
    check_lost_drugs,
    check_sign_offs,
    check_statuses,
)
from training.promotion.external import ExternalAnswers
from training.promotion.external_checks import check_external
from training.promotion.latency import MeasuredLatency
from training.promotion.policy import PromotionPolicy
from training.promotion.probability_checks import (
    check_brier,
    check_calibration_error,
    check_coverage,
    check_no_call,
)
from training.promotion.questions import Question
from training.promotion.ranking_checks import check_floor, check_roc_auc, check_worse_drugs
from training.promotion.shadow_checks import ShadowFigures, check_shadow


def judge(
    challenger: Bundle,
    champion: Bundle | None,
    policy: PromotionPolicy,
    *,
    missing_sign_offs: Sequence[str] | None,
    external: Sequence[ExternalAnswers] = (),
    observed_latency: MeasuredLatency | None = None,
    observed_shadow: ShadowFigures | None = None,
    drill: str | None = None,
    decided_by: str = "the gate",
    now: datetime | None = None,
) -> Decision:
    """Hold a challenger against the policy, and against the champion on the lines of both.

    Parameters
    ----------
    champion
        None where there is none yet: the challenger is then checked by itself, and what compares
        is put down as not known, which never stands in the way.
    missing_sign_offs
        What the review desk still lacks, as sentences; None where it was not asked.
    external
        Answers about the cohorts that the policy names (`training.promotion.external`).
    observed_latency
        Of both in the same run (`training.promotion.latency`).
    observed_shadow
        What the service counted of both; None where it was not asked.
    drill
        Kind of fire drill that the challenger is; None where it is none.
    decided_by
        Who asked, for the record.

    Returns
    -------
    Decision
        Every check with what was found and what is needed. Nothing is changed anywhere.
    """
    asked = Question(challenger, champion, policy, compare(challenger, champion, policy))
    observed = (missing_sign_offs, external, observed_latency, observed_shadow)
    checks = tuple(_checks(asked, drill, *observed))
    return Decision(
        checks=checks,
        blocking=tuple(check.name for check in checks if _blocks(check, asked)),
        policy_version=policy.name,
        challenger_sha256=challenger.sha256,
        champion_sha256=None if champion is None else champion.sha256,
        decided_at=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
        decided_by=decided_by,
    )


def _checks(
    asked: Question,
    drill: str | None,
    missing_sign_offs: Sequence[str] | None,
    external: Sequence[ExternalAnswers],
    observed_latency: MeasuredLatency | None,
    observed_shadow: ShadowFigures | None,
) -> Iterator[Check]:
    """Every check, in the order of `training.promotion.policy.CHECKS`."""
    yield check_golden_answers(asked)
    yield check_real_data(asked)
    yield check_drill(drill)
    yield check_floor(asked)
    yield check_answered(asked)
    yield check_roc_auc(asked)
    yield check_worse_drugs(asked)
    yield check_brier(asked)
    yield check_calibration_error(asked)
    yield check_coverage(asked)
    yield check_no_call(asked)
    answered = {one.cohort: one for one in external}
    for cohort in asked.policy.external_cohorts:
        yield check_external(asked, cohort, answered.get(cohort))
    yield check_latency(asked, observed_latency)
    yield check_size(asked)
    yield check_statuses(asked)
    yield check_lost_drugs(asked)
    yield check_shadow(asked, observed_shadow)
    yield check_sign_offs(asked, missing_sign_offs)


COMPARING = frozenset(
    (
        "roc_auc",
        "worse_drugs",
        "brier",
        "calibration_error",
        "no_call",
        "external",
        "worse_statuses",
        "lost_drugs",
        "shadow",
    )
)
"""Checks that need a champion."""


def _blocks(check: Check, asked: Question) -> bool:
    if check.passed is not None:
        return not check.passed
    kind = check.name.split(":")[0]
    if asked.champion is None and kind in COMPARING:
        return False
    return kind in asked.policy.unknown_blocks
