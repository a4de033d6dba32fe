"""A job followed on the terminal: a bar on standard error, or events as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import typer

from cupromark.options import UsageError
from cupromark.printing import progress_console

if TYPE_CHECKING:
    from rich.progress import Progress

    from cupromark.job_desks import Desk

FAILED, REFUSED, CANCELLED = 1, 3, 4
CODES = {"failed": FAILED, "cancelled": CANCELLED}


def watch(desk: Desk, job_id: str, *, after: int, as_json: bool) -> int:
    """Follow a job to its end.

    Returns
    -------
    int
        The exit code that says how it ended: 0 well, 1 failed, 3 refused by the gate, 4 cancelled.
    """
    follow = _follow_as_json if as_json else _follow_on_terminal
    end = follow(desk, job_id, after)
    if end["outcome"] == "refused":
        return REFUSED
    return CODES.get(end["state"], 0)


def _follow_as_json(desk: Desk, job_id: str, after: int) -> dict[str, Any]:
    for name, content in desk.events(job_id, after=after):
        typer.echo(json.dumps({"event": name, "data": content}))
        if name == "end":
            return content
    raise _cut_off(job_id)


def _follow_on_terminal(desk: Desk, job_id: str, after: int) -> dict[str, Any]:
    last: dict[str, Any] = {}
    events = desk.events(job_id, after=after)
    first = list(islice(events, 1))  # before there is a bar: there may be no such job
    with _bar() as bar:
        task = bar.add_task("", total=100)
        for name, content in chain(first, events):
            if name == "log":
                bar.console.print(f"{content['at'][11:19]}  {content['text']}", markup=False)
            elif name in ("state", "progress"):
                last |= content
                bar.update(task, completed=last["percent"], description=_words(last))
            elif name == "away":
                bar.console.print(content["detail"], markup=False)
            elif name == "end":
                break
        else:
            raise _cut_off(job_id)
    typer.echo(f"Job {job_id}: {last['outcome'] or last['state']}.")
    if last["reason"]:
        typer.echo(last["reason"])
    for reason in last["reasons"]:
        typer.echo(f"gate: {reason}")
    return last


def _words(job: dict[str, Any]) -> str:
    """Describe where a job stands: its step, what it waits for, the time left."""
    words = job["step"] if job["state"] == "running" and job["step"] else job["state"]
    if job["state"] == "waiting" and job["reason"]:
        words = f"waiting: {job['reason']}"
    left = job["seconds_left"]
    return words if left is None else f"{words}, {left:,.0f} s left"


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    description = TextColumn("{task.description:<24.60}", markup=False)
    with Progress(*columns, description, console=progress_console()) as progress:
        yield progress


def _cut_off(job_id: str) -> UsageError:
    return UsageError(
        f"What is told of the job {job_id} ended before the job did.",
        needed="a service that answers until the job is over.",
        remedy=f"watch it again: cupromark jobs watch {job_id}.",
    )
