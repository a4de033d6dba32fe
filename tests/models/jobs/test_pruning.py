"""Removing jobs that ended long ago leaves nothing of them, and all of the others."""

import pytest
from sqlalchemy import MetaData, Table, func, insert, select, update

from models.jobs import pruning
from models.jobs.database import is_sqlite, reading, writing
from models.jobs.durable import DurableQueue
from models.jobs.errors import BoardAway, UnknownJob
from models.jobs.outbox import list_notifications, post_ended_jobs, untold_since
from models.jobs.running import claim_job
from models.jobs.spec import JobSpec
from models.jobs.tables import job_log, jobs, notifications

SPEC = JobSpec(kind="promote", bundle="challenger")
DAY, NOW = 86_400.0, 1_800_000_000.0


def job_in(board, state, *, ended_at=None):
    """A job with a line in its log."""
    job_id = board.submit(SPEC, submitted_by="ada").job.job_id
    claim_job(board.engine, job_id, "w")
    with writing(board.engine) as connection:
        values = {"state": state, "ended_at": ended_at}
        connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(values))
    return job_id


def n_lines(board, job_id):
    with reading(board.engine) as connection:
        query = select(func.count()).where(job_log.c.job_id == job_id)
        return connection.execute(query).scalar_one()


def checkpoints(board):
    """Ids of the workflows that DBOS keeps."""
    table = Table(
        "workflow_status", MetaData(), schema=None if is_sqlite(board.engine) else "dbos",
        autoload_with=board.engine,
    )  # fmt: skip
    with reading(board.engine) as connection:
        return set(connection.execute(select(table.c.workflow_uuid)).scalars())


def end_in_queue(board, *job_ids):
    queue = DurableQueue(board.engine)
    for job_id in job_ids:
        queue.cancel(job_id)


def test_only_what_ended_before_goes_with_log_and_checkpoints(board, monkeypatch):
    monkeypatch.setattr(pruning, "BATCH", 2)
    old = [job_in(board, state, ended_at=NOW - 9 * DAY) for state in ("failed", "succeeded")]
    old += [job_in(board, "cancelled", ended_at=NOW - 8 * DAY) for _ in range(3)]
    kept = [job_in(board, "succeeded", ended_at=NOW - 6 * DAY)]
    kept += [job_in(board, state) for state in ("queued", "running", "waiting")]
    kept += [job_in(board, "queued", ended_at=NOW - 9 * DAY)]  # resumed
    assert board.prune(NOW - 7 * DAY, dry_run=True) == 5
    assert len(board.list().jobs) == 10
    assert board.prune(NOW - 7 * DAY, dry_run=False) == 5
    assert [job.job_id for job in board.list().jobs] == kept[::-1]
    assert checkpoints(board) == set(kept)
    assert [n_lines(board, job_id) for job_id in old] == [0] * 5
    assert all(n_lines(board, job_id) for job_id in kept)
    with pytest.raises(UnknownJob):
        board.get(old[0])
    assert board.prune(NOW - 7 * DAY, dry_run=False) == 0


def test_what_a_call_that_died_left_in_the_queue_goes_with_the_next(board, monkeypatch):
    old = job_in(board, "cancelled", ended_at=NOW - 9 * DAY)
    kept = job_in(board, "cancelled", ended_at=NOW)
    end_in_queue(board, old, kept)

    def away(job_ids):
        raise BoardAway("It is away.", needed="it.", remedy="wait.")

    with monkeypatch.context() as patched:
        patched.setattr(board._queue, "forget", away)
        with pytest.raises(BoardAway):
            board.prune(NOW - 7 * DAY, dry_run=False)
    assert checkpoints(board) == {old, kept}
    assert board.prune(NOW - 7 * DAY, dry_run=False) == 0
    assert checkpoints(board) == {kept}


def test_a_job_that_is_resumed_meanwhile_stays(board, monkeypatch):
    job_id = job_in(board, "failed", ended_at=NOW - 9 * DAY)
    listed = pruning.old_jobs

    def outrun(engine, before):
        found = listed(engine, before)
        board.resume(job_id, by="ada")
        return found

    monkeypatch.setattr(pruning, "old_jobs", outrun)
    assert board.prune(NOW - 7 * DAY, dry_run=False) == 0
    assert board.get(job_id).state == "queued"
    assert n_lines(board, job_id) == 2
    assert checkpoints(board) == {job_id}


def test_messages_that_wait_and_the_newest_of_all_stay(board):
    for number, (created_at, next_at) in enumerate(
        [(9, None), (9, NOW), (8, None), (6, None), (8, None)]
    ):
        row = {"message_id": str(number), "url": "u", "event": "job.failed", "body": "{}"}
        row |= {"created_at": NOW - created_at * DAY, "next_at": next_at, "n_attempts": 1}
        with writing(board.engine) as connection:
            connection.execute(insert(notifications).values(row))
    board.prune(NOW - 7 * DAY, dry_run=True)
    assert len(list_notifications(board.engine)) == 5
    board.prune(NOW - 7 * DAY, dry_run=False)
    assert [each.message_id for each in list_notifications(board.engine)] == ["4", "3", "1"]


def test_what_was_removed_is_not_told_of_again(board):
    job_in(board, "failed", ended_at=NOW - 60)
    post = (board.engine, ["https://a.test/x"], ("failed",))
    assert post_ended_jobs(*post, since=NOW - 600, now=NOW) == 1
    with writing(board.engine) as connection:
        connection.execute(update(notifications).values(next_at=None, delivered_at=NOW))
    board.prune(NOW + 1, dry_run=False)
    since = untold_since(board.engine, now=NOW + 2)
    assert post_ended_jobs(*post, since=since, now=NOW + 2) == 0
