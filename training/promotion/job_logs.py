"""Logs of jobs that are long over."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from models.jobs.database import open_jobs_engine, reading, writing
from models.jobs.job import JobState
from models.jobs.tables import job_log, jobs, prepare_tables
from training.promotion.retention import DAY, Item
from training.promotion.retention_policy import RetentionPolicy

OVER = tuple(str(state) for state in JobState if state.is_over)


def old_job_logs(database_url: str, policy: RetentionPolicy, *, now: float) -> list[Item]:
    """Find the logs of jobs that ended before the policy's time.

    Raises
    ------
    BoardAway, BoardUnusable
        The database of the jobs does not answer, or is none.
    """
    engine = open_jobs_engine(database_url)
    try:
        prepare_tables(engine)
        size = func.sum(func.length(job_log.c.text))
        query = (
            select(job_log.c.job_id, func.count(), size)
            .join(jobs, jobs.c.job_id == job_log.c.job_id)
            .where(jobs.c.state.in_(OVER), jobs.c.ended_at < now - policy.keep_log_days * DAY)
            .group_by(job_log.c.job_id)
            .order_by(job_log.c.job_id)
        )
        with reading(engine) as connection:
            rows = connection.execute(query).all()
    finally:
        engine.dispose()
    why = f"ended more than {policy.keep_log_days:g} days ago"
    return [Item("job_log", str(job), f"{why}, {n} lines", int(size or 0)) for job, n, size in rows]


def remove_job_logs(database_url: str, items: list[Item]) -> None:
    """Remove these logs of jobs that are still over; the jobs themselves stay."""
    engine = open_jobs_engine(database_url)
    try:
        over = select(jobs.c.job_id).where(jobs.c.state.in_(OVER))
        with writing(engine) as connection:
            for item in items:
                connection.execute(
                    delete(job_log).where(job_log.c.job_id == item.name, job_log.c.job_id.in_(over))
                )
    finally:
        engine.dispose()
