"""The real process of a job: what it says when things are away or wrong, and how it ends."""

import contextlib
import signal
import threading

import psutil
import pytest

from models.errors import StoreAwayError
from models.jobs.spec import JobSpec
from models.store import BundleStore
from tests.training.jobs.acting import PATIENCE_SECONDS
from training.jobs.child_process import ChildProcess
from training.simulated import SIMULATED_DRUGS

NOBODY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def child():
    started = ChildProcess()
    yield started
    started.kill()


def ask(child, folder, step, *, cohort="simulated", store=NOBODY, given=None, processes=1):
    spec = JobSpec(kind="retrain", cohort=cohort)
    child.send(
        {
            "step": step,
            "job_id": "j",
            "spec": spec.to_json(),
            "folder": str(folder / "jobs" / "j"),
            "store": store,
            "processes": processes,
            "policies": str(folder),
            "submitted_by": "ada",
            "given": given or {},
        }
    )
    logs = []
    while True:
        message = child.next_message(PATIENCE_SECONDS)
        assert message is not None
        if "log" in message:
            logs.append(message["log"][1])
        elif "progress" not in message:
            return message, logs


def test_an_mlflow_that_does_not_answer_is_away_and_no_failure(child, tmp_path):
    message, _ = ask(child, tmp_path, "news", given={"question": "q"})
    assert message["away"].startswith(f"MLflow at {NOBODY} cannot be reached")
    with pytest.raises(StoreAwayError):
        BundleStore(NOBODY, cache=tmp_path).list()


def test_a_file_that_has_changed_since_it_was_fetched_is_refused(child, tmp_path):
    path = tmp_path / "expression.csv"
    path.write_text("changed")
    message, _ = ask(child, tmp_path, "verify", given={"files": [["x", str(path), "a" * 64]]})
    assert "x has changed since it was fetched" in message["failed"]


def test_fetching_nothing_says_so(child, tmp_path):
    message, logs = ask(child, tmp_path, "fetch")
    assert message == {"done": {"files": []}}
    assert logs == ["the cohort is simulated: nothing is fetched and nothing was measured"]


def test_what_nobody_foresaw_ends_it_with_its_last_words(tmp_path, monkeypatch):
    monkeypatch.setattr("training.jobs.child_process.LAST_WORDS_SECONDS", 60.0)  # a busy machine
    child = ChildProcess()
    message, logs = ask(child, tmp_path, "no such step", store=str(tmp_path))
    child.kill()
    assert message == {"ended": "ended with code 1: KeyError: 'no such step'"}
    assert any("Traceback" in line for line in logs)


@contextlib.contextmanager
def processes_of_the_training_killed(child, number):
    """End whatever process the training starts, as the kernel does when memory runs out."""
    is_over = threading.Event()

    def kill():
        while not is_over.wait(0.02):
            with contextlib.suppress(psutil.Error):
                for process in psutil.Process(child.pid).children(recursive=True):
                    if any("LokyProcess" in word for word in process.cmdline()):
                        process.send_signal(number)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGKILL, "a process of the training was killed, as the kernel does when memory"),
        (signal.SIGSEGV, "a process of the training crashed (SIGSEGV)"),
    ],
)
def test_a_killed_process_of_the_training_is_the_reason_and_the_child_lives(
    tmp_path, number, reason
):
    child = ChildProcess()
    drugs = {"drugs": list(SIMULATED_DRUGS[:2])}
    try:
        with processes_of_the_training_killed(child, number):
            message, _ = ask(child, tmp_path, "train", given=drugs, processes=2)
        assert message["failed"].startswith(reason), message
        assert ask(child, tmp_path, "fetch")[0] == {"done": {"files": []}}
    finally:
        child.kill()
