"""The promotion gate with what surrounds it: review desk, other cohorts, audit trail."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.approval_tags import tag_approvals
from cupromark.databases import opened_database, who_runs_this
from cupromark.promotion_trail import decision_line, promotion_line
from cupromark.stores import files_at_hand

if TYPE_CHECKING:
    from rich.console import Console

    from models.bundle import Bundle
    from models.store import BundleStore, StoredBundle
    from serving.database.engine import Database
    from training.promotion.decision import Check, Decision
    from training.promotion.policy import PromotionPolicy
    from training.promotion.promoting import Considered
    from training.promotion.shadow_checks import ShadowFigures

StateBeside = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar="CUPROMARK_SERVE_STATE",
        help="Folder of what the service keeps, with its database unless --database names one; "
        "`serving` in the store's folder when not given.",
    ),
]
WORDS = {True: "passed", False: "FAILED", None: "-"}


def consider_version(
    store: BundleStore,
    version: str,
    policy: PromotionPolicy,
    console: Console,
    *,
    address: str | None,
    state: Path,
) -> Considered:
    """Have the gate look at a version; nothing is changed."""
    from training.promotion.external_cohorts import ask_external_cohorts
    from training.promotion.promoting import consider

    with files_at_hand(console) as files:
        return consider(
            store,
            version,
            policy,
            missing_sign_offs=partial(
                missing_sign_offs, policy=policy, address=address, state=state
            ),
            ask_external=partial(ask_external_cohorts, policy=policy, files=files),
            ask_shadow=partial(shadow_figures, address=address, state=state),
            decided_by=who_runs_this(),
        )


def missing_sign_offs(
    bundle: Bundle, *, policy: PromotionPolicy, address: str | None, state: Path
) -> Sequence[str]:
    """Sentences that say what the review desk lacks; it is asked only where anything is due."""
    statuses = {model.status for model in bundle.drugs.values()}
    if not (statuses & set(policy.sign_off_statuses) or policy.judged_kinds):
        return ()
    name = bundle.version or bundle.name
    not_there = [f"its findings are not at the desk (cupromark reviews prepare --bundle {name})."]
    if not has_database(address, state):
        return not_there
    from serving.errors import NotFoundError
    from serving.reviews.policy import SignOffPolicy
    from serving.reviews.policy import missing_sign_offs as missing_at_desk
    from serving.reviews.words import KINDS

    asked = SignOffPolicy(
        tuple(status for status in statuses if status in policy.sign_off_statuses),
        policy.sign_off_people,
        tuple(kind for kind in KINDS if kind in policy.judged_kinds),
    )
    with opened_database(address, state) as database:
        try:
            return missing_at_desk(database, bundle.sha256, asked)
        except NotFoundError:
            return not_there


def shadow_figures(
    challenger: Bundle, champion: Bundle, *, address: str | None, state: Path
) -> ShadowFigures | None:
    """Ask what the service counted of both in the shadow; None where it has no database yet."""
    if not has_database(address, state):
        return None
    with opened_database(address, state) as database:
        return counted_in_shadow(database, challenger.sha256, champion.sha256)


def counted_in_shadow(
    database: Database, challenger_sha256: str, champion_sha256: str
) -> ShadowFigures:
    """Read what the service counted of both in the shadow; zeros where it counted nothing."""
    from serving.shadow.store import shadow_summary
    from training.promotion.shadow_checks import ShadowFigures

    found = shadow_summary(database, challenger_sha256, champion_sha256)
    return ShadowFigures(0, 0) if found is None else ShadowFigures(found.n_answers, found.n_changed)


def settle_on_record(
    store: BundleStore,
    considered: Considered,
    policy: PromotionPolicy,
    *,
    because: str = "",
    address: str | None,
    state: Path,
) -> Promoted:
    """Settle what the gate decided, with audit trail and with approvals as tags of the version.

    What cannot be written once the version is the champion is said on standard error: it stays
    the champion, and the decision for it is on record.

    Parameters
    ----------
    because
        Why it becomes the champion although it is refused; empty to leave it refused.

    Raises
    ------
    DatabaseAwayError
        The decision cannot be written; nothing is changed then.
    RefusedError, StoreError
        As `training.promotion.promoting.settle`.
    """
    from models.errors import StoreError
    from serving.errors import ServingError
    from training.promotion.promoting import settle

    write = partial(write_to_audit_trail, address=address, state=state)

    def decided(decision: Decision, stored: StoredBundle) -> None:
        action, detail = decision_line(decision.to_json())
        write(action, stored, detail)

    decision, is_champion = settle(
        store, considered, policy=policy, because=because, record=decided
    )
    stored = considered.challenger
    before = None if considered.champion is None else considered.champion.version
    if is_champion:
        try:
            if stored.version != before:
                action, detail = promotion_line(before)
                write(action, stored, detail)
            n_people = policy.sign_off_people
            tag_approvals(store, stored, n_people=n_people, address=address, state=state)
        except (ServingError, StoreError) as error:
            typer.echo(f"Not on record that it is champion now: {error.found}", err=True)
    return Promoted(decision, is_champion)


def write_to_audit_trail(
    action: str, stored: StoredBundle, detail: str, *, address: str | None, state: Path
) -> None:
    """Write who did what to which version; DatabaseAwayError before anything was done."""
    from serving.access.audit_entries import AuditEntry, insert_entries

    entry = AuditEntry(
        at=time.time(),
        action=action,
        caller=who_runs_this(),
        bundle_sha256=stored.sha256,
        bundle_version=stored.version,
        detail=detail,
    )
    with opened_database(address, state) as database, database.writing() as connection:
        insert_entries(connection, [entry])


@dataclass(frozen=True, slots=True)
class Promoted:
    """What became of a version that was just trained."""

    decision: Decision
    promoted: bool


def promote_trained(store: BundleStore, version: str, console: Console, *, state: Path) -> Promoted:
    """Have a version that was just trained go through the gate, by the shipped policy.

    The audit trail is written where there is a database of the service; MLflow has the decision in
    any case.
    """
    from training.promotion.policy import load_policy
    from training.promotion.promoting import settle

    address = os.environ.get("CUPROMARK_SERVE_DATABASE_URL")
    policy = load_policy()
    considered = consider_version(store, version, policy, console, address=address, state=state)
    if not has_database(address, state):
        return Promoted(*settle(store, considered, policy=policy))
    return settle_on_record(store, considered, policy, address=address, state=state)


def print_decision(considered: Considered) -> None:
    """Print one check after the other, with what was found and what is needed."""
    decision = considered.decision
    champion = considered.champion
    against = "no champion yet" if champion is None else f"champion version {champion.version}"
    typer.echo(
        f"Version {considered.challenger.version} against {against}; policy "
        f"{decision.policy_version}\n"
    )
    width = max(len(check.name) for check in decision.checks)
    for check in decision.checks:
        _print_check(check, width, blocks=check.name in decision.blocking)
    typer.echo("")


def print_refusal(decision: Decision) -> None:
    """Print what stands in the way, and why it is asked for."""
    blocking = [check for check in decision.checks if check.name in decision.blocking]
    for check in blocking:
        if check.passed is False:
            typer.echo(f"  {check.name}: {check.reason}")
    unknown = ", ".join(check.name for check in blocking if check.passed is None)
    if unknown:
        typer.echo(f"  {unknown}: must be known, and cannot be computed.")


def has_database(address: str | None, state: Path) -> bool:
    """Whether the service has a database already, or is told to use one that is not a file."""
    from serving.database.address import DEFAULT_NAME

    return address is not None or (state / DEFAULT_NAME).exists()


def _print_check(check: Check, width: int, *, blocks: bool) -> None:
    word = "UNKNOWN" if blocks and check.passed is None else WORDS[check.passed]
    found = check.found if check.passed is not None else f"{check.found}: {check.reason}"
    typer.echo(f"{word:<7} {check.name:<{width}}  {found}")
    if check.passed is not None:
        typer.echo(f"{'':<7} {'':<{width}}  needed: {check.needed}")
