from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from models.jobs.board import JobBoard
from models.jobs.errors import ScheduleError
from models.jobs.schedules import ScheduleBook
from models.jobs.spec import JobSpec
from models.jobs.tables import schedules

HOUR, DAY = 3600.0, 86_400.0
START = 1_763_600_400.0  # 2025-11-20 01:00 UTC
SPEC = JobSpec(kind="retrain", cohort="ccle-gdsc2")


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book(board, clock):
    return ScheduleBook(board, clock=clock)


@pytest.fixture
def nightly(book):
    return book.add("nightly", "0 3 * * *", SPEC, by="me")


def jobs_of(board):
    return board.list(limit=1000).jobs


def end_all(board):
    for job in jobs_of(board):
        if "cancel" in job.can:
            board.cancel(job.job_id, by="me")


def test_a_schedule_submits_its_job_when_it_falls_due_and_not_before(book, board, clock, nightly):
    assert nightly.due_at == START + 2 * HOUR
    clock.now += 2 * HOUR - 1
    assert book.submit_due() == []
    clock.now += 1
    (submitted,) = book.submit_due()
    assert submitted.job.spec.reason == "schedule:nightly"
    assert submitted.job.submitted_by == "schedule:nightly"
    assert book.submit_due() == []
    now = book.get("nightly")
    assert (now.due_at, now.last_job_id) == (START + 26 * HOUR, submitted.job.job_id)


def test_runs_missed_while_nobody_looked_are_made_up_once(book, board, clock, nightly):
    clock.now += 10 * DAY
    assert len(book.submit_due()) == 1
    assert book.submit_due() == []
    found = book.get("nightly")
    assert found.note == "made up once for 9 earlier runs while no worker looked"
    assert found.due_at == START + 10 * DAY + 2 * HOUR


def test_however_many_look_at_once_one_job_is_made(jobs_address, board, book, clock, nightly):
    clock.now += 3 * DAY
    boards = [JobBoard(jobs_address) for _ in range(6)]
    books = [ScheduleBook(each, clock=clock) for each in boards]
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda each: each.submit_due(), books))
    for each in boards:
        each.close()
    assert len(jobs_of(board)) == 1
    assert sum(map(len, made)) <= 1


def test_a_clock_that_is_moved_by_an_hour_makes_no_second_run(book, board, clock, nightly):
    clock.now += 2 * HOUR
    book.submit_due()
    end_all(board)
    for step in (-HOUR, HOUR, HOUR, -HOUR, 0.0):
        clock.now += step
        book.submit_due()
    assert len(jobs_of(board)) == 1


def test_a_crash_between_submitting_and_noting_makes_no_second_job(
    book, board, clock, nightly, monkeypatch
):
    clock.now += 2 * HOUR
    with monkeypatch.context() as patched:
        patched.setattr("models.jobs.schedules.update", lambda table: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            book.submit_due()
    assert len(jobs_of(board)) == 1
    end_all(board)
    clock.now += 60
    book.submit_due()
    assert len(jobs_of(board)) == 1
    assert book.get("nightly").last_job_id == jobs_of(board)[0].job_id


def test_a_time_is_passed_over_while_the_job_before_is_under_way(book, board, clock, nightly):
    clock.now += 2 * HOUR
    book.submit_due()
    clock.now += DAY
    assert book.submit_due() == []
    assert "under way" in book.get("nightly").note
    end_all(board)
    clock.now += DAY
    assert len(book.submit_due()) == 1


def test_one_that_cannot_be_submitted_says_why_and_holds_up_no_other(book, board, clock, nightly):
    book.add("later", "5 3 * * *", SPEC, by="me")
    other = JobSpec(kind="retrain", cohort="elsewhere")
    key = f"nightly {nightly.due_at:.0f}"
    board.submit(other, submitted_by="schedule:nightly", idempotency_key=key)
    clock.now += 3 * HOUR
    (submitted,) = book.submit_due()
    assert submitted.job.submitted_by == "schedule:later"
    found = book.get("nightly")
    assert found.note.startswith("nothing was submitted at 2025-11-20 03:00 UTC: The idempotency")
    assert found.due_at == nightly.due_at + DAY


def test_a_paused_schedule_makes_nothing_up(book, board, clock, nightly):
    assert book.pause("nightly").due_at is None
    clock.now += 5 * DAY
    assert book.submit_due() == []
    assert book.resume("nightly").due_at == START + 5 * DAY + 2 * HOUR
    assert book.submit_due() == []


def test_run_now_leaves_the_times_alone(book, board, clock, nightly):
    submitted = book.run("nightly", by="me")
    assert submitted.job.submitted_by == "me"
    assert book.get("nightly").due_at == nightly.due_at


def test_a_run_that_cannot_be_noted_is_not_submitted_and_the_next_try_makes_one(
    book, board, nightly, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr("models.jobs.schedules.update", lambda table: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            book.run("nightly", by="me")
    assert jobs_of(board) == ()
    made = book.run("nightly", by="me")
    assert [job.job_id for job in jobs_of(board)] == [made.job.job_id]
    found = book.get("nightly")
    assert (found.last_job_id, found.note) == (made.job.job_id, "run by me")


def test_a_schedule_that_is_added_is_not_read_after_it_was_stored(book, monkeypatch):
    monkeypatch.setattr(book, "get", lambda name: 1 / 0)
    monkeypatch.setattr("models.jobs.schedules.reading", lambda engine: 1 / 0)
    assert book.add("nightly", "0 3 * * *", SPEC, by="me").name == "nightly"
    assert book.pause("nightly").paused


def test_a_schedule_of_another_release_is_listed_and_submits_nothing(book, board, clock, nightly):
    book.add("later", "5 3 * * *", SPEC, by="me")
    with board.engine.begin() as connection:
        stored = nightly.spec.to_json() | {"n_gpus": 2}
        named = schedules.c.name == "nightly"
        connection.execute(update(schedules).where(named).values(spec=stored))
    assert [each.spec.cohort for each in book.list()] == ["ccle-gdsc2"] * 2
    with pytest.raises(ScheduleError, match="other fields: The field n_gpus of the job is unknown"):
        book.run("nightly", by="me")
    clock.now += 3 * HOUR
    assert [each.job.submitted_by for each in book.submit_due()] == ["schedule:later"]
    assert "n_gpus" in book.get("nightly").note


def test_a_reason_of_its_own_stays(book):
    watching = JobSpec(kind="retrain", cohort="ccle-gdsc2", reason="new release")
    assert book.add("watch", "@daily", watching, by="me").spec.reason == "new release"


def test_what_cannot_be_is_refused(book, nightly):
    with pytest.raises(ScheduleError, match="already"):
        book.add("nightly", "0 3 * * *", SPEC, by="me")
    for name in ("", "a b", "../x", "x" * 65):
        with pytest.raises(ScheduleError, match="cannot name"):
            book.add(name, "0 3 * * *", SPEC, by="me")
    for refused in (book.get, book.pause, book.resume, book.remove):
        with pytest.raises(ScheduleError, match="no schedule"):
            refused("weekly")
    book.remove("nightly")
    assert book.list() == []
