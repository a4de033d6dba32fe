"""`notifications list` and `retry`: what a worker told the outside, and what nobody took.

They are asked for in the database of the jobs alone: the service has no routes for them.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from cupromark.groups import notifications_app
from cupromark.job_places import Database, StoreFolder, opened_board
from cupromark.options import Json
from cupromark.printing import print_json

if TYPE_CHECKING:
    from models.jobs.outbox import Notification

MOMENTS = ("created_at", "next_at", "delivered_at")


@notifications_app.command("list", epilog="Example: cupromark notifications list")
def notifications_list(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most messages.")] = 20,
    database: Database = None,
    store: StoreFolder = "var",
    as_json: Json = False,
) -> None:
    """List notifications, newest first, as the database of the jobs has them."""
    from models.jobs.outbox import list_notifications

    with opened_board(database, store) as board:
        found = list_notifications(board.engine, limit=limit)
    if as_json:
        print_json([_json(each) for each in found])
        return
    for each in found:
        typer.echo(_line(each))
    if not found:
        typer.echo("Nothing was sent: set CUPROMARK_WORKER_WEBHOOK_URLS of the worker.", err=True)


@notifications_app.command("retry", epilog="Example: cupromark notifications retry")
def notifications_retry(
    database: Database = None, store: StoreFolder = "var", as_json: Json = False
) -> None:
    """Have everything tried again that nobody took."""
    from models.jobs.outbox import try_again

    with opened_board(database, store) as board:
        n_messages = try_again(board.engine, now=time.time())
    if as_json:
        print_json({"n_messages": n_messages})
    else:
        typer.echo(f"{n_messages} notifications are tried again by the next worker.")


def _json(each: Notification) -> dict[str, Any]:
    from serving.jobs.answers import moment

    content = each.to_json()
    return content | {name: moment(content[name]) for name in MOMENTS}


def _line(each: Notification) -> str:
    at = datetime.fromtimestamp(each.created_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if each.delivered_at is not None:
        state = "delivered"
    else:
        state = "given up" if each.next_at is None else "waits"
    trouble = f": {each.trouble}" if each.trouble else ""
    host = urlsplit(each.url).hostname
    return f"{at}  {each.event:<16} {host}  {state}, {each.n_attempts} attempts{trouble}"
