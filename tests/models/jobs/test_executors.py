"""Silent workers lose their jobs to one other worker, and only they."""

import time

import pytest
from sqlalchemy import update

from models.jobs.database import open_jobs_engine, writing
from models.jobs.durable import DurableQueue
from models.jobs.executors import Heart, is_alive, take_over
from models.jobs.running import claim_job
from models.jobs.spec import JobSpec
from models.jobs.tables import executors

SPEC = JobSpec(kind="promote", bundle="challenger")


class Pending(DurableQueue):
    """Says which jobs workers have, without DBOS at work; notes what goes back."""

    def __init__(self, engine, pending):
        super().__init__(engine)
        self.pending = pending
        self.back = []

    def pending_of(self, executor_id):
        return self.pending.get(executor_id, [])

    def requeue(self, job_ids):
        self.back += job_ids


@pytest.fixture
def engine(board, jobs_address):
    opened = open_jobs_engine(jobs_address)
    yield opened
    opened.dispose()


def heart(engine, name, *, lapse=1000.0):
    made = Heart(engine, name, host="here", pid=1, lapse_seconds=lapse)
    made.start()
    return made


def silence(engine, name, seconds):
    with writing(engine) as connection:
        connection.execute(
            update(executors)
            .where(executors.c.executor_id == name)
            .values(beat_at=executors.c.beat_at - seconds)
        )


def test_only_a_silent_worker_is_taken_over_and_only_once(engine, board):
    taken, kept = (board.submit(SPEC, submitted_by="ada").job.job_id for _ in range(2))
    for name, job_id in (("silent", taken), ("lively", kept)):
        heart(engine, name)
        claim_job(engine, job_id, name)
    silence(engine, "silent", 1001)
    queue = Pending(engine, {"silent": [taken], "lively": [kept]})
    assert take_over(engine, queue) == [taken]
    assert queue.back == [taken]
    assert take_over(engine, queue) == []
    job = board.get(taken)
    assert (job.state, job.executor_id) == ("queued", None)
    assert board.get(kept).executor_id == "lively"


def test_a_worker_that_is_heard_of_again_is_not_silent_any_more(engine, board):
    beating = heart(engine, "w")
    silence(engine, "w", 1001)
    beating.beat(None)
    queue = Pending(engine, {"w": ["x"]})
    assert take_over(engine, queue) == []
    (executor,) = board.executors()
    assert abs(executor.beat_at - time.time()) < 60


def test_a_row_that_is_gone_comes_back_with_the_next_beat(engine, board):
    beating = heart(engine, "w")
    beating.stop()
    assert board.executors() == []
    beating.beat("job")
    assert [one.job_id for one in board.executors()] == [None]  # the next beat says which


def test_who_is_alive(engine):
    heart(engine, "w")
    assert is_alive(engine, "w", pid=2, host="here")
    assert not is_alive(engine, "w", pid=1, host="here")
    silence(engine, "w", 1001)
    assert not is_alive(engine, "w", pid=2, host="here")


def test_a_worker_silent_for_a_day_is_forgotten(engine, board):
    heart(engine, "old")
    silence(engine, "old", 100_000)
    take_over(engine, Pending(engine, {}))
    assert board.executors() == []
