"""The readers of the service: a few processes, started when they are needed and then kept warm."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import structlog

from serving.errors import NotReadyError
from serving.settings import ServingSettings
from serving.uploads.child import ReaderChild
from serving.uploads.failures import ReaderFaultError, from_texts
from serving.uploads.frames import Frame
from serving.uploads.job import Job, Knowledge

MOST_USES = 200  # of one process: whatever leaks, leaks so long
log = structlog.get_logger(__name__)


class UploadReaders:
    """Has orders carried out by readers, so many at a time; nothing is started before the first.

    Parameters
    ----------
    readers
        How many processes read at a time.
    most_waiting
        Uploads at a time, those that are still received included; beyond it the answer is 503.
    seconds
        Longest time for one order.
    memory_bytes
        What one process may take.
    start
        Starts a process that may take so many bytes.
    """

    def __init__(
        self,
        *,
        readers: int,
        most_waiting: int,
        seconds: float,
        memory_bytes: int,
        start: Callable[[int], ReaderChild] = ReaderChild,
    ) -> None:
        self.seconds = seconds
        self._most_waiting = most_waiting
        self._memory_bytes = memory_bytes
        self._start = start
        self._threads = ThreadPoolExecutor(readers, thread_name_prefix="upload")
        self._idle: deque[ReaderChild] = deque()
        self._busy: set[ReaderChild] = set()
        self._lock = threading.Lock()
        self._waiting = 0
        self._is_closed = False

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take one of the places for uploads; NotReadyError where there is none."""
        if self._waiting >= self._most_waiting:
            raise NotReadyError(
                f"{self._most_waiting} files are being received or read already.",
                needed="a free place.",
                remedy="send the file again in a moment.",
                retry_after_seconds=2.0,
            )
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def ask(self, order: Frame, *, knowledge: Knowledge | None = None) -> Frame:
        """Have an order carried out; whoever is cancelled meanwhile ends the reader.

        Parameters
        ----------
        order
            What is to be done.
        knowledge
            What a reader has to know; it becomes the payload of an order to a reader that was told
            something else last.

        Raises
        ------
        CupromarkError
            What the reader found wrong.
        ReaderOverdueError, ReaderFaultError, NotReadyError
            As in `ReaderChild.exchange`.
        """
        job = Job(order, knowledge)
        if self._is_closed:
            raise _ending()
        try:
            reply = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._carry_out, job
            )
        except asyncio.CancelledError:
            job.abandon()
            raise
        if "error" in reply.header:
            raise from_texts(reply.header["error"])
        return reply

    def close(self) -> None:
        """End all readers; orders under way are answered with an error."""
        with self._lock:
            self._is_closed = True
            idle = list(self._idle)
            self._idle.clear()
            for child in self._busy:
                child.kill()
        for child in idle:
            child.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def idle_pids(self) -> list[int]:
        """Processes that wait for an order."""
        with self._lock:
            return [child.pid for child in self._idle]

    def _carry_out(self, job: Job) -> Frame:
        child = self._take()
        try:
            reply = job.carry_out_with(child, seconds=self.seconds)
        except ReaderFaultError as error:
            log.warning("upload.reader_fault", reason=error.found)
            self._replace(child)
            raise
        except BaseException:
            self._replace(child)
            raise
        self._give_back(child)
        return reply

    def _take(self) -> ReaderChild:
        with self._lock:
            if self._is_closed:  # nobody would end a reader that is started now
                raise _ending()
            child = self._idle.pop() if self._idle else self._start(self._memory_bytes)
            if not child.is_alive:  # somebody ended it while it waited
                child.close()
                child = self._start(self._memory_bytes)
            self._busy.add(child)
            return child

    def _give_back(self, child: ReaderChild) -> None:
        worn = child.uses >= MOST_USES or child.most_resident_bytes > self._memory_bytes // 2
        if worn or not child.is_alive:
            self._replace(child)
            return
        with self._lock:
            self._busy.discard(child)
            if not self._is_closed:
                self._idle.append(child)
                return
        child.close()

    def _replace(self, child: ReaderChild) -> None:
        """End a reader, and let another one warm up in its place."""
        with self._lock:
            self._busy.discard(child)
        child.close()
        with self._lock:
            if not self._is_closed:
                self._idle.append(self._start(self._memory_bytes))


def _ending() -> NotReadyError:
    return NotReadyError(
        "The service ends.",
        needed="a service that goes on.",
        remedy="send the file again in a moment.",
        retry_after_seconds=2.0,
    )


def open_uploads(settings: ServingSettings) -> UploadReaders:
    """Make the readers that the settings describe; none is started."""
    return UploadReaders(
        readers=settings.upload_readers,
        most_waiting=settings.max_uploads,
        seconds=settings.upload_seconds,
        memory_bytes=settings.upload_memory_bytes,
    )
