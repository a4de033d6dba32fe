"""Server-sent events of a job: its state, its progress, its log, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson

from models.jobs.errors import BoardAway
from models.jobs.job import UNDER_WAY, Job, LogLine
from serving.jobs.answers import job_json, line_json
from serving.jobs.watching import JobWatch, JobWatches

RETRY_MS = 2_000  # after which a browser asks again
HEARTBEAT_SECONDS = 10.0
PROGRESS_SECONDS = 0.5  # every second look: at least one event a second
CHECK_SECONDS = 5.0
MOVING = ("percent", "seconds_left")


def event(name: str, data: Any, *, number: int | None = None) -> bytes:
    """Write one event; only lines of the log have numbers, by which a watcher goes on."""
    head = "" if number is None else f"id: {number}\n"
    return f"{head}event: {name}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"


async def job_events(
    watches: JobWatches,
    job_id: str,
    *,
    after: int,
    may_go_on: Callable[[], Awaitable[bool]],
    monotonic: Callable[[], float] = time.monotonic,
) -> AsyncIterator[bytes]:
    """Tell how a job goes, until it is over or the service ends.

    Parameters
    ----------
    watches
        Everything that is watched.
    job_id
        A job that exists.
    after
        Number of the last line of the log that the watcher knows.
    may_go_on
        Asked now and then: whether the watcher may still see it.
    monotonic
        Seconds of a clock that never goes back.
    """
    yield f"retry: {RETRY_MS}\n\n".encode()
    with watches.watching(job_id, after) as watch:
        told = _Told(after, monotonic)
        checked_at = monotonic()
        while not (watches.is_ending or watch.is_broken):
            next_look = watch.next_look
            async for piece in told.news(watch):
                yield piece
            if told.is_over:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(next_look.wait(), HEARTBEAT_SECONDS)
            if monotonic() - checked_at >= CHECK_SECONDS:
                checked_at = monotonic()
                if not await may_go_on():
                    return


class _Told:
    """What one watcher was told, and what is news to it."""

    def __init__(self, after: int, monotonic: Callable[[], float]) -> None:
        self.is_over = False
        self._number = after
        self._monotonic = monotonic
        self._standing: dict[str, Any] | None = None
        self._moving: dict[str, Any] = {}
        self._moved_at = self._told_at = monotonic()
        self._was_away = False

    async def news(self, watch: JobWatch) -> AsyncIterator[bytes]:
        """Say what the watcher does not know yet."""
        async for piece in self._news(watch):
            self._told_at = self._monotonic()
            yield piece
        if self._monotonic() - self._told_at >= HEARTBEAT_SECONDS:
            self._told_at = self._monotonic()
            yield b": nothing new\n\n"

    async def _news(self, watch: JobWatch) -> AsyncIterator[bytes]:
        is_over, job = watch.is_over, watch.job  # as they are now: lines are waited for
        if watch.failure is not None:
            self.is_over = True
            return
        if watch.away is not None and not self._was_away:
            yield event("away", {"detail": watch.away.found})
        self._was_away = watch.away is not None
        if job is None:
            return
        for piece in self._standing_of(job):
            yield piece
        try:
            while lines := await watch.lines_after(self._number):
                yield b"".join(map(self._line, lines))
        except BoardAway:
            return  # the next look says so, and the lines come after it
        if is_over:
            self.is_over = True
            yield event("end", {"state": str(job.state), "outcome": job.outcome})

    def _standing_of(self, job: Job) -> list[bytes]:
        whole = job_json(job)
        moving = {name: whole[name] for name in MOVING}
        standing = {name: value for name, value in whole.items() if name not in MOVING}
        if standing != self._standing:
            self._standing, self._moving, self._moved_at = standing, moving, self._monotonic()
            return [event("state", whole)]
        is_due = job.state in UNDER_WAY and self._monotonic() - self._moved_at >= PROGRESS_SECONDS
        if moving == self._moving and not is_due:
            return []
        self._moving, self._moved_at = moving, self._monotonic()
        return [event("progress", {"step": job.step, **moving})]

    def _line(self, line: LogLine) -> bytes:
        self._number = line.number
        return event("log", line_json(line), number=line.number)
