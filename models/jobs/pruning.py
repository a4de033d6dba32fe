"""Removing jobs that ended long ago, with all that is kept of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, delete, func, select

from models.jobs.database import reading, writing
from models.jobs.durable import DurableQueue
from models.jobs.job import OVER
from models.jobs.tables import job_log, jobs, notifications

BATCH = 500  # far below the number of values that a statement may have


def old_jobs(engine: Engine, before: float) -> list[str]:
    """List the jobs that are over and ended before a time, in seconds since 1970."""
    with reading(engine) as connection:
        return [str(one) for one in connection.execute(_old(before)).scalars()]


def remove_jobs(engine: Engine, queue: DurableQueue, before: float) -> int:
    """Remove the jobs that `old_jobs` lists, with logs and checkpoints; give their number.

    What a call that died half-way has left in the queue goes with the next one.
    """
    removed = [
        job_id
        for some in _batches(old_jobs(engine, before))
        for job_id in _remove_rows(engine, some, before)
    ]
    for some in _batches(removed):
        queue.forget(some)
    for some in _batches(queue.done_with_before(before)):
        queue.forget(_unknown(engine, some))
    return len(removed)


def remove_notifications(engine: Engine, before: float) -> int:
    """Remove messages of before that were delivered or given up; give their number.

    The newest stays: workers that start look back as far as to it.
    """
    newest = select(func.max(notifications.c.number)).scalar_subquery()
    settled = notifications.c.next_at.is_(None) & (notifications.c.created_at < before)
    with writing(engine) as connection:
        gone = delete(notifications).where(settled, notifications.c.number != newest)
        return int(connection.execute(gone).rowcount)


def _remove_rows(engine: Engine, job_ids: Sequence[str], before: float) -> list[str]:
    """Remove those that nobody has resumed meanwhile."""
    with writing(engine) as connection:
        still = _old(before).where(jobs.c.job_id.in_(job_ids)).with_for_update()
        old = [str(one) for one in connection.execute(still).scalars()]
        connection.execute(delete(job_log).where(job_log.c.job_id.in_(old)))
        connection.execute(delete(jobs).where(jobs.c.job_id.in_(old)))
    return old


def _unknown(engine: Engine, job_ids: Sequence[str]) -> list[str]:
    query = select(jobs.c.job_id).where(jobs.c.job_id.in_(job_ids))
    with reading(engine) as connection:
        known = set(connection.execute(query).scalars())
    return [one for one in job_ids if one not in known]


def _old(before: float) -> Any:
    return select(jobs.c.job_id).where(jobs.c.state.in_(OVER), jobs.c.ended_at < before)


def _batches(job_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (job_ids[place : place + BATCH] for place in range(0, len(job_ids), BATCH))
