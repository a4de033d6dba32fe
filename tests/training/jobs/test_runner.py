"""What a worker keeps of jobs, and for how long."""

import os
import threading

from models.jobs.running import RunningJob
from models.jobs.spec import JobSpec
from training.jobs.outside import NothingOutside
from training.jobs.runner import JOBS, JobRunner
from training.jobs.settings import WorkerSettings

LONG_AGO = 1_000_000_000
SPEC = JobSpec(kind="promote", bundle="challenger")


def runner_in(state):
    return JobRunner(
        WorkerSettings(state=state, store=str(state / "var")),
        executor_id="w",
        engine=None,
        board=None,
        outside=NothingOutside(),
        is_stopping=threading.Event(),
    )


def old_folder(state, name):
    folder = state / JOBS / name
    folder.mkdir(parents=True)
    os.utime(folder, (LONG_AGO, LONG_AGO))
    return folder


def test_old_folders_go_though_another_worker_removes_some_meanwhile(tmp_path):
    old = old_folder(tmp_path, "old")
    (tmp_path / JOBS / "just_gone").symlink_to(tmp_path / "nowhere")
    runner_in(tmp_path).tidy()
    assert not old.exists()


def test_a_job_that_is_gone_on_with_keeps_its_files_whoever_tidies(tmp_path):
    kept = old_folder(tmp_path, "resumed")
    job = RunningJob(None, "resumed", SPEC, "w", 2)
    runner_in(tmp_path)._attempt(job, "ada")
    runner_in(tmp_path).tidy()  # of another worker with the same folder
    assert kept.exists()
