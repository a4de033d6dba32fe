"""A job in the hands of a worker: what it writes is refused once the job is another's."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, select, update

from models.jobs.changes import add_lines, storable
from models.jobs.database import reading, writing
from models.jobs.errors import JobError, JobSpecError
from models.jobs.job import CLAIMABLE, UNDER_WAY, JobState
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs


class NotOursError(JobError):
    """A job that was cancelled, or that another worker took over.

    Attributes
    ----------
    state
        What has become of it.
    """

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(
            f"The job {job_id} is no longer this worker's: it is {state}.",
            needed="a job that this worker has.",
            remedy="stop, and leave it alone.",
        )
        self.state = state


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job that a worker has claimed.

    Every write is refused with NotOursError once the job was cancelled or claimed again.

    Attributes
    ----------
    attempt
        Of this claim.
    """

    engine: Engine
    job_id: str
    spec: JobSpec
    executor_id: str
    attempt: int
    clock: Callable[[], float] = time.time

    def report(
        self,
        *,
        step: str | None = None,
        percent: float | None = None,
        seconds_left: float | None = None,
    ) -> None:
        """Write down where it is; it runs."""
        known: dict[str, Any] = {"state": JobState.RUNNING, "reason": None}
        known["seconds_left"] = seconds_left
        known |= {} if step is None else {"step": step}
        known |= {} if percent is None else {"percent": min(max(percent, 0.0), 100.0)}
        self._write(known)

    def check(self) -> None:
        """Make sure that it is still ours."""
        with reading(self.engine) as connection:
            self._raise_unless_ours(connection)

    def wait_for(self, reason: str) -> None:
        """Write down what it waits for; a line in its log says so once."""
        reason = storable(reason)
        with writing(self.engine) as connection:
            query = select(jobs.c.reason).where(self._ours)
            is_new = connection.execute(query).scalar() != reason
            self._update(connection, {"state": JobState.WAITING, "reason": reason})
            lines = [(self.clock(), "warning", f"waiting: {reason}")] if is_new else []
            add_lines(connection, self.job_id, lines)

    def log(self, lines: Sequence[tuple[float, str, str]]) -> None:
        """Add lines (time, level, text) to its log."""
        if lines:
            with writing(self.engine) as connection:
                self._update(connection, {"executor_id": self.executor_id})
                add_lines(connection, self.job_id, lines)

    def say(self, text: str, *, level: str = "info") -> None:
        """Add a line to its log."""
        self.log([(self.clock(), level, text)])

    def note(
        self,
        figures: Mapping[str, float | str] | None = None,
        *,
        run_id: str | None = None,
        experiment_id: str | None = None,
        version: str | None = None,
        reasons: Sequence[str] | None = None,
    ) -> None:
        """Write down figures, those that are numbers or names, and what it left in MLflow."""
        given = {"run_id": run_id, "experiment_id": experiment_id, "version": version}
        known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if reasons is not None:
            known["reasons"] = list(map(storable, reasons))
        with writing(self.engine) as connection:
            if figures:
                query = select(jobs.c.figures).where(self._ours).with_for_update()
                held = connection.execute(query).scalar() or {}
                known["figures"] = {**held, **_known(figures)}
            self._update(connection, known or {"executor_id": self.executor_id})

    def succeed(self, outcome: str) -> None:
        """End it well."""
        self._end(JobState.SUCCEEDED, {"outcome": outcome, "percent": 100.0}, f"ended: {outcome}")

    def fail(self, reason: str) -> None:
        """End it with a reason."""
        reason = storable(reason)
        self._end(JobState.FAILED, {"reason": reason}, f"failed: {reason}")

    def _end(self, state: JobState, known: dict[str, Any], text: str) -> None:
        now = self.clock()
        level = "info" if state is JobState.SUCCEEDED else "error"
        with writing(self.engine) as connection:
            ended = {"reason": None, **known, "ended_at": now, "seconds_left": None}
            self._update(connection, {**ended, "state": state})
            add_lines(connection, self.job_id, [(now, level, text)])

    def _write(self, values: Mapping[str, Any]) -> None:
        with writing(self.engine) as connection:
            self._update(connection, values)

    def _update(self, connection: Connection, values: Mapping[str, Any]) -> None:
        changed = connection.execute(update(jobs).where(self._ours).values(**values))
        if changed.rowcount != 1:
            self._raise_unless_ours(connection)

    def _raise_unless_ours(self, connection: Connection) -> None:
        columns = (jobs.c.state, jobs.c.executor_id, jobs.c.attempt)
        row = connection.execute(select(*columns).where(jobs.c.job_id == self.job_id)).first()
        if row is None:
            raise NotOursError(self.job_id, "gone")
        if row.state not in UNDER_WAY:
            raise NotOursError(self.job_id, row.state)
        if (row.executor_id, row.attempt) != (self.executor_id, self.attempt):
            raise NotOursError(self.job_id, f"with {row.executor_id or 'no worker'}")

    @property
    def _ours(self) -> ColumnElement[bool]:
        return (
            (jobs.c.job_id == self.job_id)
            & (jobs.c.executor_id == self.executor_id)
            & (jobs.c.attempt == self.attempt)
            & jobs.c.state.in_(UNDER_WAY)
        )


def _known(figures: Mapping[str, float | str]) -> dict[str, float | str]:
    """Leave out what is no number (NaN): JSON has none."""
    return {
        name: storable(value) if isinstance(value, str) else value
        for name, value in figures.items()
        if isinstance(value, str) or math.isfinite(value)
    }


def claim_job(
    engine: Engine,
    job_id: str,
    executor_id: str,
    *,
    clock: Callable[[], float] = time.time,
) -> RunningJob:
    """Take a job up; whoever had it before can write nothing more of it.

    One that another release submitted, with fields that this one does not know, ends here as
    failed: what it asks for cannot be done.

    Raises
    ------
    NotOursError
        It is over, or there is none, or it has ended here.
    """
    now = clock()
    with writing(engine) as connection:
        row = connection.execute(
            update(jobs)
            .where(jobs.c.job_id == job_id, jobs.c.state.in_(CLAIMABLE))
            .values(state=JobState.RUNNING, executor_id=executor_id, attempt=jobs.c.attempt + 1)
            .returning(jobs.c.attempt, jobs.c.spec, jobs.c.started_at)
        ).first()
        if row is None:
            found = connection.execute(select(jobs.c.state).where(jobs.c.job_id == job_id)).scalar()
            raise NotOursError(job_id, found or "gone")
        if row.started_at is None:
            connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(started_at=now))
        taken = "taken up" if row.attempt == 1 else f"taken up again, attempt {row.attempt},"
        add_lines(connection, job_id, [(now, "info", f"{taken} by {executor_id}")])
        spec = _spec_or_end(connection, job_id, row.spec, at=now)
    if spec is None:
        raise NotOursError(job_id, JobState.FAILED)
    return RunningJob(engine, job_id, spec, executor_id, row.attempt, clock)


def _spec_or_end(
    connection: Connection, job_id: str, stored: Mapping[str, Any], *, at: float
) -> JobSpec | None:
    """Read what is to be done strictly; end the job as failed where that is not possible."""
    try:
        return JobSpec.from_json(stored)
    except JobSpecError as error:
        reason = storable(f"submitted by a release with other fields: {error.found}")
    ended = {"state": JobState.FAILED, "reason": reason, "ended_at": at, "seconds_left": None}
    connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(**ended))
    add_lines(connection, job_id, [(at, "error", f"failed: {reason}")])
    return None
