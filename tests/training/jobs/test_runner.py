"""What a worker does for its jobs beside their steps: their folders, and an end with a reason."""

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from models.jobs.board import JobBoard
from models.jobs.database import open_jobs_engine
from models.jobs.running import claim_job
from models.jobs.spec import JobSpec
from tests.training.jobs.acting import TINY, until
from training.jobs.errors import StateError
from training.jobs.outside import NothingOutside
from training.jobs.runner import JOBS, JobRunner
from training.jobs.settings import WorkerSettings

LONG_AGO = 1_000_000_000
SPEC = JobSpec(kind="promote", bundle="challenger")
on_sqlite = pytest.mark.parametrize("jobs_address", ["sqlite"], indirect=True)


@pytest.fixture
def desk(tmp_path):
    """A board beside the state of a worker, and its engine."""
    address = f"sqlite:///{tmp_path / 'jobs.db'}"
    board, engine = JobBoard(address), open_jobs_engine(address)
    board.start()
    yield board, engine
    engine.dispose()
    board.close()


@pytest.fixture
def runner(desk, tmp_path):
    return runner_in(tmp_path, *desk)


def runner_in(state, board, engine, **settings):
    return JobRunner(
        WorkerSettings(state=state, store=str(state / "var"), **settings),
        executor_id="w",
        engine=engine,
        board=board,
        outside=NothingOutside(),
        is_stopping=threading.Event(),
    )


def submitted(board):
    return board.submit(SPEC, submitted_by="ada").job.job_id


def old_folder(state, name):
    folder = state / JOBS / name
    folder.mkdir(parents=True)
    os.utime(folder, (LONG_AGO, LONG_AGO))
    return folder


def test_old_folders_go_though_another_worker_removes_some_meanwhile(runner, tmp_path):
    old = old_folder(tmp_path, "of_a_job_that_nobody_knows")
    (tmp_path / JOBS / "just_gone").symlink_to(tmp_path / "nowhere")
    runner.tidy()
    assert not old.exists()


@pytest.mark.parametrize("state", ["queued", "running", "waiting"])
def test_a_job_that_is_not_over_keeps_its_files_whoever_tidies(desk, tmp_path, state):
    board, engine = desk
    job_id = submitted(board)
    kept = old_folder(tmp_path, job_id)
    if state != "queued":
        job = claim_job(engine, job_id, "another")
        job.wait_for("MLflow") if state == "waiting" else job.report(step="fetch")
    runner_in(tmp_path, board, engine, keep_days=0).tidy()
    assert kept.exists()


def test_a_job_keeps_its_files_for_days_after_its_end_however_long_it_took(desk, tmp_path):
    board, engine = desk
    job_id = submitted(board)
    kept = old_folder(tmp_path, job_id)  # it was begun long ago
    claim_job(engine, job_id, "another").fail("no space is left on the disk")
    runner_in(tmp_path, board, engine, keep_days=1).tidy()
    assert kept.exists()
    time.sleep(0.01)
    runner_in(tmp_path, board, engine, keep_days=0).tidy()
    assert not kept.exists()


def test_a_job_that_is_gone_on_with_is_as_young_as_that(desk, runner, tmp_path, monkeypatch):
    board, _ = desk
    kept = old_folder(tmp_path, submitted(board))

    def stop_there(workflow, submitted_by):
        raise KeyboardInterrupt

    monkeypatch.setattr("training.jobs.runner.JobWorkflow.run", stop_there)
    with pytest.raises(KeyboardInterrupt):
        runner.run(kept.name)
    assert kept.stat().st_mtime > LONG_AGO


def test_a_job_without_room_for_its_folder_fails_with_that_reason(
    desk, runner, tmp_path, monkeypatch
):
    board, _ = desk
    job_id = submitted(board)
    folder = tmp_path / JOBS / job_id

    def no_room(path, *arguments, **options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "mkdir", no_room)
        with pytest.raises(OSError, match="No space left"):
            runner.run(job_id)
    job = board.get(job_id)
    assert (job.state, job.reason) == ("failed", f"no space is left on the disk ({folder})")
    assert runner.job_id is None


def test_a_job_is_done_though_the_folder_that_its_worker_was_started_in_is_gone(
    desk, tmp_path, monkeypatch
):
    board, engine = desk
    job_id = submitted(board)
    (tmp_path / "release").mkdir()
    monkeypatch.chdir(tmp_path / "release")
    runner = runner_in(tmp_path, board, engine)  # its policies are named from there
    (tmp_path / "release").rmdir()
    monkeypatch.setattr("training.jobs.runner.JobWorkflow.run", lambda *of: "registered")
    assert runner.run(job_id) == "registered"
    assert board.get(job_id).state == "succeeded"


def test_an_error_that_says_what_is_wrong_is_the_reason(desk, runner, monkeypatch):
    board, _ = desk
    job_id = submitted(board)

    def refuse(workflow, submitted_by):
        raise StateError("The desk is of another release.", needed="one.", remedy="none.")

    monkeypatch.setattr("training.jobs.runner.JobWorkflow.run", refuse)
    with pytest.raises(StateError):
        runner.run(job_id)
    assert board.get(job_id).reason.startswith("The desk is of another release.")


@on_sqlite
def test_a_job_without_a_folder_goes_on_once_that_is_mended(
    start_worker, submit, ended, board, tmp_path
):
    start_worker()
    in_the_way = tmp_path / "state" / JOBS
    in_the_way.write_text("")
    job = ended(submit(TINY))
    assert job.state == "failed"
    assert job.reason == f"Not a directory ({in_the_way / job.job_id})"
    until(lambda: board.executors()[0].job_id is None, "the worker no longer names the job")
    in_the_way.unlink()
    board.resume(job.job_id, by="ada")
    assert ended(job.job_id).outcome == "promoted"
