"""The board of jobs: submit, look at, cancel, resume, retry and remove them."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import IntegrityError

from models.jobs.changes import cancel_job, queue_again
from models.jobs.database import open_jobs_engine, reading, writing
from models.jobs.errors import (
    BoardAway,
    IdempotencyConflict,
    JobError,
    WrongState,
)
from models.jobs.fields import text_field
from models.jobs.job import Executor, Job, JobPage, JobState, LogLine, Submitted
from models.jobs.pruning import old_jobs, remove_jobs, remove_notifications
from models.jobs.queries import (
    count_states,
    in_range,
    page_rows,
    read_executors,
    read_lines,
    read_row,
    read_tail,
    row_of_key,
)
from models.jobs.records import job_of, known_spec, row_of
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs, prepare_tables

LONGEST_KEY = 255


class JobBoard:
    """Jobs in a database that API, command line and workers share.

    Parameters
    ----------
    database_url
        sqlite:///path or postgresql://...
    clock
        Seconds since 1970.
    mlflow_url
        Where people reach MLflow's pages; jobs then link to their run.

    Raises
    ------
    BoardAway
        By every method, when the database does not answer.
    """

    def __init__(
        self,
        database_url: str,
        *,
        clock: Callable[[], float] = time.time,
        mlflow_url: str | None = None,
    ) -> None:
        self._url = database_url
        self._clock = clock
        self._mlflow_url = mlflow_url
        self._engine: Engine | None = None
        self._queue: Any = None

    def start(self) -> None:
        """Open the database and make its tables where they are missing; may be called again."""
        if self._engine is not None:
            return
        engine = open_jobs_engine(self._url)
        try:
            prepare_tables(engine)
        except JobError:
            engine.dispose()
            raise
        from models.jobs.durable import DurableQueue

        self._queue = DurableQueue(engine)
        self._engine = engine

    def close(self) -> None:
        """Let go of the database; may be called again."""
        if self._engine is not None:
            self._queue.close()
            self._engine.dispose()
            self._engine = self._queue = None

    def submit(
        self, spec: JobSpec, *, submitted_by: str, idempotency_key: str | None = None
    ) -> Submitted:
        """Put a job into the queue.

        Parameters
        ----------
        idempotency_key
            A second job of the same person with the same key is not made: the first is given back.

        Raises
        ------
        IdempotencyConflict
            The key was used for another job.
        JobSpecError
            The key has no letters, more than 255, or some that cannot be printed.
        """
        if idempotency_key is not None:
            text_field(idempotency_key, "idempotency_key", longest=LONGEST_KEY)
        known = self._by_key(submitted_by, idempotency_key)
        if known is None:
            try:
                with writing(self._opened) as connection:
                    job = self._add(connection, spec, submitted_by, idempotency_key)
                    return Submitted(job, created=True)
            except IntegrityError:  # another call with the same key was faster
                known = self._by_key(submitted_by, idempotency_key)
                if known is None:
                    raise
        if known.spec != spec:
            raise IdempotencyConflict(
                f"The idempotency key {idempotency_key!r} was used for another job, "
                f"{known.job_id}.",
                needed="the same job again, or a key that was not used.",
                remedy="submit it under a new key.",
            )
        return Submitted(known, created=False)

    def submit_in(self, connection: Connection, spec: JobSpec, *, submitted_by: str) -> Job:
        """Put a job into the queue in a transaction of the caller, on the engine of this board."""
        return self._add(connection, spec, submitted_by, None)

    def get(self, job_id: str) -> Job:
        """Give a job; UnknownJob when there is none of this id."""
        with reading(self._opened) as connection:
            return self._read(connection, job_id)

    def list(
        self,
        *,
        state: JobState | str | None = None,
        kind: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> JobPage:
        """List jobs, newest first.

        Parameters
        ----------
        limit
            1 to 1000.
        before
            `next` of the page before.

        Raises
        ------
        UnknownPage
            No page gave this `before`.
        """
        with reading(self._opened) as connection:
            rows, more = page_rows(
                connection,
                state=None if state is None else str(state),
                kind=kind,
                limit=in_range(limit),
                before=before,
            )
        return JobPage(tuple(job_of(row, self._mlflow_url) for row in rows), more)

    def cancel(self, job_id: str, *, by: str) -> Job:
        """End a job that is queued or runs; its worker stops within seconds.

        Raises
        ------
        UnknownJob, WrongState
            There is no such job; it is over.
        """
        with writing(self._opened) as connection:
            job = self._allowed(connection, job_id, "cancel")
            cancel_job(connection, job, by=by, at=self._clock())
            cancelled = self._read(connection, job_id)
        # Where the queue is not reached any more, it gives out a job that no worker can claim.
        with suppress(BoardAway):
            self._queue.cancel(job_id)
        return cancelled

    def resume(self, job_id: str, *, by: str) -> Job:
        """Let a job that failed or was cancelled go on after its last checkpoint.

        Raises
        ------
        UnknownJob, WrongState
            There is no such job; it has not ended, or has succeeded.
        """
        with writing(self._opened) as connection:
            job = self._allowed(connection, job_id, "resume")
            queue_again(connection, job, by=by, at=self._clock())
            queued = self._read(connection, job_id)
        # A crash, or a queue that is not reached any more, leaves a queued job that DBOS has done
        # with; workers look for such jobs and put them into the queue.
        with suppress(BoardAway):
            self._queue.resume(job_id)
        return queued

    def retry(self, job_id: str, *, by: str, idempotency_key: str | None = None) -> Submitted:
        """Submit a new job that does the same as one that is over.

        Parameters
        ----------
        idempotency_key
            As `submit` takes it: with a key of before the job of before is given back, wherever
            the job that it was made like stands by now.

        Raises
        ------
        UnknownJob, WrongState
            There is no such job; it is not over, or another release submitted it, with fields that
            this one does not know.
        IdempotencyConflict, JobSpecError
            As `submit` raises them.
        """
        with reading(self._opened) as connection:
            spec = known_spec(read_row(connection, job_id))
        if self._by_key(by, idempotency_key) is None:
            with reading(self._opened) as connection:
                self._allowed(connection, job_id, "retry")
        return self.submit(spec, submitted_by=by, idempotency_key=idempotency_key)

    def log(self, job_id: str, *, after: int = 0, limit: int = 200) -> builtins.list[LogLine]:
        """Lines of a job's log with numbers above `after`, oldest first."""
        with reading(self._opened) as connection:
            lines = read_lines(connection, job_id, after=after, limit=in_range(limit))
            if not lines:
                read_row(connection, job_id)
        return lines

    def tail(self, job_id: str, n_lines: int) -> builtins.list[LogLine]:
        """Give the last `n_lines` (1 to 1000) lines of a job's log, oldest first.

        Raises
        ------
        UnknownJob
            There is no such job.
        """
        with reading(self._opened) as connection:
            lines = read_tail(connection, job_id, in_range(n_lines))
            if not lines:
                read_row(connection, job_id)
        return lines

    def prune(self, before: float, *, dry_run: bool) -> int:
        """Remove jobs that ended long ago: their rows, logs and checkpoints, and what was told.

        A job that is under way, or was resumed, stays. Keys of jobs that are removed make new jobs.

        Parameters
        ----------
        before
            Seconds since 1970: jobs that ended earlier go.
        dry_run
            Only count them.

        Returns
        -------
        int
            How many jobs go.
        """
        if dry_run:
            return len(old_jobs(self._opened, before))
        removed = remove_jobs(self._opened, self._queue, before)
        remove_notifications(self._opened, before)
        return removed

    def executors(self) -> builtins.list[Executor]:
        """Workers heard of lately, by name."""
        with reading(self._opened) as connection:
            return read_executors(connection)

    def counts(self) -> dict[JobState, int]:
        """How many jobs there are in each state, states without any included."""
        with reading(self._opened) as connection:
            return count_states(connection)

    @property
    def engine(self) -> Engine:
        """Of its database, for what is kept there beside the jobs."""
        return self._opened

    @property
    def _opened(self) -> Engine:
        if self._engine is None:
            self.start()
        assert self._engine is not None  # noqa: S101 - narrows the type: start() sets it or raises
        return self._engine

    def _add(
        self, connection: Connection, spec: JobSpec, submitted_by: str, key: str | None
    ) -> Job:
        row = row_of(spec, submitted_by, key, at=self._clock())
        connection.execute(insert(jobs).values(row))
        self._queue.enqueue(connection, row["job_id"])
        return self._read(connection, str(row["job_id"]))

    def _read(self, connection: Connection, job_id: str) -> Job:
        return job_of(read_row(connection, job_id), self._mlflow_url)

    def _allowed(self, connection: Connection, job_id: str, action: str) -> Job:
        connection.execute(select(jobs.c.number).where(jobs.c.job_id == job_id).with_for_update())
        job = self._read(connection, job_id)
        if action not in job.can:
            raise WrongState(
                f"The job {job_id} is {job.state} and cannot be given: {action}.",
                needed=f"a job for which {action} makes sense.",
                remedy=f"it can be given: {', '.join(job.can)}.",
                state=str(job.state),
                can=job.can,
            )
        return job

    def _by_key(self, submitted_by: str, key: str | None) -> Job | None:
        if key is None:
            return None
        with reading(self._opened) as connection:
            row = row_of_key(connection, submitted_by, key)
        return None if row is None else job_of(row, self._mlflow_url)
