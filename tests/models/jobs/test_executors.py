"""Silent workers lose their jobs to one other worker, and only they."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text, update

from models.jobs.database import open_jobs_engine, writing
from models.jobs.durable import DurableQueue
from models.jobs.errors import ExecutorTaken
from models.jobs.executors import Heart, silent_workers, take_over
from models.jobs.running import claim_job
from models.jobs.spec import JobSpec
from models.jobs.tables import executors, prepare_tables

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


def heart(engine, name, *, host="here", pid=1, token="t", lapse=1000.0):  # noqa: S107
    made = Heart(engine, name, host=host, pid=pid, token=token, lapse_seconds=lapse)
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
    silent = silent_workers(engine)
    assert silent == ["silent"]
    assert take_over(engine, queue, silent) == [taken]
    assert queue.back == [taken]
    assert take_over(engine, queue, silent_workers(engine)) == []
    job = board.get(taken)
    assert (job.state, job.executor_id) == ("queued", None)
    assert board.get(kept).executor_id == "lively"


def test_a_worker_that_is_heard_of_again_is_not_silent_any_more(engine, board):
    beating = heart(engine, "w")
    silence(engine, "w", 1001)
    silent = silent_workers(engine)
    assert silent == ["w"]
    beating.beat(None)
    assert silent_workers(engine) == []
    queue = Pending(engine, {"w": ["x"]})
    assert take_over(engine, queue, silent) == []  # it woke up after it was found silent
    assert queue.back == []
    (executor,) = board.executors()
    assert abs(executor.beat_at - time.time()) < 60


def test_a_row_that_is_gone_comes_back_with_the_next_beat(engine, board):
    beating = heart(engine, "w")
    beating.stop()
    assert board.executors() == []
    beating.beat("job")
    assert [one.job_id for one in board.executors()] == [None]  # the next beat says which


@pytest.mark.parametrize("other", [{"token": "u"}, {"host": "there"}])
def test_the_id_of_a_live_worker_is_refused_to_another_one(engine, board, other):
    first = heart(engine, "w")
    with pytest.raises(ExecutorTaken, match="the process 1 on here") as refused:
        heart(engine, "w", pid=2, **other)
    assert "1000 s after its last sign" in refused.value.remedy
    first.beat("job")
    (kept,) = board.executors()
    assert (kept.host, kept.job_id) == ("here", "job")


def test_a_worker_that_was_killed_has_its_id_again_at_once(engine):
    heart(engine, "w", pid=1)
    heart(engine, "w", pid=2).beat(None)


def test_a_silent_worker_loses_its_id_and_learns_of_it_with_its_next_sign(engine, board):
    first = heart(engine, "w")
    silence(engine, "w", 1001)
    second = heart(engine, "w", host="there", token="u")  # noqa: S106
    with pytest.raises(ExecutorTaken, match="on there"):
        first.beat(None)
    first.stop()  # takes only itself off the list
    second.beat("job")
    assert [(one.host, one.job_id) for one in board.executors()] == [("there", "job")]


def test_of_many_that_sign_on_under_one_id_at_once_one_gets_it(engine):
    def sign_on(number):
        try:
            return heart(engine, "w", token=str(number))
        except ExecutorTaken:
            return None

    with ThreadPoolExecutor(6) as threads:
        hearts = list(threads.map(sign_on, range(6)))
    assert sum(one is not None for one in hearts) == 1


def test_tables_of_a_release_without_tokens_are_mended_and_their_workers_are_taken_for_others(
    engine, jobs_address
):
    heart(engine, "w")
    with writing(engine) as connection:
        connection.execute(text("ALTER TABLE cupromark_executors DROP COLUMN token"))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: prepare_tables(engine), range(4)))
    with pytest.raises(ExecutorTaken):
        heart(engine, "w")
    silence(engine, "w", 1001)
    heart(engine, "w").beat(None)


def test_a_worker_silent_for_a_day_is_forgotten(engine, board):
    heart(engine, "old")
    silence(engine, "old", 100_000)
    assert take_over(engine, Pending(engine, {}), []) == []
    assert board.executors() != []  # nobody was found silent: perhaps the clock was moved by a day
    take_over(engine, Pending(engine, {}), silent_workers(engine))
    assert board.executors() == []
