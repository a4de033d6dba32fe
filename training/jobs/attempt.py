"""One attempt at a job: orders to its process, with progress, waiting, memory and cancelling."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from models.jobs.changes import storable
from models.jobs.errors import BoardAway
from models.jobs.running import NotOursError, RunningJob
from training.jobs.child_process import ChildProcess, Message
from training.jobs.course import Course
from training.jobs.errors import AwayError, StepAbandoned, StepFailedError

TICK_SECONDS = 0.5
REPORT_SECONDS = 0.5
FIRST_WAIT_SECONDS = 1.0
MIB = 1024**2

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an attempt may take.

    Attributes
    ----------
    memory_bytes
        Of the process and those that it starts.
    stop_seconds
        Between SIGTERM and SIGKILL.
    longest_wait_seconds
        Between two attempts at something that is away.
    """

    memory_bytes: int
    stop_seconds: float
    longest_wait_seconds: float


class Attempt:
    """A claimed job with its process, which is started when it is first needed.

    Parameters
    ----------
    job
        As the worker claimed it.
    orders
        What every order holds: folder, store, number of processes.
    is_stopping
        Set when the worker is to end.
    """

    def __init__(
        self,
        job: RunningJob,
        *,
        orders: Mapping[str, Any],
        shares: Mapping[str, float],
        limits: Limits,
        is_stopping: threading.Event,
        make_child: Callable[[], ChildProcess] = ChildProcess,
    ) -> None:
        self.job = job
        self.course = Course(shares)
        self.folder = Path(orders["folder"])
        self._orders = dict(orders)
        self._limits = limits
        self._is_stopping = is_stopping
        self._make_child = make_child
        self._child: ChildProcess | None = None
        self._report_at = self._weigh_at = 0.0
        self._lines: list[tuple[float, str, str]] = []
        self._is_waiting = False

    def close(self) -> None:
        """End the process of the job."""
        if self._child is not None:
            self._child.stop(self._limits.stop_seconds)
            self._child = None

    def add_to_orders(self, **known: Any) -> None:
        """Put what is known by now into every further order."""
        self._orders |= known

    def order(
        self,
        name: str,
        given: Mapping[str, Any],
        *,
        step: str,
        begin: float = 0.0,
        end: float = 1.0,
    ) -> dict[str, Any]:
        """Have the job's process do something, and wait while what it needs is away.

        Parameters
        ----------
        name
            Of the order.
        step, begin, end
            Where on the course this is, in shares of the step.

        Raises
        ------
        StepFailedError
            It cannot be done, the process crashed, or it took too much memory.
        StepAbandoned
            The job is no longer this worker's, or the worker ends.
        """
        self.course.begin(step, begin)
        self._tell(at_once=True)

        def ask() -> dict[str, Any]:
            return self._ask(name, given, step, begin, end)

        return self.waiting(ask, step=step)

    def waiting(self, ask: Callable[[], dict[str, Any]], *, step: str) -> dict[str, Any]:
        """Do something again and again while what it needs is away; pauses double."""
        pause = FIRST_WAIT_SECONDS
        while True:
            try:
                done = ask()
            except AwayError as error:
                since = time.monotonic()
                self._is_waiting = True
                self._persist(partial(self.job.wait_for, f"{step}: {error.found}"))
            else:
                self._is_waiting = False
                return done
            self._rest(pause)
            self.course.waited(time.monotonic() - since)
            pause = min(2 * pause, self._limits.longest_wait_seconds)

    def check(self) -> None:
        """See whether to go on; while the database of the jobs is away, the work goes on.

        Raises
        ------
        StepAbandoned
            The job is no longer this worker's, or the worker ends.
        """
        if self._is_stopping.is_set():
            self._abandon("the worker ends")
        try:
            self.job.check()
        except BoardAway as error:
            _log.warning("database away", job=self.job.job_id, reason=error.found)
        except NotOursError as error:
            self._abandon(error.found)

    def write(self, change: Callable[[RunningJob], None]) -> None:
        """Write something of the job, as soon as its database answers, after its log so far."""

        def tell() -> None:
            self._tell_lines()
            change(self.job)

        self._persist(tell)

    def _ask(
        self, name: str, given: Mapping[str, Any], step: str, begin: float, end: float
    ) -> dict[str, Any]:
        child = self._running_child()
        child.send({**self._orders, "step": name, "given": dict(given)})
        while True:
            message = child.next_message(TICK_SECONDS)
            self._watch(child, step)
            if message is None:
                continue
            if "log" in message:
                level, text = message["log"]
                self._lines.append((time.time(), level, text))
            elif "progress" in message:
                self._is_waiting = False  # what was away has answered
                done, total = message["progress"]
                self.course.go(step, begin + (end - begin) * (done / total if total else 0.0))
            else:
                self._tell(at_once=True)
                return self._ended(message, step)

    def _ended(self, message: Message, step: str) -> dict[str, Any]:
        if "done" in message:
            done: dict[str, Any] = message["done"]
            return done
        if "away" in message:
            raise AwayError(message["away"])
        if "failed" in message:
            raise StepFailedError(step, storable(str(message["failed"])))
        self.close()
        ended = storable(str(message["ended"]))
        raise StepFailedError(step, f"the process of the step {step} {ended}")

    def _watch(self, child: ChildProcess, step: str) -> None:
        if self._is_stopping.is_set():
            self._abandon("the worker ends")
        held = self._held_now(child)
        if held > self._limits.memory_bytes:
            child.kill()
            self._child = None
            raise StepFailedError(
                step,
                f"out of memory: the step {step} held {held / MIB:,.0f} MB of the "
                f"{self._limits.memory_bytes / MIB:,.0f} MB that a job may hold",
            )
        self._tell()

    def _held_now(self, child: ChildProcess) -> int:
        """Bytes, twice a second; 0 between: looking at every process takes longer than a line."""
        now = time.monotonic()
        if now < self._weigh_at:
            return 0
        self._weigh_at = now + TICK_SECONDS
        return child.memory_bytes()

    def _tell(self, *, at_once: bool = False) -> None:
        """Write progress and lines of the log, twice a second, and see whether the job is ours."""
        now = time.monotonic()
        if now < self._report_at and not at_once:
            return
        self._report_at = now + REPORT_SECONDS
        course = self.course
        try:
            if self._is_waiting:
                self.job.check()
            else:
                self.job.report(
                    step=course.step, percent=course.percent, seconds_left=course.seconds_left
                )
            self._tell_lines()
        except BoardAway as error:  # the work goes on; what is to be told waits
            _log.warning("progress not written", job=self.job.job_id, reason=error.found)
        except NotOursError as error:
            self._abandon(error.found)

    def _tell_lines(self) -> None:
        self.job.log(self._lines)
        self._lines = []

    def _persist(self, write: Callable[[], None]) -> None:
        pause = FIRST_WAIT_SECONDS
        while True:
            try:
                return write()
            except BoardAway as error:
                _log.warning("not written yet", job=self.job.job_id, reason=error.found)
            except NotOursError as error:
                self._abandon(error.found)
            if self._is_stopping.wait(pause):
                self._abandon("the worker ends")
            pause = min(2 * pause, self._limits.longest_wait_seconds)

    def _rest(self, seconds: float) -> None:
        """Pause; cancelling and the worker's end cut it short."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._is_stopping.wait(min(left, REPORT_SECONDS)):
                self._abandon("the worker ends")
            self._persist(self.job.check)

    def _running_child(self) -> ChildProcess:
        if self._child is None:
            self._child = self._make_child()
        return self._child

    def _abandon(self, why: str) -> None:
        _log.info("job left", job=self.job.job_id, why=why)
        self.close()
        raise StepAbandoned(why)
