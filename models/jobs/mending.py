"""Bringing the board and the queue of DBOS together again."""

from __future__ import annotations

from sqlalchemy import Engine, select, update

from models.jobs.changes import add_lines
from models.jobs.database import read_database_seconds, reading, writing
from models.jobs.durable import CANCELLED, DurableQueue
from models.jobs.executors import release
from models.jobs.job import CLAIMABLE, UNDER_WAY, JobState
from models.jobs.tables import jobs


def mend_queue(engine: Engine, queue: DurableQueue) -> list[str]:
    """Put right what a crash, or a race between two who change a job, has left.

    A job that waits on the board, and that the queue has done with, was resumed by somebody who
    died before it got there, or whom a cancellation overtook: it is put there. So is one that is
    under way on the board and cancelled in the queue. Of one whose worker ended without a word the
    board says so.

    Returns
    -------
    list of str
        Jobs that were put back into the queue.
    """
    query = select(jobs.c.job_id, jobs.c.state, jobs.c.attempt).where(jobs.c.state.in_(CLAIMABLE))
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    done_with = queue.done_with([str(row.job_id) for row in rows])
    back = []
    for job_id, state, attempt in rows:
        if job_id not in done_with:
            continue
        if state == JobState.QUEUED:
            queue.resume(job_id)
        elif done_with[job_id] == CANCELLED:
            release(engine, queue, [job_id])
        else:
            _fail_silent(engine, job_id, attempt)
            continue
        back.append(str(job_id))
    return back


def _fail_silent(engine: Engine, job_id: str, attempt: int) -> None:
    """End a job that is under way for nobody, unless it has moved on since."""
    reason = "its worker ended it without a word; see the worker's log"
    with writing(engine) as connection:
        now = read_database_seconds(engine, connection)
        this = (jobs.c.job_id == job_id) & (jobs.c.attempt == attempt)
        failed = connection.execute(
            update(jobs)
            .where(this, jobs.c.state.in_(UNDER_WAY))
            .values(state=JobState.FAILED, reason=reason, ended_at=now, seconds_left=None)
        )
        if failed.rowcount:
            add_lines(connection, job_id, [(now, "error", f"failed: {reason}")])
