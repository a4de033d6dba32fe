"""Jobs that are long over, and their logs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from models.jobs.board import JobBoard
from models.jobs.database import open_jobs_engine, reading, writing
from models.jobs.job import OVER
from models.jobs.pruning import old_jobs
from models.jobs.tables import job_log, jobs, prepare_tables
from training.promotion.retention import DAY, Item
from training.promotion.retention_policy import RetentionPolicy


def plan_jobs(database_url: str, policy: RetentionPolicy, *, now: float) -> list[Item]:
    """Find jobs, and logs of jobs, that ended before the policy's times.

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
        forgotten = old_jobs(engine, now - policy.keep_job_days * DAY)
    finally:
        engine.dispose()
    why = f"ended more than {policy.keep_log_days:g} days ago"
    logs = [Item("job_log", str(job), f"{why}, {n} lines", int(size or 0)) for job, n, size in rows]
    why = f"ended more than {policy.keep_job_days:g} days ago"
    return [*logs, *(Item("job", job, why, 0) for job in sorted(forgotten))]


def remove_jobs(
    database_url: str, items: Sequence[Item], policy: RetentionPolicy, *, now: float
) -> None:
    """Remove what `plan_jobs` found, of jobs that are still over; messages about them go, too."""
    engine = open_jobs_engine(database_url)
    try:
        over = select(jobs.c.job_id).where(jobs.c.state.in_(OVER))
        with writing(engine) as connection:
            for item in items:
                if item.kind == "job_log":
                    of_it = job_log.c.job_id == item.name
                    connection.execute(delete(job_log).where(of_it, job_log.c.job_id.in_(over)))
    finally:
        engine.dispose()
    board = JobBoard(database_url)
    try:
        board.start()
        board.prune(now - policy.keep_job_days * DAY, dry_run=False)
    finally:
        board.close()
