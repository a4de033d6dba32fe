"""`keys create`, `list` and `revoke`: who may call the service."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.databases import DEFAULT_STATE, Address, State, opened_database, who_runs_this
from cupromark.groups import keys_app
from cupromark.options import Json
from cupromark.printing import print_json

if TYPE_CHECKING:
    from serving.access.key_records import KeyRecord


@keys_app.command(
    "create",
    epilog="Example: cupromark keys create --name clinic-export --scope predict --expires 90d",
)
def keys_create(
    name: Annotated[str, typer.Option(help="Who or what the key is for.")],
    scope: Annotated[
        list[str],
        typer.Option(help="predict, review, operate or admin (all of them); may be repeated."),
    ],
    expires: Annotated[
        str, typer.Option(help="When it stops working: 12h, 90d, 2w, a date, or never.")
    ] = "90d",
    rate_per_minute: Annotated[
        int | None,
        typer.Option(min=0, help="Its own limit of requests a minute; 0 for none."),
    ] = None,
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """Make an API key. It is shown this once: only its hash is kept."""
    from serving.access.key_records import record_json
    from serving.access.key_store import KeyStore
    from serving.access.moments import moment_ahead

    expires_at = moment_ahead(expires, datetime.now(UTC))
    with opened_database(database, state) as opened:
        key, record = KeyStore(opened, clock=time.time).create(
            name,
            scope,
            created_by=who_runs_this(),
            expires_at=expires_at,
            rate_per_minute=rate_per_minute,
        )
    if as_json:
        print_json({"key": key.text, **record_json(record)})
        return
    until = "does not expire" if expires_at is None else f"expires {_day(expires_at)}"
    typer.echo(f"Key {record.id} ({', '.join(record.scopes)}) {until}.", err=True)
    typer.echo("Keep it now: it cannot be shown again.", err=True)
    typer.echo(key.text)


@keys_app.command("list", epilog="Example: cupromark keys list")
def keys_list(
    database: Address = None, state: State = DEFAULT_STATE, as_json: Json = False
) -> None:
    """List all keys, newest first, without their secrets."""
    from serving.access.key_records import record_json
    from serving.access.key_store import KeyStore

    with opened_database(database, state) as opened:
        records = KeyStore(opened, clock=time.time).list()
    if as_json:
        print_json([record_json(record) for record in records])
        return
    for record in records:
        typer.echo(_line(record))
    if not records:
        typer.echo("There is no key. Next: cupromark keys create --name me --scope predict")


@keys_app.command("revoke", epilog="Example: cupromark keys revoke k3v9x0qa")
def keys_revoke(
    key_id: Annotated[str, typer.Argument(help="The eight characters after cmk_.")],
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """End a key for good; a running service refuses it within seconds."""
    from serving.access.key_records import record_json
    from serving.access.key_store import KeyStore

    with opened_database(database, state) as opened:
        record = KeyStore(opened, clock=time.time).revoke(key_id, revoked_by=who_runs_this())
    if as_json:
        print_json(record_json(record))
    else:
        typer.echo(f"Key {record.id} ({record.name}) is revoked.")


def _line(record: KeyRecord) -> str:
    expires = "never expires" if record.expires_at is None else f"until {_day(record.expires_at)}"
    used = "never used" if record.last_used_at is None else f"used {_day(record.last_used_at)}"
    scopes = ",".join(record.scopes)
    return f"{record.id}  {record.state:<8} {scopes:<24} {expires:<17} {used:<16} {record.name}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
