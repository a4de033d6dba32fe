"""What the board reads: jobs by page, lines of a log, workers, counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from models.jobs.errors import UnknownJob, UnknownPage
from models.jobs.job import Executor, JobState, LogLine
from models.jobs.tables import executors, job_log, jobs

MOST_LISTED = 1000
EXECUTOR_COLUMNS = (
    executors.c.executor_id,
    executors.c.host,
    executors.c.started_at,
    executors.c.beat_at,
    executors.c.job_id,
)
LINE_COLUMNS = (job_log.c.number, job_log.c.at, job_log.c.level, job_log.c.text)

Row = Mapping[Any, Any]


def in_range(limit: int) -> int:
    """Take a limit of 1 to 1000."""
    return min(max(limit, 1), MOST_LISTED)


def read_row(connection: Connection, job_id: str) -> Row:
    """Read one job; UnknownJob when there is none of this id."""
    row = connection.execute(select(jobs).where(jobs.c.job_id == job_id)).mappings().first()
    if row is None:
        raise UnknownJob(
            f"There is no job {job_id[:80]!r}.",
            needed="the id of a job, as submitting it gave it.",
            remedy="list the jobs.",
        )
    return row


def row_of_key(connection: Connection, submitted_by: str, key: str) -> Row | None:
    """Read the job that somebody submitted with a key."""
    asked = (jobs.c.submitted_by == submitted_by) & (jobs.c.idempotency_key == key)
    return connection.execute(select(jobs).where(asked)).mappings().first()


def page_rows(
    connection: Connection,
    *,
    state: str | None,
    kind: str | None,
    limit: int,
    before: str | None,
) -> tuple[list[Row], str | None]:
    """Read up to `limit` jobs, newest first, and where the next page begins."""
    query = select(jobs).order_by(jobs.c.number.desc()).limit(limit + 1)
    if state is not None:
        query = query.where(jobs.c.state == state)
    if kind is not None:
        query = query.where(jobs.c.kind == kind)
    if before is not None:
        query = query.where(jobs.c.number < _number(before))
    rows: list[Row] = list(connection.execute(query).mappings())
    return rows[:limit], str(rows[limit - 1]["number"]) if len(rows) > limit else None


def read_lines(connection: Connection, job_id: str, *, after: int, limit: int) -> list[LogLine]:
    """Read lines of a log with numbers above `after`, oldest first."""
    query = (
        select(*LINE_COLUMNS)
        .where(job_log.c.job_id == job_id, job_log.c.number > after)
        .order_by(job_log.c.number)
        .limit(limit)
    )
    return [LogLine(*row) for row in connection.execute(query)]


def read_tail(connection: Connection, job_id: str, n_lines: int) -> list[LogLine]:
    """Read the last lines of a log, oldest first."""
    query = (
        select(*LINE_COLUMNS)
        .where(job_log.c.job_id == job_id)
        .order_by(job_log.c.number.desc())
        .limit(n_lines)
    )
    return [LogLine(*row) for row in connection.execute(query)][::-1]


def read_executors(connection: Connection) -> list[Executor]:
    """Read the workers, by name."""
    query = select(*EXECUTOR_COLUMNS).order_by(executors.c.executor_id)
    return [Executor(*row) for row in connection.execute(query)]


def count_states(connection: Connection) -> dict[JobState, int]:
    """Count the jobs in each state, states without any included."""
    query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
    found = {state: int(count) for state, count in connection.execute(query)}
    return {state: found.get(str(state), 0) for state in JobState}


def _number(before: str) -> int:
    if before.isascii() and before.isdecimal() and len(before) < 10:
        return int(before)
    raise UnknownPage(
        f"No page of jobs begins before {before[:80]!r}.",
        needed="what the page before gave as next.",
        remedy="list the jobs from the newest one on.",
    )
