"""A job followed in its database, in the events that the service tells of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.jobs.board import JobBoard
    from models.jobs.job import Job, LogLine

POLL_SECONDS, AWAY_SECONDS = 0.5, 2.0
Event = tuple[str, dict[str, Any]]


def board_events(board: JobBoard, job_id: str, *, after: int) -> Iterator[Event]:
    """Tell how a job goes, until it is over.

    Parameters
    ----------
    after
        Number of the last line of the log that is known.

    Yields
    ------
    tuple
        Name and content, as `GET /v1/jobs/{job_id}/events` has them: `state` with the job,
        `progress` with step, per cent and seconds left, `log` with a line, `away` once for each
        time that the database does not answer, `end`.

    Raises
    ------
    UnknownJob
        There is no such job.
    """
    from models.jobs.errors import BoardAway
    from serving.jobs.answers import line_json

    told = _Told()
    is_away = False
    while True:
        try:
            job = board.get(job_id)  # first: what it wrote before its end is in the log
            lines = list(_lines(board, job_id, after))
        except BoardAway as error:
            if not is_away:
                yield "away", {"detail": error.found}
            is_away = True
            time.sleep(AWAY_SECONDS)
            continue
        is_away = False
        yield from told.news(job)
        for line in lines:
            after = line.number
            yield "log", line_json(line)
        if job.state.is_over:
            yield "end", {"state": str(job.state), "outcome": job.outcome}
            return
        time.sleep(POLL_SECONDS)


class _Told:
    """What was told of the job last."""

    def __init__(self) -> None:
        self._standing: dict[str, Any] | None = None
        self._moving: dict[str, Any] = {}

    def news(self, job: Job) -> Iterator[Event]:
        """Tell what has changed since: the whole job, or how far it has come."""
        from serving.jobs.answers import job_json
        from serving.jobs.event_stream import MOVING

        whole = job_json(job)
        moving = {name: whole[name] for name in MOVING}
        standing = {name: value for name, value in whole.items() if name not in MOVING}
        if standing != self._standing:
            yield "state", whole
        elif moving != self._moving:
            yield "progress", {"step": whole["step"], **moving}
        self._standing, self._moving = standing, moving


def _lines(board: JobBoard, job_id: str, after: int) -> Iterator[LogLine]:
    while more := board.log(job_id, after=after):
        yield from more
        after = more[-1].number
