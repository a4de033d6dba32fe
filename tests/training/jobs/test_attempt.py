"""An attempt at a job: when it goes on, when it lets go, and what it leaves."""

import sys
import threading
import time
from functools import partial

import pytest

from models.jobs.board import JobBoard
from models.jobs.database import open_jobs_engine
from models.jobs.errors import BoardAway
from models.jobs.running import claim_job
from models.jobs.spec import JobSpec
from training.jobs.attempt import Attempt, Limits
from training.jobs.child_process import ChildProcess
from training.jobs.course import PROMOTE
from training.jobs.errors import AwayError, StepAbandoned, StepFailedError

SPEC = JobSpec(kind="promote", bundle="challenger")
LIMITS = Limits(memory_bytes=2**40, stop_seconds=1, longest_wait_seconds=1)
# Answers the first order, then waits for more.
ANSWERS = "import sys\nsys.stdin.readline()\nprint('{\"done\": {}}', flush=True)\nsys.stdin.read()"


class Shaky:
    """A job whose database is away at the calls that a test names."""

    def __init__(self, job):
        self.job = job
        self.away = set()

    def __getattr__(self, name):
        if name in self.away:
            raise BoardAway("The database is away.", needed="it.", remedy="wait.")
        return getattr(self.job, name)


@pytest.fixture
def board(tmp_path):
    opened = JobBoard(f"sqlite:///{tmp_path / 'jobs.db'}")
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def claim(board, tmp_path):
    engine = open_jobs_engine(f"sqlite:///{tmp_path / 'jobs.db'}")
    yield partial(claim_job, engine)
    engine.dispose()


@pytest.fixture
def job(board, claim):
    """A claimed job."""
    return Shaky(claim(board.submit(SPEC, submitted_by="ada").job.job_id, "one"))


@pytest.fixture
def is_stopping():
    return threading.Event()


@pytest.fixture
def attempt(job, is_stopping, tmp_path):
    made = Attempt(
        job,
        orders={"folder": str(tmp_path)},
        shares=PROMOTE,
        limits=LIMITS,
        is_stopping=is_stopping,
        make_child=lambda: ChildProcess(command=(sys.executable, "-S", "-c", ANSWERS)),
    )
    yield made
    made.close()


@pytest.fixture
def child(attempt):
    """The process of the attempt, which has answered its first order."""
    attempt.order("find", {}, step="fetch")
    return attempt._child


def has_ended(child):
    return child._process.poll() is not None


def test_a_job_that_is_ours_goes_on(attempt, child):
    attempt.check()
    assert not has_ended(child)


def test_a_check_goes_on_while_nobody_can_say_whose_the_job_is(attempt, child, job):
    job.away = {"check"}
    attempt.check()
    assert not has_ended(child)


def test_a_cancelled_job_is_let_go_of_with_its_process(attempt, child, job, board):
    board.cancel(job.job_id, by="ada")
    with pytest.raises(StepAbandoned, match="cancelled"):
        attempt.check()
    assert has_ended(child)


def test_a_job_that_was_taken_over_is_let_go_of_with_its_process(attempt, child, job, claim):
    claim(job.job_id, "two")
    with pytest.raises(StepAbandoned, match="with two"):
        attempt.check()
    assert has_ended(child)


def test_a_worker_that_ends_lets_go_whether_the_database_answers_or_not(
    attempt, child, job, is_stopping
):
    job.away = {"check"}
    is_stopping.set()
    with pytest.raises(StepAbandoned, match="the worker ends"):
        attempt.check()
    assert has_ended(child)


def test_what_was_ordered_counts_for_the_speed_of_the_attempt(attempt):
    attempt.course.passed("fetch", 1.0)  # done by an earlier attempt
    attempt.order("shadow", {}, step="shadow")
    attempt.course.passed("shadow", 1.0)
    assert attempt.course.begun_percent == PROMOTE["fetch"]


def test_time_spent_waiting_says_nothing_of_the_speed(attempt, monkeypatch):
    monkeypatch.setattr("training.jobs.attempt.FIRST_WAIT_SECONDS", 0.4)
    answers = iter([AwayError("MLflow"), AwayError("MLflow"), {}])

    def ask():
        answer = next(answers)
        if isinstance(answer, AwayError):
            raise answer
        return answer

    course, begun = attempt.course, attempt.course.begun_at
    assert attempt.waiting(ask, step="fetch") == {}
    ended = time.monotonic()
    assert 1.2 <= course.begun_at - begun <= ended - begun  # what was waited, and nothing else
    course.go("fetch", 0.5)
    course.clock = lambda: ended
    worked = course.seconds_left * course.percent / (100 - course.percent)
    assert worked == pytest.approx(ended - course.begun_at)
    assert worked <= ended - begun - 1.2 + 1e-6


def test_lines_that_could_not_be_written_in_time_are_told_before_the_end(
    job, is_stopping, tmp_path, board
):
    says = """import sys
sys.stdin.readline()
print('{"log": ["error", "the last words"]}\\n{"failed": "it cannot be done"}', flush=True)
"""
    attempt = Attempt(
        job,
        orders={"folder": str(tmp_path)},
        shares=PROMOTE,
        limits=LIMITS,
        is_stopping=is_stopping,
        make_child=lambda: ChildProcess(command=(sys.executable, "-S", "-c", says)),
    )
    job.away = {"report", "log"}
    with pytest.raises(StepFailedError) as failed:
        attempt.order("find", {}, step="fetch")
    job.away = set()
    attempt.write(lambda job: job.fail(str(failed.value)))
    attempt.close()
    texts = [line.text for line in board.log(job.job_id)]
    assert texts[-2:] == ["the last words", "failed: it cannot be done"]
    assert board.get(job.job_id).state == "failed"


def test_what_is_known_by_now_stands_in_every_further_order(attempt, monkeypatch):
    echo = (
        "import json, sys\n"
        "for line in sys.stdin: print(json.dumps({'done': json.loads(line)}), flush=True)"
    )
    child = partial(ChildProcess, command=(sys.executable, "-c", echo))
    monkeypatch.setattr(attempt, "_make_child", child)
    assert "files" not in attempt.order("fetch", {}, step="fetch")
    attempt.add_to_orders(files=[["expression", "there", "ab"]])
    for name in ("verify", "train"):
        done = attempt.order(name, {}, step="fetch")
        assert (done["step"], done["files"]) == (name, [["expression", "there", "ab"]])
