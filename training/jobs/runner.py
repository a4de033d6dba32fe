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

from features.errors import CupromarkError
from models.jobs.board import JobBoard
from models.jobs.errors import BoardAway, UnknownJob
from models.jobs.running import NotOursError, RunningJob, claim_job
from models.store_place import is_address
from training.jobs.attempt import Attempt, Limits
from training.jobs.child import NO_SPACE
from training.jobs.child_process import ChildProcess
from training.jobs.course import PROMOTE, RETRAIN
from training.jobs.errors import StepAbandoned
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
        # Found once: the folder that it was started in may go while it runs.
        self._folders = (settings.state / JOBS).resolve()
        self._policies = settings.policies.absolute()
        self._store = (
            settings.store if is_address(settings.store) else str(Path(settings.store).resolve())
        )
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
        with ExitStack() as at_end:
            at_end.callback(setattr, self, "job_id", None)
            self.job_id = job_id
            attempt = self._attempt(job, submitted_by)
            at_end.callback(attempt.close)
            outcome = self._go(attempt, submitted_by)
        shutil.rmtree(attempt.folder, ignore_errors=True)
        _log.info("job ended", job=job_id, outcome=outcome)
        return outcome

    def tidy(self) -> None:
        """Remove what is kept of jobs that are over and that nobody has resumed for days.

        Raises
        ------
        BoardAway
            Nobody can say which jobs are over.
        """
        oldest = time.time() - self._settings.keep_days * DAY_SECONDS
        for folder in self._folders.glob("*"):
            with suppress(FileNotFoundError):  # workers may share the folder
                if folder.stat().st_mtime < oldest and self._ended_before(folder.name, oldest):
                    shutil.rmtree(folder, ignore_errors=True)

    def _ended_before(self, job_id: str, at: float) -> bool:
        """Whether a job was over by then, or is none that the board knows.

        The age of its folder does not tell: what grows lies in folders below.
        """
        try:
            job = self._board.get(job_id)
        except UnknownJob:
            return True
        return job.state.is_over and (job.ended_at or 0.0) < at

    def _go(self, attempt: Attempt, submitted_by: str) -> str:
        from dbos import DBOS, PortableWorkflowError, error

        def checkpoint(name: str, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
            done: dict[str, Any] = DBOS.run_step({"name": name}, do)
            return done

        with ExitStack() as unless_told:
            unless_told.callback(_tell, attempt, "the worker met what nobody foresaw; see its log")
            try:
                _make_folder(attempt.folder)
                outcome = JobWorkflow(attempt, self._outside, checkpoint).run(submitted_by)
                attempt.write(lambda job: job.succeed(outcome))
            except (CupromarkError, PortableWorkflowError) as failure:
                unless_told.pop_all()
                _tell(attempt, str(failure))
                raise
            except OSError as failure:  # no room for its folder, or no process to be had
                unless_told.pop_all()
                _tell(attempt, _words_of(failure))
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
        return Attempt(
            job,
            orders={
                "job_id": job.job_id,
                "spec": job.spec.to_json(),
                "folder": str(self._folders / job.job_id),
                "store": self._store,
                "processes": settings.processes or len(os.sched_getaffinity(0)),
                "policies": str(self._policies),
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


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)  # what is gone on with after days is not old to those who tidy


def _words_of(error: OSError) -> str:
    what = NO_SPACE.get(error.errno or 0, error.strerror or type(error).__name__)
    return f"{what} ({error.filename})" if error.filename else what


def _tell(attempt: Attempt, reason: str) -> None:
    attempt.write(lambda job: job.fail(reason))
    _log.error("job failed", job=attempt.job.job_id, reason=reason)
