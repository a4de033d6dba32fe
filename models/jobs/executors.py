"""Workers: signs of life, and taking over the jobs of one that gives none.

Times are those of the database, so that workers' clocks need not agree. That clock, too, may be
moved: a sign of life from the future counts as none, and after a jump nobody is taken for gone
until everybody had the time to give a sign.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Engine, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from models.jobs.database import database_seconds, read_database_seconds, reading, writing
from models.jobs.durable import DurableQueue
from models.jobs.errors import ExecutorTaken
from models.jobs.job import UNDER_WAY, JobState
from models.jobs.tables import executors, jobs

FORGOTTEN_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Heart:
    """The signs of life of one worker.

    Two workers under one id would take each other's jobs away for ever. So an id belongs to the
    host and the folder that signed on with it, until it has given no sign for its lapse.

    Attributes
    ----------
    token
        Of the folder that the worker keeps, which one process at a time can hold: whoever comes
        from the same host with the same token is the same worker after its end.
    lapse_seconds
        After that long without a sign others take its jobs over.
    """

    engine: Engine
    executor_id: str
    host: str
    pid: int
    token: str
    lapse_seconds: float

    def start(self) -> None:
        """Make the worker known; its row of an earlier life is overwritten.

        Raises
        ------
        ExecutorTaken
            Another worker gave a sign of life under this id within its lapse.
        """
        now = database_seconds(self.engine)
        row = {"host": self.host, "pid": self.pid, "token": self.token}
        row |= {"lapse_seconds": self.lapse_seconds, "started_at": now, "beat_at": now}
        free = self._named & or_(self._ours, _is_silent(self.engine))
        try:
            with writing(self.engine) as connection:
                again = update(executors).where(free).values(**row, job_id=None, taken_at=None)
                if not connection.execute(again).rowcount:
                    first = insert(executors).values(executor_id=self.executor_id, **row)
                    connection.execute(first)
        except IntegrityError:
            raise self._taken() from None

    def beat(self, job_id: str | None) -> None:
        """Give a sign of life, and say which job it has.

        Raises
        ------
        ExecutorTaken
            Another worker has signed on under this id, while this one gave no sign.
        """
        beaten = (
            update(executors)
            .where(self._named, self._ours)
            .values(beat_at=database_seconds(self.engine), job_id=job_id, taken_at=None)
        )
        with writing(self.engine) as connection:
            found = connection.execute(beaten).rowcount
        if not found:
            self.start()

    def stop(self) -> None:
        """Take the worker off the list."""
        with writing(self.engine) as connection:
            connection.execute(delete(executors).where(self._named, self._ours))

    @property
    def _named(self) -> ColumnElement[bool]:
        return executors.c.executor_id == self.executor_id

    @property
    def _ours(self) -> ColumnElement[bool]:
        return (executors.c.host == self.host) & (executors.c.token == self.token)

    def _taken(self) -> ExecutorTaken:
        with reading(self.engine) as connection:
            row = connection.execute(select(executors).where(self._named)).first()
        who = "another" if row is None else f"the process {row.pid} on {row.host}"
        lapse = self.lapse_seconds if row is None else row.lapse_seconds
        return ExecutorTaken(
            f"The id {self.executor_id} is that of {who}, which gave a sign of life just now.",
            needed="an id of its own for every worker.",
            remedy="set CUPROMARK_WORKER_EXECUTOR_ID to another id, or leave it out; if that "
            f"worker is gone, its id is free {lapse:g} s after its last sign.",
        )


@dataclass(slots=True)
class ClockWatch:
    """Notices that the clock of the database was moved, or stood still, against our own.

    Attributes
    ----------
    monotonic
        Seconds of a clock that nobody moves.
    """

    engine: Engine
    monotonic: Callable[[], float] = time.monotonic
    _ahead: float | None = field(init=False, default=None)

    def has_jumped(self, seconds: float) -> bool:
        """Whether it has moved by more than so much since the last call."""
        with reading(self.engine) as connection:
            now = read_database_seconds(self.engine, connection)
        before, self._ahead = self._ahead, now - self.monotonic()
        return before is not None and abs(self._ahead - before) > seconds


def silent_workers(engine: Engine) -> list[str]:
    """Workers that give no sign of life."""
    query = select(executors.c.executor_id).where(_is_silent(engine))
    with reading(engine) as connection:
        return [str(one) for one in connection.execute(query).scalars()]


def take_over(engine: Engine, queue: DurableQueue, silent: Sequence[str]) -> list[str]:
    """Put the jobs of workers that were found silent back into the queue, if they still are.

    One worker does it at a time; should that one die at it, another does it after the same lapse.

    Parameters
    ----------
    silent
        From `silent_workers`.

    Returns
    -------
    list of str
        The jobs.
    """
    taken: list[str] = []
    for executor_id in silent:
        waiting = queue.pending_of(executor_id)
        if waiting and _is_first(engine, executor_id):
            release(engine, queue, waiting)
            taken += waiting
    if silent:
        _forget(engine, silent)
    return taken


def release(engine: Engine, queue: DurableQueue, job_ids: Sequence[str]) -> None:
    """Put jobs that a worker had back into the queue, for any worker."""
    with writing(engine) as connection:
        connection.execute(
            update(jobs)
            .where(jobs.c.job_id.in_(job_ids), jobs.c.state.in_(UNDER_WAY))
            .values(state=JobState.QUEUED, executor_id=None, seconds_left=None)
        )
    queue.requeue(job_ids)


def _is_silent(engine: Engine) -> ColumnElement[bool]:
    """No sign of life for longer than the lapse, or one from as far ahead: a clock was set back."""
    since = database_seconds(engine) - executors.c.beat_at
    return func.abs(since) > executors.c.lapse_seconds


def _is_first(engine: Engine, executor_id: str) -> bool:
    """Mark a silent worker as being taken over; False where another did so just now."""
    now = database_seconds(engine)
    lapsed = or_(
        executors.c.taken_at.is_(None),
        func.abs(now - executors.c.taken_at) > executors.c.lapse_seconds,
    )
    with writing(engine) as connection:
        marked = connection.execute(
            update(executors)
            .where(executors.c.executor_id == executor_id, _is_silent(engine), lapsed)
            .values(taken_at=now)
        )
    return marked.rowcount == 1


def _forget(engine: Engine, silent: Sequence[str]) -> None:
    """Take those off the list that nobody has heard of for a day."""
    since = database_seconds(engine) - executors.c.beat_at
    old = executors.c.executor_id.in_(silent) & (since > FORGOTTEN_SECONDS)
    with reading(engine) as connection:
        if not connection.execute(select(executors.c.executor_id).where(old)).first():
            return
    with writing(engine) as connection:
        connection.execute(delete(executors).where(old))
