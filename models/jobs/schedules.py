"""Schedules: jobs that are submitted again and again, at times of a cron expression.

DBOS has schedules of its own; its backfill makes up every missed run, and a retraining is worth
making up once. So the times are ours, and what they submit is an ordinary job whose idempotency key
is the schedule and the time: however many workers look, one job a time is made.
"""

from __future__ import annotations

import builtins
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from models.jobs.board import JobBoard
from models.jobs.cron import check_cron, latest_due, next_after
from models.jobs.database import reading, writing
from models.jobs.errors import (
    IdempotencyConflict,
    JobSpecError,
    ScheduleError,
    ScheduleTaken,
    UnknownJob,
    UnknownSchedule,
)
from models.jobs.job import Submitted
from models.jobs.spec import REASONS, SCHEDULE, JobSpec
from models.jobs.tables import schedules

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
BY_HAND = REASONS[0]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that is submitted at times of a cron expression.

    Attributes
    ----------
    cron, time_zone
        When; as people there read their clocks.
    spec
        What is submitted. Its reason is the schedule, unless it watches for a new release.
    paused
        A paused schedule submits nothing; times that pass are not made up.
    due_at
        Seconds since 1970 of the next run that was not submitted; None while paused.
    last_due_at, last_job_id
        The run before, and its job.
    note
        What came of the last time: runs made up for, or why nothing was submitted.
    """

    name: str
    cron: str
    time_zone: str
    spec: JobSpec
    paused: bool
    created_by: str
    created_at: float
    due_at: float | None
    last_due_at: float | None = None
    last_job_id: str | None = None
    note: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give its fields."""
        names = self.__slots__
        return {name: getattr(self, name) for name in names} | {"spec": self.spec.to_json()}


class ScheduleBook:
    """The schedules of a board.

    Parameters
    ----------
    board
        Takes the jobs.
    clock
        Seconds since 1970.

    Raises
    ------
    BoardAway
        By every method, when the database does not answer.
    """

    def __init__(self, board: JobBoard, *, clock: Callable[[], float] = time.time) -> None:
        self._board = board
        self._clock = clock

    def add(
        self, name: str, cron: str, spec: JobSpec, *, by: str, time_zone: str = "UTC"
    ) -> Schedule:
        """Add a schedule; its first run is the next time that the expression falls due.

        Raises
        ------
        ScheduleError
            The name is taken or no name, the expression or the time zone cannot be used.
        """
        if not NAME.fullmatch(name):
            raise ScheduleError(
                f"{name[:80]!r} cannot name a schedule.",
                needed="up to 64 letters, digits, dots, dashes and underlines.",
                remedy="choose another name.",
            )
        check_cron(cron, time_zone)
        now = self._clock()
        row = {
            "name": name,
            "cron": cron,
            "time_zone": time_zone,
            "spec": _as_scheduled(spec, name).to_json(),
            "paused": False,
            "created_by": by,
            "created_at": now,
            "due_at": next_after(cron, time_zone, now),
        }
        try:
            with writing(self._board.engine) as connection:
                connection.execute(insert(schedules).values(row))
                return _read(connection, name)
        except IntegrityError as error:
            raise ScheduleTaken(
                f"There is a schedule {name!r} already.",
                needed="a name of its own.",
                remedy="remove that one first, or choose another name.",
            ) from error

    def list(self) -> list[Schedule]:
        """List every schedule, by name."""
        with reading(self._board.engine) as connection:
            rows = connection.execute(select(schedules).order_by(schedules.c.name)).mappings()
            return [_schedule(row) for row in rows]

    def get(self, name: str) -> Schedule:
        """Give a schedule; UnknownSchedule when there is none of this name."""
        with reading(self._board.engine) as connection:
            return _read(connection, name)

    def pause(self, name: str) -> Schedule:
        """Submit nothing until `resume`."""
        return self._change(name, paused=True, note=None)

    def resume(self, name: str) -> Schedule:
        """Go on with the next time; what fell due meanwhile is not made up."""
        found = self.get(name)
        if not found.paused:
            return found
        due = next_after(found.cron, found.time_zone, self._clock())
        return self._change(name, paused=False, due_at=due, note=None)

    def remove(self, name: str) -> None:
        """Remove a schedule; its jobs stay."""
        with writing(self._board.engine) as connection:
            done = connection.execute(delete(schedules).where(schedules.c.name == name))
        if not done.rowcount:
            raise _unknown(name)

    def run(self, name: str, *, by: str) -> Submitted:
        """Submit its job now, besides its times.

        Raises
        ------
        UnknownSchedule, ScheduleError
            There is none of this name; another release added it, with fields that this one does not
            know.
        """
        # All of it or nothing: whoever is told that nothing was stored runs it again.
        with writing(self._board.engine) as connection:
            spec = _known_spec(name, _row(connection, name))
            job = self._board.submit_in(connection, spec, submitted_by=by)
            ran = {"last_job_id": job.job_id, "note": f"run by {by}"}
            connection.execute(update(schedules).where(schedules.c.name == name).values(ran))
        return Submitted(job, created=True)

    def submit_due(self) -> builtins.list[Submitted]:
        """Submit what has fallen due; however many times were missed, one job a schedule.

        Any number of processes may call this at any time.
        """
        now = self._clock()
        with reading(self._board.engine) as connection:
            due = schedules.select().where(~schedules.c.paused, schedules.c.due_at <= now)
            rows = connection.execute(due).mappings().all()
        made = [self._submit(row, now) for row in rows]
        return [each for each in made if each is not None]

    def _submit(self, row: Mapping[Any, Any], now: float) -> Submitted | None:
        name, cron, zone = row["name"], row["cron"], row["time_zone"]
        latest, n_missed = latest_due(cron, zone, row["due_at"], now)
        changes: dict[str, Any] = {
            "due_at": next_after(cron, zone, max(latest, now)),
            "last_due_at": latest,
            "note": _missed(n_missed),
        }
        submitted = None
        if self._is_under_way(row["last_job_id"]):
            changes["note"] = f"passed over at {_shown(latest)}: its job is still under way"
        else:
            try:
                submitted = self._board.submit(
                    JobSpec.from_json(row["spec"]),
                    submitted_by=f"{SCHEDULE}{name}",
                    idempotency_key=f"{name} {latest:.0f}",
                )
                changes["last_job_id"] = submitted.job.job_id
            except (JobSpecError, IdempotencyConflict) as error:  # the others are due all the same
                changes["note"] = f"nothing was submitted at {_shown(latest)}: {error.found}"
        with writing(self._board.engine) as connection:
            # Whoever was faster has moved the time on already.
            unmoved = (schedules.c.name == name) & (schedules.c.due_at == row["due_at"])
            moved = connection.execute(update(schedules).where(unmoved).values(changes))
        return submitted if moved.rowcount and submitted and submitted.created else None

    def _is_under_way(self, job_id: str | None) -> bool:
        if job_id is None:
            return False
        try:
            return not self._board.get(job_id).state.is_over
        except UnknownJob:
            return False

    def _change(self, name: str, **values: Any) -> Schedule:
        with writing(self._board.engine) as connection:
            named = schedules.c.name == name
            connection.execute(update(schedules).where(named).values(values))
            return _read(connection, name)


def _as_scheduled(spec: JobSpec, name: str) -> JobSpec:
    return replace(spec, reason=f"{SCHEDULE}{name}") if spec.reason == BY_HAND else spec


def _schedule(row: Mapping[Any, Any]) -> Schedule:
    fields = dict(row) | {"spec": JobSpec.from_stored(row["spec"])}
    return Schedule(**fields | {"due_at": None if row["paused"] else row["due_at"]})


def _read(connection: Connection, name: str) -> Schedule:
    return _schedule(_row(connection, name))


def _row(connection: Connection, name: str) -> Mapping[Any, Any]:
    named = select(schedules).where(schedules.c.name == name)
    row = connection.execute(named).mappings().first()
    if row is None:
        raise _unknown(name)
    return row


def _known_spec(name: str, row: Mapping[Any, Any]) -> JobSpec:
    try:
        return JobSpec.from_json(row["spec"])
    except JobSpecError as error:
        raise ScheduleError(
            f"The schedule {name} was added by a release with other fields: {error.found}",
            needed="a job whose fields this release knows.",
            remedy="remove the schedule and add it again.",
        ) from error


def _missed(n_missed: int) -> str | None:
    if not n_missed:
        return None
    times = "1 earlier run" if n_missed == 1 else f"{n_missed} earlier runs"
    return f"made up once for {times} while no worker looked"


def _shown(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _unknown(name: str) -> UnknownSchedule:
    return UnknownSchedule(
        f"There is no schedule {name[:80]!r}.",
        needed="the name of a schedule.",
        remedy="list the schedules.",
    )
