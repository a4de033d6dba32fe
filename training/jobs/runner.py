"""Does one job from the moment that the queue gives it out."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from models.jobs.board import JobBoard
from models.jobs.errors import BoardAway
from models.jobs.running import NotOursError, RunningJob, claim_job
from training.jobs.attempt import Attempt, Limits
from training.jobs.child_process import ChildProcess
from training.jobs.course import PROMOTE, RETRAIN
from training.jobs.errors import StepAbandoned, StepFailedError
from training.jobs.outside import Outside
from training.jobs.settings import WorkerSettings
from training.jobs.workflow import JobWorkflow

JOBS = "jobs"
PAUSE_SECONDS = 1.0
DAY_SECONDS = 86_400.0

_log = structlog.get_logger(__name__)


class JobRunner:
    """Does the jobs of one worker.

    Parameters
    ----------
    settings
        What was set.
    engine, board
        Of the jobs.
    is_stopping
        Set when the worker is to end.
    make_child
        Starts the process of a job.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        executor_id: str,
        engine: Engine,
        board: JobBoard,
        outside: Outside,
        is_stopping: threading.Event,
        make_child: Callable[[], ChildProcess] = ChildProcess,
    ) -> None:
        self.job_id: str | None = None
        self._settings = settings
        self._executor_id = executor_id
        self._engine = engine
        self._board = board
        self._outside = outside
        self._is_stopping = is_stopping
        self._make_child = make_child

    def run(self, job_id: str) -> str:
        """Do a job; DBOS calls this again with the same id until it returns or raises.

        A job that fails ends with its reason on the board and an error for DBOS, which can be gone
        back behind when someone resumes the job.
        """
        try:
            job, submitted_by = self._claim(job_id)
        except NotOursError as error:
            _log.info("job left", job=job_id, why=error.found)
            return "left"
        self.job_id = job_id
        attempt = self._attempt(job, submitted_by)
        with ExitStack() as at_end:
            at_end.callback(setattr, self, "job_id", None)
            at_end.callback(attempt.close)
            outcome = self._go(attempt, submitted_by)
        shutil.rmtree(attempt.folder, ignore_errors=True)
        _log.info("job ended", job=job_id, outcome=outcome)
        return outcome

    def tidy(self) -> None:
        """Remove what is kept of jobs that nobody has resumed for days."""
        oldest = time.time() - self._settings.keep_days * DAY_SECONDS
        for folder in (self._settings.state / JOBS).glob("*"):
            with suppress(FileNotFoundError):  # workers may share the folder
                if folder.name != self.job_id and folder.stat().st_mtime < oldest:
                    shutil.rmtree(folder, ignore_errors=True)

    def _go(self, attempt: Attempt, submitted_by: str) -> str:
        from dbos import DBOS, PortableWorkflowError, error

        def checkpoint(name: str, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
            done: dict[str, Any] = DBOS.run_step({"name": name}, do)
            return done

        with ExitStack() as unless_told:
            unless_told.callback(_tell, attempt, "the worker met what nobody foresaw; see its log")
            try:
                outcome = JobWorkflow(attempt, self._outside, checkpoint).run(submitted_by)
                attempt.write(lambda job: job.succeed(outcome))
            except (StepFailedError, PortableWorkflowError) as failure:
                unless_told.pop_all()
                _tell(attempt, str(failure))
                raise
            except error.DBOSUnexpectedStepError:
                unless_told.pop_all()
                _tell(attempt, "it was begun by a release with other steps: retry it")
                raise
            except (StepAbandoned, error.DBOSException):  # cancelled, or another worker's
                unless_told.pop_all()
                raise
            except SQLAlchemyError as failure:  # a checkpoint that could not be written
                unless_told.pop_all()
                _log.warning("job left for a while", job=attempt.job.job_id, reason=str(failure))
                raise StepAbandoned("the database failed") from failure
            unless_told.pop_all()
        return outcome

    def _claim(self, job_id: str) -> tuple[RunningJob, str]:
        while True:
            try:
                submitted_by = self._board.get(job_id).submitted_by
                return claim_job(self._engine, job_id, self._executor_id), submitted_by
            except BoardAway as error:
                _log.warning("not claimed yet", job=job_id, reason=error.found)
            if self._is_stopping.wait(PAUSE_SECONDS):
                raise StepAbandoned("the worker ends")

    def _attempt(self, job: RunningJob, submitted_by: str) -> Attempt:
        settings = self._settings
        folder = (settings.state / JOBS / job.job_id).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)  # what is gone on with after days is not old to those who tidy
        store = settings.store if "://" in settings.store else str(Path(settings.store).resolve())
        return Attempt(
            job,
            orders={
                "job_id": job.job_id,
                "spec": job.spec.to_json(),
                "folder": str(folder),
                "store": store,
                "processes": settings.processes or len(os.sched_getaffinity(0)),
                "policies": str(settings.policies.resolve()),
                "submitted_by": submitted_by,
            },
            shares=RETRAIN if job.spec.kind == "retrain" else PROMOTE,
            limits=Limits(
                settings.memory_bytes_per_child,
                settings.stop_seconds,
                settings.longest_wait_seconds,
            ),
            is_stopping=self._is_stopping,
            make_child=self._make_child,
        )


def _tell(attempt: Attempt, reason: str) -> None:
    attempt.write(lambda job: job.fail(reason))
    _log.error("job failed", job=attempt.job.job_id, reason=reason)
