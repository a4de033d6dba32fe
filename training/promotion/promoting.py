"""From a version in the store to a decision, and from an accepted one to a champion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.bundle import Bundle
from models.store import CHAMPION, DRILL_TAG, NOBODY, BundleStore, StoredBundle
from training.promotion.decision import Decision
from training.promotion.errors import RefusedError
from training.promotion.external import ExternalAnswers
from training.promotion.gate import judge
from training.promotion.latency import measure_latency
from training.promotion.policy import FIRM_CHECKS, PromotionPolicy
from training.promotion.records import record_decision
from training.promotion.shadow_checks import ShadowFigures

SignOffs = Callable[[Bundle], Sequence[str] | None]
External = Callable[[Bundle, Bundle | None], Sequence[ExternalAnswers]]
Shadow = Callable[[Bundle, Bundle], ShadowFigures | None]
Record = Callable[[Decision, StoredBundle], None]


@dataclass(frozen=True, slots=True)
class Considered:
    """A version that the gate has looked at; nothing was changed yet.

    Attributes
    ----------
    challenger, champion
        As they were registered then; no champion where there was none.
    """

    decision: Decision
    challenger: StoredBundle
    champion: StoredBundle | None


def consider(
    store: BundleStore,
    version_or_alias: str,
    policy: PromotionPolicy,
    *,
    missing_sign_offs: SignOffs,
    ask_external: External = lambda challenger, champion: (),
    ask_shadow: Shadow = lambda challenger, champion: None,
    decided_by: str,
) -> Considered:
    """Load a version and the champion, measure both, and hold them against the policy.

    Parameters
    ----------
    missing_sign_offs
        Asked for what the review desk lacks; gives None where it cannot be asked.
    ask_external
        Asked for answers about other cohorts (`training.promotion.external_cohorts`).
    ask_shadow
        Asked for what the service counted of both in the shadow; None where it cannot be asked.
    decided_by
        Who asks.

    Raises
    ------
    StoreError
        No such version.
    BundleError
        The challenger is damaged, or does not give its golden answers again.
    """
    stored = store.show(version_or_alias)
    before = store.find(CHAMPION)
    challenger = store.load(stored.version)
    champion = None if before is None else store.load(before.version)
    decision = judge(
        challenger,
        champion,
        policy,
        missing_sign_offs=missing_sign_offs(challenger),
        external=ask_external(challenger, champion),
        observed_latency=measure_latency(challenger, champion),
        observed_shadow=None if champion is None else ask_shadow(challenger, champion),
        drill=stored.tags.get(DRILL_TAG),
        decided_by=decided_by,
    )
    return Considered(decision, stored, before)


def settle(
    store: BundleStore,
    considered: Considered,
    *,
    policy: PromotionPolicy,
    because: str = "",
    record: Record = lambda decision, stored: None,
) -> tuple[Decision, bool]:
    """Write a decision down, and make the version the champion where it is accepted.

    Parameters
    ----------
    because
        Why it becomes the champion although it is refused; empty to leave it refused.
    record
        Writes the decision where else it belongs, before anything is changed.

    Returns
    -------
    tuple
        The decision as it was written, and whether the version is the champion now.

    Raises
    ------
    RefusedError
        `because` was given, and a check that may not be overruled stands in the way.
    StoreError
        Somebody else became champion since; decide anew.
    """
    decision, stored = considered.decision, considered.challenger
    if because.strip() and not decision.accepted:
        refuse_overruling(decision, policy)
        decision = replace(decision, overruled_because=because.strip())
    record(decision, stored)
    record_decision(store, stored, decision)
    if not decision.accepted and not decision.overruled_because:
        return decision, False
    before = NOBODY if considered.champion is None else considered.champion.version
    store.promote(stored.version, replacing=before)
    return decision, True


def refuse_overruling(decision: Decision, policy: PromotionPolicy) -> None:
    """Refuse a reason where it does not count: RefusedError names the checks."""
    never = {*FIRM_CHECKS, *policy.never_overruled}
    firm = [name for name in decision.blocking if name.split(":")[0] in never]
    if firm:
        raise RefusedError(
            f"Nobody can overrule {', '.join(firm)}.",
            needed="a version that passes them.",
            remedy="train it again, or promote another version.",
        )
