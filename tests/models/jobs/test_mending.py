"""Jobs that stand one way on the board and another way in the queue are not lost."""

import pytest
from sqlalchemy import MetaData, Table, delete, update

from models.jobs.database import is_sqlite, open_jobs_engine, writing
from models.jobs.durable import CANCELLED, GONE, DurableQueue
from models.jobs.errors import BoardAway
from models.jobs.mending import mend_queue
from models.jobs.running import NotOursError, claim_job
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs

SPEC = JobSpec(kind="promote", bundle="challenger")


@pytest.fixture
def engine(board, jobs_address):
    opened = open_jobs_engine(jobs_address)
    yield opened
    opened.dispose()


@pytest.fixture
def queue(engine):
    opened = DurableQueue(engine)
    yield opened
    opened.close()


@pytest.fixture
def job_id(board):
    return board.submit(SPEC, submitted_by="ada").job.job_id


def queue_says(engine, job_id, status):
    """Let DBOS have done with a job, as the worker would."""
    table = Table(
        "workflow_status", MetaData(), schema=None if is_sqlite(engine) else "dbos",
        autoload_with=engine,
    )  # fmt: skip
    this = table.c.workflow_uuid == job_id
    change = delete(table) if status == GONE else update(table).values(status=status)
    with writing(engine) as connection:
        connection.execute(change.where(this))


@pytest.mark.parametrize("was_claimed", [True, False])
def test_a_resumed_job_that_did_not_get_into_the_queue_is_put_there(
    engine, board, queue, job_id, was_claimed
):
    if was_claimed:
        claim_job(engine, job_id, "w")
    board.cancel(job_id, by="ada")
    with writing(engine) as connection:  # what `resume` writes before it reaches DBOS
        connection.execute(update(jobs).where(jobs.c.job_id == job_id).values(state="queued"))
    assert queue.is_stranded(job_id)
    assert mend_queue(engine, queue) == [job_id]
    assert not queue.is_stranded(job_id)
    assert mend_queue(engine, queue) == []


def away(job_id):
    raise BoardAway("The database is away.", needed="it.", remedy="wait.")


@pytest.mark.parametrize("was_claimed", [True, False])
def test_a_resumption_that_the_queue_did_not_hear_of_is_mended(
    engine, board, queue, job_id, was_claimed, monkeypatch
):
    if was_claimed:
        claim_job(engine, job_id, "w")
    board.cancel(job_id, by="ada")
    with monkeypatch.context() as patched:
        patched.setattr(board._queue, "resume", away)
        assert board.resume(job_id, by="ada").state == "queued"
    assert queue.is_stranded(job_id)
    assert mend_queue(engine, queue) == [job_id]
    assert not queue.is_stranded(job_id)
    assert claim_job(engine, job_id, "w").attempt == 1 + was_claimed


def test_a_job_whose_cancellation_the_queue_did_not_hear_of_is_never_taken_up_until_resumed(
    engine, board, queue, job_id, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(board._queue, "cancel", away)
        board.cancel(job_id, by="ada")
    assert not queue.is_stranded(job_id)  # so a worker gets it
    with pytest.raises(NotOursError, match="cancelled"):
        claim_job(engine, job_id, "w")
    assert mend_queue(engine, queue) == []
    board.resume(job_id, by="ada")
    assert not queue.is_stranded(job_id)
    assert claim_job(engine, job_id, "w").attempt == 1


@pytest.mark.parametrize("status", [CANCELLED, "ERROR", "SUCCESS", GONE])
def test_a_job_that_waits_for_nobody_is_queued_again(engine, board, queue, job_id, status):
    queue_says(engine, job_id, status)
    assert mend_queue(engine, queue) == [job_id]
    assert queue.done_with([job_id]) == {}
    assert board.get(job_id).state == "queued"


def test_a_cancellation_that_comes_after_the_resumption_leaves_no_job_that_runs_for_ever(
    engine, board, queue, job_id
):
    claim_job(engine, job_id, "w")
    queue.cancel(job_id)  # of somebody who cancelled before another one resumed
    assert mend_queue(engine, queue) == [job_id]
    assert (board.get(job_id).state, queue.done_with([job_id])) == ("queued", {})


@pytest.mark.parametrize("status", ["ERROR", GONE])
def test_a_job_that_its_worker_ended_without_a_word_has_failed(
    engine, board, queue, job_id, status
):
    claim_job(engine, job_id, "w")
    queue_says(engine, job_id, status)
    assert mend_queue(engine, queue) == []
    job = board.get(job_id)
    assert (job.state, job.reason) == (
        "failed",
        "its worker ended it without a word; see the worker's log",
    )
    assert board.log(job_id)[-1].text == f"failed: {job.reason}"
    board.resume(job_id, by="ada")
    assert not queue.is_stranded(job_id)


def test_what_is_in_order_is_left_alone(engine, board, queue, job_id):
    other = board.submit(SPEC, submitted_by="ada").job.job_id
    claim_job(engine, other, "w")
    over = board.submit(SPEC, submitted_by="ada").job.job_id
    board.cancel(over, by="ada")
    assert mend_queue(engine, queue) == []
    assert [board.get(one).state for one in (job_id, other, over)] == [
        "queued",
        "running",
        "cancelled",
    ]


def test_who_resumes_a_job_that_was_put_back_meanwhile_is_not_told_of_it(
    engine, board, queue, job_id, monkeypatch
):
    queue_says(engine, job_id, "ERROR")
    done_with = queue.done_with

    def outrun(job_ids):
        found = done_with(job_ids)
        if found:
            DurableQueue(engine).resume(job_id)
        return found

    monkeypatch.setattr(queue, "done_with", outrun)
    queue.resume(job_id)
    assert done_with([job_id]) == {}
