"""A worker: takes jobs out of the queue, one at a time, and those of workers that are gone."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable

import structlog

from models.jobs.board import JobBoard
from models.jobs.database import open_jobs_engine, translated
from models.jobs.durable import QUEUE, WORKFLOW, DurableQueue, dbos_settings, quiet_dbos
from models.jobs.errors import BoardAway, ExecutorTaken
from models.jobs.executors import Heart, release, take_over
from models.jobs.mending import mend_queue
from training.jobs.child_process import ChildProcess
from training.jobs.errands import Errands
from training.jobs.identity import take_identity
from training.jobs.lookout import Lookout
from training.jobs.outside import NothingOutside, Outside
from training.jobs.runner import JobRunner
from training.jobs.settings import WorkerSettings
from training.jobs.state_token import token_in

WATCH_SECONDS = 1.0
MEND_SECONDS = 15.0
OPEN_SECONDS = 2.0
LONGEST_TAKEN_SECONDS = 30.0
GRACE_SECONDS = 3
POOL_SIZE = 10

_log = structlog.get_logger(__name__)


class Worker:
    """One worker process.

    Parameters
    ----------
    settings
        What was set.
    outside
        Review desk and audit trail.
    make_child
        Starts the process of a job.

    Raises
    ------
    StateError
        Another worker has the id that was set, or the folder of the state cannot be used.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        *,
        outside: Outside | None = None,
        make_child: Callable[[], ChildProcess] = ChildProcess,
    ) -> None:
        self._settings = settings
        self._is_stopping = threading.Event()
        self._idle: set[str] = set()
        self._is_taken = False
        self._board = JobBoard(settings.jobs_database)
        self._engine = open_jobs_engine(settings.jobs_database, pool_size=POOL_SIZE)
        self._identity = take_identity(settings.state, settings.executor_id)
        self.executor_id = self._identity.executor_id
        self._heart = Heart(
            self._engine,
            self.executor_id,
            host=socket.gethostname(),
            pid=os.getpid(),
            token=token_in(settings.state),
            lapse_seconds=settings.heartbeat_seconds,
        )
        self._runner = JobRunner(
            settings,
            executor_id=self.executor_id,
            engine=self._engine,
            board=self._board,
            outside=outside or NothingOutside(),
            is_stopping=self._is_stopping,
            make_child=make_child,
        )

    def run(self, *, ready: Callable[[], None] = lambda: None) -> None:
        """Work until `stop` is called.

        Parameters
        ----------
        ready
            Called once it takes jobs.

        Raises
        ------
        ExecutorTaken
            A live worker elsewhere has this id, or has taken it while this one stood still.
        """
        with self._identity:
            queue = self._open_when_it_answers()
            if queue is None:
                return
            _log.info("worker ready", executor=self.executor_id)
            errands = Errands(self._board, self._settings, self._is_stopping)
            errands.start()
            ready()
            try:
                self._watch(queue)
            finally:
                self._is_stopping.set()
                errands.join()
                self._end(queue)

    def stop(self) -> None:
        """End softly: the job under way goes back into the queue with its checkpoints."""
        self._is_stopping.set()

    def _open_when_it_answers(self) -> DurableQueue | None:
        lapse = self._settings.heartbeat_seconds + OPEN_SECONDS
        refused_at = time.monotonic() + min(lapse, LONGEST_TAKEN_SECONDS)
        while True:
            try:
                queue = self._open()
                self._launch()
            except ExecutorTaken as error:  # perhaps it has just died on another machine
                if time.monotonic() > refused_at:
                    raise
                _log.warning("waiting for the id", reason=error.found)
            except BoardAway as error:
                _log.warning("database away", reason=error.found)
            else:
                return queue
            if self._is_stopping.wait(OPEN_SECONDS):
                return None

    def _open(self) -> DurableQueue:
        self._board.start()
        self._heart.start()
        queue = DurableQueue(self._engine)
        # DBOS would start what an earlier life left behind beside a job of the queue.
        release(self._engine, queue, queue.pending_of(self.executor_id))
        return queue

    def _launch(self) -> None:
        from dbos import DBOS

        runner = self._runner
        DBOS(config=dbos_settings(self._engine, self.executor_id))
        quiet_dbos()

        @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
        def cupromark_job(job_id: str) -> str:
            return runner.run(job_id)

        DBOS.listen_queues([QUEUE])
        with translated():
            DBOS.launch()
            DBOS.register_queue(
                QUEUE,
                worker_concurrency=1,
                polling_interval_sec=self._settings.poll_seconds,
                on_conflict="always_update",
            )

    def _watch(self, queue: DurableQueue) -> None:
        """Give signs of life, and look after the jobs of workers that give none."""
        lapse = self._settings.heartbeat_seconds
        mend_at = 0.0
        lookout = Lookout(self._engine, self.executor_id, lapse)
        while not self._is_stopping.wait(min(WATCH_SECONDS, lapse / 4)):
            try:
                self._heart.beat(self._runner.job_id)
                for job_id in take_over(self._engine, queue, lookout.gone()):
                    _log.warning("job taken over", job=job_id)
                if (now := time.monotonic()) >= mend_at:
                    mend_at = now + MEND_SECONDS
                    self._mend(queue)
            except BoardAway as error:
                lookout.lose_sight()
                _log.warning("database away", reason=error.found)
            except ExecutorTaken:
                self._is_taken = True
                raise

    def _mend(self, queue: DurableQueue) -> None:
        """Put back jobs that are neither in the queue nor in anyone's hands."""
        mended = mend_queue(self._engine, queue)
        idle = {one for one in queue.pending_of(self.executor_id) if one != self._runner.job_id}
        lost = sorted(idle & self._idle)  # twice in a row: not one that is just being taken up
        self._idle = idle
        release(self._engine, queue, lost)
        for job_id in (*mended, *lost):
            _log.warning("job put back into the queue", job=job_id)
        self._runner.tidy()

    def _end(self, queue: DurableQueue) -> None:
        from dbos import DBOS

        grace = int(self._settings.stop_seconds) + GRACE_SECONDS
        DBOS.destroy(workflow_completion_timeout_sec=grace)
        try:
            if not self._is_taken:  # otherwise they are those of the other worker
                release(self._engine, queue, queue.pending_of(self.executor_id))
            self._heart.stop()
        except BoardAway as error:  # others take the job over after the lapse
            _log.warning("gone without goodbye", reason=error.found)
        _log.info("worker ended", executor=self.executor_id)
