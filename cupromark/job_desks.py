"""Two ways to the jobs for commands: the database itself, or a running service over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol

from cupromark.board_events import board_events
from cupromark.command_trail import CommandTrail
from cupromark.databases import who_runs_this
from cupromark.job_places import opened_board, opened_service

if TYPE_CHECKING:
    from cupromark.client import Client
    from models.jobs.board import JobBoard
    from models.jobs.job import Job

Action = Literal["cancel", "resume", "retry"]
Answer = dict[str, Any]
TAIL_LINES = 20
AUDITED = {
    "submit": "job.submitted",
    "retry": "job.submitted",
    "cancel": "job.cancelled",
    "resume": "job.resumed",
}


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
    """Jobs in their database; what is done with them stands in the service's audit trail too.

    Parameters
    ----------
    board
        Of the database.
    trail
        The audit trail.
    """

    def __init__(self, board: JobBoard, trail: CommandTrail) -> None:
        self._board = board
        self._trail = trail

    def submit(self, fields: Mapping[str, Any], *, key: str | None) -> Answer:
        """Make a job, or give the one that was made with this key."""
        from models.jobs.spec import JobSpec
        from serving.jobs.answers import job_json

        spec = JobSpec.from_json(fields)
        made = self._board.submit(spec, submitted_by=who_runs_this(), idempotency_key=key)
        if made.created:
            self._record("submit", made.job)
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

        lines = self._board.tail(job_id, TAIL_LINES)
        return {**job_json(self._board.get(job_id)), "log": list(map(line_json, lines))}

    def change(self, action: Action, job_id: str) -> Answer:
        """Cancel a job, let it go on, or make another one like it."""
        from serving.jobs.answers import job_json

        who = who_runs_this()
        if action == "retry":
            job, more = self._board.retry(job_id, by=who).job, f" again, as {job_id}"
        elif action == "resume":
            job, more = self._board.resume(job_id, by=who), ""
        else:
            job, more = self._board.cancel(job_id, by=who), ""
        self._record(action, job, more)
        return job_json(job)

    def events(self, job_id: str, *, after: int) -> Iterator[tuple[str, Answer]]:
        """Tell how a job goes (state, progress, log, end), until it is over."""
        yield from board_events(self._board, job_id, after=after)

    def _record(self, action: str, job: Job, more: str = "") -> None:
        """Write the line that the service writes of the same."""
        about = job.spec.cohort or job.spec.bundle
        self._trail.write(AUDITED[action], f"{job.job_id}: {job.spec.kind} {about}{more}")


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
    database: str | None, store: str, url: str | None, key: str | None, *, may_be_new: bool = False
) -> Iterator[Desk]:
    """Open the way to the jobs that the options name; as `opened_board` where it is a database."""
    if url is not None:
        with opened_service(url, key) as client:
            yield ServiceDesk(client)
        return
    with opened_board(database, store, may_be_new=may_be_new) as board:
        yield BoardDesk(board, CommandTrail.beside(store))
