"""`jobs cancel`, `resume` and `retry`."""

from __future__ import annotations

import typer

from cupromark.commands.jobs import JobId, print_made
from cupromark.groups import jobs_app
from cupromark.job_desks import Action, Desk, opened_desk
from cupromark.job_places import Database, Key, StoreFolder, Url
from cupromark.options import Json
from cupromark.printing import print_json


@jobs_app.command("cancel", epilog="Example: cupromark jobs cancel 3f9a1c0b5d7e2846")
def jobs_cancel(
    job_id: JobId,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """End a job; its worker stops within seconds. It can be resumed."""
    with opened_desk(database, store, url, api_key) as desk:
        _change(desk, "cancel", job_id, as_json=as_json)


@jobs_app.command("resume", epilog="Example: cupromark jobs resume 3f9a1c0b5d7e2846")
def jobs_resume(
    job_id: JobId,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Let a job that failed or was cancelled go on after its last checkpoint."""
    with opened_desk(database, store, url, api_key) as desk:
        _change(desk, "resume", job_id, as_json=as_json)


@jobs_app.command("retry", epilog="Example: cupromark jobs retry 3f9a1c0b5d7e2846")
def jobs_retry(
    job_id: JobId,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Make a new job that does the same as one that is over."""
    with opened_desk(database, store, url, api_key) as desk:
        print_made(desk.change("retry", job_id), as_json=as_json)


def _change(desk: Desk, action: Action, job_id: str, *, as_json: bool) -> None:
    job = desk.change(action, job_id)
    if as_json:
        print_json(job)
    else:
        typer.echo(f"Job {job['job_id']} is {job['state']}.")
