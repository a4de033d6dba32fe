"""`promote`: a version through the gate, and to the place of the champion."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.databases import Address
from cupromark.groups import app, models_app
from cupromark.options import REFUSED, Json, Store, UsageError
from cupromark.printing import print_json, progress_console
from cupromark.promotion import (
    StateBeside,
    consider_version,
    print_decision,
    print_refusal,
    settle_on_record,
)
from cupromark.review_desk import state_beside
from cupromark.stores import open_present_store

if TYPE_CHECKING:
    from training.promotion.decision import Decision


@models_app.command("promote", epilog="Example: cupromark models promote 3 --dry-run")
@app.command("promote", epilog="Example: cupromark promote challenger --dry-run")
def promote(
    bundle: Annotated[str, typer.Argument(help="Version or alias.")] = "challenger",
    policy: Annotated[
        Path | None, typer.Option(help="JSON file with the rules; the shipped ones by default.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what the gate finds; change nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Promote in spite of what was found; see --because.")
    ] = False,
    because: Annotated[
        str, typer.Option(help="Why it is promoted all the same, for the record.")
    ] = "",
    show_policy: Annotated[
        bool, typer.Option("--show-policy", help="Print the rules with their reasons, and end.")
    ] = False,
    store: Store = "var",
    database: Address = None,
    state: StateBeside = None,
    as_json: Json = False,
) -> None:
    """Hold a version against the policy and the champion; make it the champion if it passes.

    Exit code 0 where it is accepted (or forced), 1 where it is refused.
    """
    from training.promotion.policy import load_policy
    from training.promotion.promoting import refuse_overruling

    rules = load_policy(policy)
    if show_policy:
        typer.echo(rules.to_json(), nl=False)
        return
    if force != bool(because.strip()):
        raise UsageError(
            "--force and --because go together.",
            needed="both, or neither.",
            remedy="say in a sentence why the version is promoted all the same.",
        )
    opened, console = open_present_store(store), progress_console()
    beside = state or state_beside(store)
    considered = consider_version(opened, bundle, rules, console, address=database, state=beside)
    if not as_json:
        print_decision(considered)
    decision, promoted = considered.decision, False
    if dry_run and force and not decision.accepted:
        refuse_overruling(decision, rules)
    if not dry_run:
        settled = settle_on_record(
            opened, considered, rules, because=because, address=database, state=beside
        )
        decision, promoted = settled.decision, settled.promoted
    _print_outcome(considered.challenger.version, decision, promoted=promoted, as_json=as_json)
    if not (promoted or decision.accepted):
        raise typer.Exit(REFUSED)


def _print_outcome(version: str, decision: Decision, *, promoted: bool, as_json: bool) -> None:
    if as_json:
        print_json({"version": version, "promoted": promoted, **decision.to_json()})
    elif decision.accepted:
        what = "is champion now." if promoted else "passes."
        typer.echo(f"Version {version} {what}")
    else:
        what = "is champion now, although it was refused:" if promoted else "is refused:"
        typer.echo(f"Version {version} {what}")
        print_refusal(decision)
