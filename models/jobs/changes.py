"""What people change of a job, written with a line in its log, in one transaction of the caller."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, update

from models.jobs.job import Job, JobState
from models.jobs.tables import job_log, jobs

LONGEST_LINE = 4000


def cancel_job(connection: Connection, job: Job, *, by: str, at: float) -> None:
    """End a job; whatever its worker still writes of it is refused from now on."""
    reason = f"cancelled by {by}"
    connection.execute(
        update(jobs)
        .where(jobs.c.job_id == job.job_id)
        .values(state=JobState.CANCELLED, ended_at=at, reason=reason, seconds_left=None)
    )
    add_lines(connection, job.job_id, [(at, "warning", reason)])


def queue_again(connection: Connection, job: Job, *, by: str, at: float) -> None:
    """Put a job that is over back to the queued ones."""
    connection.execute(
        update(jobs)
        .where(jobs.c.job_id == job.job_id)
        .values(
            state=JobState.QUEUED,
            ended_at=None,
            reason=None,
            outcome=None,
            executor_id=None,
            seconds_left=None,
        )
    )
    add_lines(connection, job.job_id, [(at, "info", f"resumed by {by}")])


def storable(text: str) -> str:
    """Leave out what no database takes (NUL, halves of letters), and what is beyond 4,000 letters.

    A reason that cannot be written would leave its job running for ever.
    """
    return text[:LONGEST_LINE].encode(errors="replace").decode().replace("\x00", "")


def add_lines(connection: Connection, job_id: str, lines: Sequence[tuple[float, str, str]]) -> None:
    """Add lines (time, level, text) to a job's log, with numbers that have no holes."""
    if not lines:
        return
    last = connection.execute(
        update(jobs)
        .where(jobs.c.job_id == job_id)
        .values(n_lines=jobs.c.n_lines + len(lines))
        .returning(jobs.c.n_lines)
    ).scalar_one()
    first = last - len(lines) + 1
    rows = [
        {
            "job_id": job_id,
            "number": first + place,
            "at": at,
            "level": level,
            "text": storable(text),
        }
        for place, (at, level, text) in enumerate(lines)
    ]
    connection.execute(insert(job_log), rows)
