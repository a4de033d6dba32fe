"""The board keeps what it acknowledges, on both databases."""

import threading

import pytest
from sqlalchemy import event, insert

from models.jobs.board import JobBoard
from models.jobs.changes import add_lines
from models.jobs.database import open_jobs_engine, writing
from models.jobs.errors import (
    BoardAway,
    BoardUnusable,
    IdempotencyConflict,
    UnknownJob,
    UnknownPage,
    WrongState,
)
from models.jobs.job import JobState
from models.jobs.running import NotOursError, claim_job
from models.jobs.spec import JobSpec
from models.jobs.tables import jobs

SPEC = JobSpec(kind="retrain", cohort="gdsc", drugs=("Cisplatin", "Olaparib"))


def submit(board, **options):
    return board.submit(SPEC, submitted_by="ada", **options).job


def test_a_submitted_job_is_queued_and_stays_so_when_the_board_is_opened_again(board, jobs_address):
    job = submit(board)
    assert (job.state, job.percent, job.attempt, job.executor_id) == ("queued", 0.0, 0, None)
    again = JobBoard(jobs_address)
    assert again.get(job.job_id) == job
    again.close()


def test_the_same_key_and_job_give_the_first_job(board):
    first = board.submit(SPEC, submitted_by="ada", idempotency_key="k")
    second = board.submit(SPEC, submitted_by="ada", idempotency_key="k")
    assert (first.created, second.created) == (True, False)
    assert first.job == second.job
    assert board.submit(SPEC, submitted_by="bob", idempotency_key="k").created
    other = JobSpec(kind="retrain", cohort="gdsc")
    with pytest.raises(IdempotencyConflict, match=first.job.job_id):
        board.submit(other, submitted_by="ada", idempotency_key="k")


def test_one_key_in_many_threads_makes_one_job(board):
    made = []
    threads = [
        threading.Thread(
            target=lambda: made.append(board.submit(SPEC, submitted_by="a", idempotency_key="k"))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.job.job_id for one in made}) == 1
    assert sum(one.created for one in made) == 1


def test_pages_hold_every_job_once_newest_first(board):
    ids = [submit(board).job_id for _ in range(7)]
    board.cancel(ids[2], by="ada")
    seen, before = [], None
    while True:
        page = board.list(limit=3, before=before)
        seen += [job.job_id for job in page.jobs]
        before = page.next
        if before is None:
            break
    assert seen == ids[::-1]
    assert [job.job_id for job in board.list(state="cancelled").jobs] == [ids[2]]
    assert board.list(kind="promote").jobs == ()
    assert board.counts()[JobState.QUEUED] == 6
    assert board.counts()[JobState.CANCELLED] == 1
    with pytest.raises(UnknownPage, match="No page of jobs begins before 'x'") as refused:
        board.list(before="x")
    assert "submit" not in str(refused.value)


def test_a_page_of_ten_thousand_queued_jobs_reads_only_itself(board, jobs_address):
    job = submit(board)
    engine = open_jobs_engine(jobs_address)
    with writing(engine) as connection:
        row = dict(connection.execute(jobs.select()).mappings().one())
        del row["number"]
        rows = [row | {"job_id": f"made-{number}"} for number in range(10_000)]
        connection.execute(insert(jobs), rows)
    engine.dispose()
    page = board.list(limit=50)
    assert [one.job_id for one in page.jobs[:2]] == ["made-9999", "made-9998"]
    assert board.counts()[JobState.QUEUED] == 10_001
    assert board.list(limit=1, before="2").jobs == (job,)


def test_cancelling_ends_a_job_and_its_worker_can_write_no_more(board):
    job = submit(board)
    running = claim_job(board._engine, job.job_id, "w1")
    running.report(step="train", percent=30)
    over = board.cancel(job.job_id, by="ada")
    assert (over.state, over.reason, over.percent) == ("cancelled", "cancelled by ada", 30.0)
    for write in (
        lambda: running.report(percent=40),
        lambda: running.say("x"),
        lambda: running.succeed("registered"),
        lambda: running.note({"roc_auc": 0.6}),
        lambda: running.wait_for("x"),
        running.check,
    ):
        with pytest.raises(NotOursError, match="cancelled"):
            write()
    with pytest.raises(WrongState, match="resume, retry") as refused:
        board.cancel(job.job_id, by="ada")
    assert (refused.value.state, refused.value.can) == ("cancelled", ("resume", "retry"))


def test_a_job_that_another_worker_claims_is_lost_to_the_first(board):
    job = submit(board)
    first = claim_job(board._engine, job.job_id, "w1")
    second = claim_job(board._engine, job.job_id, "w2")
    with pytest.raises(NotOursError, match="w2"):
        first.report(percent=1)
    second.report(percent=2)
    assert board.get(job.job_id).attempt == 2


def test_resuming_puts_a_job_back_and_retrying_makes_another(board):
    job = submit(board)
    with pytest.raises(WrongState):
        board.resume(job.job_id, by="ada")
    running = claim_job(board._engine, job.job_id, "w1")
    running.fail("the disk is full")
    assert board.get(job.job_id).reason == "the disk is full"
    other = board.retry(job.job_id, by="bob").job
    assert (other.spec, other.submitted_by, other.state) == (SPEC, "bob", "queued")
    assert other.job_id != job.job_id
    back = board.resume(job.job_id, by="ada")
    assert (back.state, back.reason, back.ended_at) == ("queued", None, None)


def away(*arguments):
    raise BoardAway("The database is away.", needed="it.", remedy="wait.")


def test_a_key_makes_one_job_of_all_retries_wherever_the_first_job_stands(board):
    job = submit(board)
    with pytest.raises(WrongState):
        board.retry(job.job_id, by="bob", idempotency_key="k")
    board.cancel(job.job_id, by="ada")
    first = board.retry(job.job_id, by="bob", idempotency_key="k")
    board.resume(job.job_id, by="ada")
    again = board.retry(job.job_id, by="bob", idempotency_key="k")
    assert (first.created, again.created) == (True, False)
    assert first.job == again.job
    with pytest.raises(WrongState):
        board.retry(job.job_id, by="bob", idempotency_key="other")
    with pytest.raises(UnknownJob):
        board.retry("nowhere", by="bob", idempotency_key="k")
    assert board.counts()[JobState.QUEUED] == 2


def test_who_cancels_or_resumes_is_told_what_was_stored_though_the_queue_is_away(
    board, monkeypatch
):
    job = submit(board)
    for change, state in ((board.cancel, "cancelled"), (board.resume, "queued")):
        with monkeypatch.context() as patched:
            patched.setattr(board._queue, state.replace("queued", "resume")[:6], away)
            patched.setattr(board, "get", away)  # nor is anything read after it was stored
            changed = change(job.job_id, by="ada")
        assert changed.state == state
        assert changed == board.get(job.job_id)


@pytest.mark.parametrize("n_lines", [0, 1, 19, 20, 21, 300, 1_100])
def test_the_end_of_a_log_is_its_last_lines(board, n_lines):
    job = submit(board)
    with writing(board.engine) as connection:
        lines = [(1.0, "info", str(number)) for number in range(1, n_lines + 1)]
        add_lines(connection, job.job_id, lines)
    for wanted in (1, 20, 300):
        found = board.tail(job.job_id, wanted)
        expected = list(range(max(1, n_lines - wanted + 1), n_lines + 1))
        assert [line.number for line in found] == expected
        assert [line.text for line in found] == list(map(str, expected))


def test_the_end_of_a_log_is_one_statement(board):
    job = submit(board)
    claim_job(board.engine, job.job_id, "w1")
    asked = []
    event.listen(board.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert [line.number for line in board.tail(job.job_id, 20)] == [1]
    assert len([one for one in asked if "cupromark_job_log" in one]) == len(asked) == 1


def test_the_log_is_numbered_without_holes_over_all_writers(board):
    job = submit(board)
    running = claim_job(board._engine, job.job_id, "w1")
    running.log([(1.0, "info", "a"), (2.0, "info", "b\x00")])
    running.wait_for("MLflow is away")
    running.wait_for("MLflow is away")
    board.cancel(job.job_id, by="ada")
    lines = board.log(job.job_id)
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert [line.text for line in lines] == [
        "taken up by w1",
        "a",
        "b",
        "waiting: MLflow is away",
        "cancelled by ada",
    ]
    assert board.log(job.job_id, after=3) == lines[3:]
    assert board.log(job.job_id, after=5) == []


def test_figures_and_the_run_are_kept(board):
    job = submit(board)
    running = claim_job(board._engine, job.job_id, "w1")
    running.note({"roc_auc_mean": 0.61}, run_id="r1", experiment_id="7")
    running.note({"n_drugs": 2.0}, version="4", reasons=["worse"])
    running.succeed("refused")
    over = board.get(job.job_id)
    assert over.figures == {"roc_auc_mean": 0.61, "n_drugs": 2.0}
    assert over.mlflow_url == "http://mlflow.example/#/experiments/7/runs/r1"
    assert (over.outcome, over.reasons, over.percent) == ("refused", ("worse",), 100.0)
    assert over.to_json()["can"] == ["retry"]


@pytest.mark.parametrize("call", ["get", "log", "tail"])
def test_unknown_jobs_are_named(board, call):
    more = (20,) if call == "tail" else ()
    with pytest.raises(UnknownJob, match="nowhere"):
        getattr(board, call)("nowhere", *more)


def test_a_database_that_is_away_is_said_to_be_so():
    with pytest.raises(BoardAway):
        JobBoard("postgresql://nobody@127.0.0.1:1/jobs").start()


@pytest.mark.parametrize("address", ["mysql://x/y", "sqlite://", "no address"])
def test_addresses_that_cannot_be_used_are_refused_without_being_shown(address):
    with pytest.raises(BoardUnusable) as refused:
        JobBoard(address).start()
    assert "x/y" not in str(refused.value)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "jobs.db"
    path.write_bytes(b"no database at all, whatever its name says" * 100)
    with pytest.raises(BoardUnusable, match="not a database"):
        JobBoard(f"sqlite:///{path}").start()
