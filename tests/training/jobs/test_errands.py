import errno
import os
import threading
import time

import pytest
from sqlalchemy import update
from sqlalchemy.exc import ProgrammingError

from models.errors import SecretsError
from models.jobs.board import JobBoard
from models.jobs.errors import ScheduleError
from models.jobs.schedules import ScheduleBook
from models.jobs.spec import JobSpec
from models.jobs.tables import schedules
from tests.training.jobs.acting import PATIENCE_SECONDS, until
from training.jobs.errands import Errands, courier_of
from training.jobs.settings import WorkerSettings
from training.notifications.addresses import WebhookError
from training.notifications.courier import Courier

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105
HOOK = {"webhook_urls": ["https://hooks.example.org/x"], "webhook_hosts": ["hooks.example.org"]}


@pytest.fixture
def board(tmp_path):
    opened = JobBoard(f"sqlite:///{tmp_path / 'jobs.db'}")
    opened.start()
    yield opened
    opened.close()


def test_a_worker_submits_what_has_fallen_due(board, monkeypatch):
    monkeypatch.setattr("training.jobs.errands.PAUSE_SECONDS", 0.05)
    book = ScheduleBook(board)
    book.add("nightly", "0 3 * * *", JobSpec(kind="retrain", cohort="ccle-gdsc2"), by="me")
    with board.engine.begin() as connection:
        connection.execute(update(schedules).values(due_at=time.time() - 1))
    is_stopping = threading.Event()
    errands = Errands(board, WorkerSettings(), is_stopping)
    errands.start()
    until(lambda: board.list().jobs, "something was submitted")
    is_stopping.set()
    errands.join()
    (job,) = board.list().jobs
    assert job.spec.reason == "schedule:nightly"
    assert book.get("nightly").due_at > time.time()


def test_an_errand_that_fails_is_tried_again(board, monkeypatch):
    monkeypatch.setattr("training.jobs.errands.PAUSE_SECONDS", 0.01)
    overdue = ScheduleError("It fails.", needed="a time.", remedy="none.")
    no_files = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    failing = iter([overdue, ProgrammingError("", {}, Exception()), no_files])
    is_tried = threading.Event()

    def submit_due(book):
        for error in failing:
            raise error
        is_tried.set()
        return []

    monkeypatch.setattr(ScheduleBook, "submit_due", submit_due)
    is_stopping = threading.Event()
    errands = Errands(board, WorkerSettings(), is_stopping)
    errands.start()
    assert is_tried.wait(PATIENCE_SECONDS)
    is_stopping.set()
    errands.join()


def test_a_receiver_that_is_slow_holds_no_schedule_up(board, monkeypatch):
    monkeypatch.setattr("training.jobs.errands.PAUSE_SECONDS", 0.01)
    is_answered, is_sending, is_submitting = (threading.Event() for _ in range(3))

    def run_once(courier):
        is_sending.set()
        assert is_answered.wait(PATIENCE_SECONDS)
        return 0

    def submit_due(book):
        if is_sending.is_set():
            is_submitting.set()
        return []

    monkeypatch.setattr(Courier, "run_once", run_once)
    monkeypatch.setattr(ScheduleBook, "submit_due", submit_due)
    is_stopping = threading.Event()
    errands = Errands(board, WorkerSettings(**HOOK, webhook_secret=SECRET), is_stopping)
    errands.start()
    assert is_submitting.wait(PATIENCE_SECONDS)
    is_answered.set()
    is_stopping.set()
    errands.join()


def test_without_an_address_nobody_is_told(board):
    assert courier_of(board, WorkerSettings()) is None
    assert courier_of(board, WorkerSettings(**HOOK, webhook_secret=SECRET)) is not None


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"webhook_secret": None}, ValueError),
        ({"webhook_secret": "CHANGE_ME"}, SecretsError),
        ({"webhook_hosts": []}, WebhookError),
        ({"webhook_urls": ["http://hooks.example.org/x"]}, WebhookError),
        ({"webhook_events": ["everything"]}, ValueError),
    ],
)
def test_settings_that_would_tell_the_wrong_ones_are_refused(changed, error):
    with pytest.raises(error):
        WorkerSettings(**HOOK | {"webhook_secret": SECRET} | changed)
