"""An id belongs to one live worker, wherever another one that is given it starts."""

import signal
import threading
from collections import Counter

import pytest

from models.jobs.spec import JobSpec
from tests.training.jobs.acting import PATIENCE_SECONDS, WorkerProcess, freeze, until
from training.jobs.errors import StateError
from training.jobs.state_token import token_in

PROMOTE = JobSpec(kind="promote", bundle="challenger")
on_sqlite = pytest.mark.parametrize("jobs_address", ["sqlite"], indirect=True)


@pytest.fixture
def start_elsewhere(jobs_address, tmp_path, script):
    """Start workers whose folder is that of another machine."""
    started = []

    def start(**settings):
        folder = tmp_path / "elsewhere"
        folder.mkdir(exist_ok=True)
        started.append(WorkerProcess(jobs_address, folder, script, executor_id="one", **settings))
        return started[-1]

    yield start
    for worker in started:
        if worker.process.poll() is None:
            worker.kill()


@on_sqlite
def test_the_id_of_a_live_worker_is_refused_elsewhere_and_its_job_goes_on(
    start_worker, start_elsewhere, submit, ended, script
):
    script.act("train b", hold=True)
    first = start_worker(executor_id="one", heartbeat_seconds=30)  # never silent for so long
    job_id = submit()
    until(lambda: (job_id, "train b") in script.done, "the second batch has begun")
    second = start_elsewhere()
    assert second.process.wait(PATIENCE_SECONDS) != 0
    second.process.stdout.close()
    assert f"the process {first.process.pid} on " in second.log.read_text()
    script.forget("train b")
    job = ended(job_id)
    assert (job.outcome, job.attempt) == ("promoted", 1)


@on_sqlite
def test_the_id_of_a_worker_that_died_elsewhere_is_waited_for(
    start_worker, start_elsewhere, submit, ended, script
):
    script.act("train b", hold=True)
    first = start_worker(executor_id="one")
    job_id = submit()
    until(lambda: (job_id, "train b") in script.done, "the second batch has begun")
    first.kill()
    script.forget("train b")
    start_elsewhere().wait_ready()
    job = ended(job_id)
    assert (job.outcome, job.attempt) == ("promoted", 2)


@on_sqlite
def test_a_frozen_worker_whose_id_is_anothers_by_now_ends_and_takes_nothing_along(
    start_worker, start_elsewhere, submit, ended, script, board
):
    script.act("train b", hold=True)
    frozen = start_worker(executor_id="one")
    job_id = submit()
    until(lambda: (job_id, "train b") in script.done, "the second batch has begun")
    freeze(frozen, board)
    start_elsewhere(heartbeat_seconds=30).wait_ready()  # it keeps the id that it gets
    until(lambda: script.steps_of(job_id).count("train b") == 2, "the other has taken it up")
    frozen.process.send_signal(signal.SIGCONT)
    assert frozen.process.wait(PATIENCE_SECONDS) != 0
    frozen.process.stdout.close()
    assert "ExecutorTaken" in frozen.log.read_text()
    script.forget("train b")
    job = ended(job_id)
    assert (job.outcome, job.attempt) == ("promoted", 2)
    assert Counter(script.steps_of(job_id))["train c"] == 1
    (executor,) = board.executors()
    assert executor.executor_id == "one"
    assert ended(submit(PROMOTE)).state == "succeeded"


def test_a_folder_has_one_token_for_ever_however_many_ask_first(tmp_path):
    made = []
    threads = [threading.Thread(target=lambda: made.append(token_in(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert {*made, token_in(tmp_path)} == {made[0]}
    assert [path.name for path in tmp_path.iterdir()] == ["token"]
    other = tmp_path / "other"
    other.mkdir()
    assert token_in(other) != made[0]


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    with pytest.raises(StateError, match="none of the worker cannot be used: No such"):
        token_in(tmp_path / "none")
