"""Two ways to the jobs for commands: the database itself, or a running service over HTTP."""

from __future__ import annotations

import builtins
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

import typer

from cupromark.databases import who_runs_this

if TYPE_CHECKING:
    from cupromark.client import Client
    from models.jobs.board import JobBoard
    from models.jobs.job import LogLine

Action = Literal["cancel", "resume", "retry"]
Answer = dict[str, Any]
POLL_SECONDS, AWAY_SECONDS = 0.5, 2.0
TAIL_LINES = 20
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar=["CUPROMARK_WORKER_DATABASE_URL", "CUPROMARK_SERVE_JOBS_DATABASE_URL"],
        show_envvar=True,
        help="Database of the jobs: sqlite:///file or postgresql://user@host/name (give a "
        "password in the environment, not here); jobs.db in the store's folder when not given.",
    ),
]
StoreFolder = Annotated[
    str,
    typer.Option(
        "--store", envvar="CUPROMARK_STORE", help="Folder of the local store, for its jobs.db."
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="CUPROMARK_URL",
        show_envvar=True,
        help="Ask a running service instead, such as http://127.0.0.1:8000; its API key comes from "
        "the variable CUPROMARK_API_KEY.",
    ),
]
Key = Annotated[str | None, typer.Option(envvar="CUPROMARK_API_KEY", hidden=True, help="API key.")]


class Desk(Protocol):
    """What commands do with jobs; answers are the JSON of the HTTP interface."""

    def submit(self, fields: Mapping[str, Any], *, key: str | None) -> Answer:
        """Make a job, or give the one that was made with this key."""

    def list(self, *, state: str | None, kind: str | None, limit: int) -> Iterator[Answer]:
        """Give the newest jobs."""

    def show(self, job_id: str) -> Answer:
        """Give a job with the end of its log."""

    def change(self, action: Action, job_id: str) -> Answer:
        """Cancel a job, let it go on, or make another one like it."""

    def events(self, job_id: str, *, after: int) -> Iterator[tuple[str, Answer]]:
        """Tell how a job goes (state, progress, log, end), until it is over."""


class BoardDesk:
    """Jobs in their database.

    Parameters
    ----------
    board
        Of the database.
    """

    def __init__(self, board: JobBoard) -> None:
        self._board = board

    def submit(self, fields: Mapping[str, Any], *, key: str | None) -> Answer:
        """Make a job, or give the one that was made with this key."""
        from models.jobs.spec import JobSpec
        from serving.jobs.answers import job_json

        spec = JobSpec.from_json(fields)
        made = self._board.submit(spec, submitted_by=who_runs_this(), idempotency_key=key)
        return job_json(made.job)

    def list(self, *, state: str | None, kind: str | None, limit: int) -> Iterator[Answer]:
        """Give the newest jobs."""
        from serving.jobs.answers import job_json

        before = None
        while limit > 0:
            page = self._board.list(state=state, kind=kind, limit=min(limit, 500), before=before)
            yield from map(job_json, page.jobs)
            limit, before = limit - len(page.jobs), page.next
            if before is None:
                return

    def show(self, job_id: str) -> Answer:
        """Give a job with the end of its log."""
        from serving.jobs.answers import job_json, line_json
        from serving.jobs.log_tail import log_tail

        lines = log_tail(self._board, job_id, TAIL_LINES)
        return {**job_json(self._board.get(job_id)), "log": list(map(line_json, lines))}

    def change(self, action: Action, job_id: str) -> Answer:
        """Cancel a job, let it go on, or make another one like it."""
        from serving.jobs.answers import job_json

        return job_json(getattr(self._board, action)(job_id, by=who_runs_this()))

    def events(self, job_id: str, *, after: int) -> Iterator[tuple[str, Answer]]:
        """Tell how a job goes (state, progress, log, end), until it is over."""
        from models.jobs.errors import BoardAway
        from serving.jobs.answers import job_json, line_json

        told: Answer | None = None
        while True:
            try:
                job = self._board.get(job_id)  # first: what it wrote before its end is in the log
                lines = self._lines(job_id, after)
            except BoardAway as error:
                yield "away", {"detail": error.found}
                time.sleep(AWAY_SECONDS)
                continue
            content = job_json(job)
            if content != told:
                yield ("progress" if _only_moved(told, content) else "state"), content
                told = content
            for line in lines:
                after = line.number
                yield "log", line_json(line)
            if job.state.is_over:
                yield "end", {"state": str(job.state), "outcome": job.outcome}
                return
            time.sleep(POLL_SECONDS)

    def _lines(self, job_id: str, after: int) -> builtins.list[LogLine]:
        lines: builtins.list[LogLine] = []
        while more := self._board.log(job_id, after=after):
            lines += more
            after = lines[-1].number
        return lines


class ServiceDesk:
    """Jobs of a running service.

    Parameters
    ----------
    client
        Of that service.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def submit(self, fields: Mapping[str, Any], *, key: str | None) -> Answer:
        """Make a job, or give the one that was made with this key."""
        return dict(self._client.submit_job(idempotency_key=key, **fields))

    def list(self, *, state: str | None, kind: str | None, limit: int) -> Iterator[Answer]:
        """Give the newest jobs."""
        filters = {"state": state, "kind": kind, "limit": min(limit, 500)}
        named = {name: value for name, value in filters.items() if value is not None}
        for job, _ in zip(self._client.jobs(**named), range(limit), strict=False):
            yield dict(job)

    def show(self, job_id: str) -> Answer:
        """Give a job with the end of its log."""
        return dict(self._client.job(job_id))

    def change(self, action: Action, job_id: str) -> Answer:
        """Cancel a job, let it go on, or make another one like it."""
        return dict(getattr(self._client, f"{action}_job")(job_id))

    def events(self, job_id: str, *, after: int) -> Iterator[tuple[str, Answer]]:
        """Tell how a job goes (state, progress, log, end), until it is over."""
        for event in self._client.watch_job(job_id, after=after):
            yield event["event"], event["data"]


@contextmanager
def opened_desk(
    database: str | None, store: str, url: str | None, key: str | None
) -> Iterator[Desk]:
    """Open the way to the jobs that the options name."""
    if url is not None:
        from cupromark.client import Client

        with Client(url, api_key=key) as client:
            yield ServiceDesk(client)
        return
    with opened_board(database, store) as board:
        yield BoardDesk(board)


@contextmanager
def opened_board(database: str | None, store: str) -> Iterator[JobBoard]:
    """Open the database of jobs that the options name."""
    from models.jobs.board import JobBoard

    board = JobBoard(database or _database_in(store))
    try:
        board.start()
        yield board
    finally:
        board.close()


def _database_in(store: str) -> str:
    from models.jobs.database import jobs_database_in

    return jobs_database_in(Path("var") if "://" in store else Path(store))


def _only_moved(told: Answer | None, content: Answer) -> bool:
    moving = ("percent", "seconds_left")
    return told is not None and all(
        told[name] == value for name, value in content.items() if name not in moving
    )
