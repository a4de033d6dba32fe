"""`database upgrade` and `status`, and the audit trail."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.databases import (
    DEFAULT_STATE,
    Address,
    State,
    opened_database,
    reached_database,
    who_runs_this,
)
from cupromark.groups import audit_app, database_app
from cupromark.options import Json
from cupromark.printing import print_json

if TYPE_CHECKING:
    from serving.access.audit_entries import AuditEntry
    from serving.database.schema import SchemaState


@database_app.command("upgrade", epilog="Example: cupromark database upgrade")
def database_upgrade(
    database: Address = None, state: State = DEFAULT_STATE, as_json: Json = False
) -> None:
    """Bring the tables up to date. Make a backup before."""
    from serving.database.schema import upgrade_database

    with reached_database(database, state) as opened:
        _print_state(upgrade_database(opened), as_json=as_json)


@database_app.command("status", epilog="Example: cupromark database status --json")
def database_status(
    database: Address = None, state: State = DEFAULT_STATE, as_json: Json = False
) -> None:
    """Say whether the tables are those of this release."""
    from serving.database.schema import schema_state

    with reached_database(database, state) as opened:
        _print_state(schema_state(opened), as_json=as_json)


@audit_app.command("list", epilog="Example: cupromark audit list --since 7d --key k3v9x0qa")
def audit_list(
    since: Annotated[str | None, typer.Option(help="From when: 12h, 7d or 2w ago, or a date.")] = (
        None
    ),
    key: Annotated[str | None, typer.Option(help="Id of a key.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most lines.")] = 100,
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """Show who did what, newest first."""
    from serving.access.audit_entries import entry_json, read_entries
    from serving.access.moments import moment_ago

    moment = None if since is None else moment_ago(since, datetime.now(UTC))
    with opened_database(database, state) as opened:
        entries = read_entries(opened, since=moment, key_id=key, limit=limit)
    if as_json:
        print_json([entry_json(entry) for entry in entries])
        return
    for entry in entries:
        typer.echo(_line(entry))
    if not entries:
        typer.echo("No such line in the audit trail.")


@audit_app.command("prune", epilog="Example: cupromark audit prune --before 400d")
def audit_prune(
    before: Annotated[str, typer.Option(help="400d or 60w ago, or a date; 30 days at least.")],
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """Remove old lines of the audit trail, and write down that it was done."""
    from serving.access.audit_entries import prune_entries
    from serving.access.moments import moment_ago

    now = time.time()
    moment = moment_ago(before, datetime.fromtimestamp(now, UTC))
    with opened_database(database, state) as opened:
        removed = prune_entries(opened, before=moment, now=now, pruned_by=who_runs_this())
    if as_json:
        print_json({"removed": removed, "before": moment})
    else:
        typer.echo(f"{removed:,} lines before {moment:%Y-%m-%d %H:%M} UTC removed.")


def _print_state(found: SchemaState, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(found))
        return
    typer.echo(
        f"The tables have revision {found.revision or 'none'} ({found.state}); this release "
        f"needs {found.newest}."
    )
    if found.state in ("empty", "older"):
        typer.echo("Next: cupromark database upgrade")


def _line(entry: AuditEntry) -> str:
    at = datetime.fromtimestamp(entry.at, UTC)
    what = f"{entry.method} {entry.route or '(no route)'}" if entry.method else entry.action
    counts = f"{entry.profiles or 0} profiles x {entry.drugs or 0} drugs" if entry.profiles else ""
    who = f"{entry.key_id or '-'} ({entry.caller or 'unknown'})"
    parts = (f"{at:%Y-%m-%d %H:%M:%S}", who, what, str(entry.status or ""), counts)
    return "  ".join(part for part in (*parts, entry.detail or "") if part)
