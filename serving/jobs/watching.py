"""Jobs as they go: of each job that is watched, one poll of the board feeds all watchers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

from models.jobs.errors import BoardAway, JobError
from models.jobs.job import Job, JobState, LogLine
from serving.errors import NotReadyError

if TYPE_CHECKING:
    from models.jobs.board import JobBoard

Ask = Callable[[Callable[["JobBoard"], Any]], Any]
POLL_SECONDS = {JobState.QUEUED: 1.0}
USUAL_POLL_SECONDS = 0.3
AWAY_POLL_SECONDS = 2.0
KEPT_LINES = 1_000
PAGE_LINES = 200
log = structlog.get_logger(__name__)
N_THREADS = 2  # of their own: a database that hangs must not hold the threads of pages


class JobWatch:
    """What is known of a job that is watched, and a call to whoever watches when it was looked at.

    Parameters
    ----------
    job_id
        The job.
    after
        Number of the last line of the log that the first watcher knows.
    look
        Asks the board in a thread.

    Attributes
    ----------
    job
        As it stood at the last look; None before the first.
    last
        Number of the last line that was read.
    is_over
        Nothing more happens: the job ended, and its log was read to the end.
    failure
        Why nothing more can be known of the job.
    is_broken
        A fault of this module ended the poll.
    away
        What the board said when it could not be asked; None once it answers.
    """

    def __init__(self, job_id: str, after: int, look: Callable[[Callable[[JobBoard], Any]], Any]):
        self.job_id = job_id
        self.job: Job | None = None
        self.last = after
        self.is_over = False
        self.failure: JobError | None = None
        self.away: BoardAway | None = None
        self.is_broken = False
        self.n_watchers = 0
        self._look = look
        self._lines: deque[LogLine] = deque(maxlen=KEPT_LINES)
        self._looked = asyncio.Event()

    @property
    def next_look(self) -> asyncio.Event:
        """Is set once the board was looked at again; to be taken before anything is read here."""
        return self._looked

    async def run(self) -> None:
        """Look at the board again and again until the job is over."""
        while not self.is_over and self.failure is None:
            try:
                self.job, lines, is_all = await self._look(self._read)
            except BoardAway as error:
                self.away = error
            except JobError as error:
                self.failure = error
            else:
                self.away = None
                self._lines.extend(lines)
                self.last = lines[-1].number if lines else self.last
                self.is_over = is_all and self.job.state.is_over
                if not is_all:
                    continue
            self.wake()
            await asyncio.sleep(self._pause())

    def wake(self) -> None:
        """Call whoever waits."""
        looked, self._looked = self._looked, asyncio.Event()
        looked.set()

    async def lines_after(self, number: int) -> list[LogLine]:
        """Return some of the lines after one, oldest first; those dropped here from the board."""
        if number >= self.last:
            return []
        if self._lines and self._lines[0].number <= number + 1:
            return [line for line in self._lines if line.number > number]
        job_id, limit = self.job_id, PAGE_LINES
        lines = await self._look(lambda board: board.log(job_id, after=number, limit=limit))
        return list(lines)

    def _read(self, board: JobBoard) -> tuple[Job, list[LogLine], bool]:
        # First the job: what it wrote before it ended is in the log by then.
        job = board.get(self.job_id)
        lines = board.log(self.job_id, after=self.last, limit=PAGE_LINES)
        return job, list(lines), len(lines) < PAGE_LINES

    def _pause(self) -> float:
        if self.away is not None:
            return AWAY_POLL_SECONDS
        state = self.job.state if self.job is not None else JobState.RUNNING
        return POLL_SECONDS.get(state, USUAL_POLL_SECONDS)


class JobWatches:
    """Every job that is watched in this process; used on the event loop only.

    Parameters
    ----------
    ask
        Asks the board, and waits for it.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._watches: dict[str, tuple[JobWatch, asyncio.Task[None]]] = {}
        self._threads = ThreadPoolExecutor(N_THREADS, thread_name_prefix="job-watch")
        self.n_watchers = 0
        self.is_ending = False

    def refuse_beyond(self, most: int) -> None:
        """Refuse one more watcher where there are so many: requests need their places too.

        Raises
        ------
        NotReadyError
            There are as many watchers as there may be, or the service ends.
        """
        if self.n_watchers < most and not self.is_ending:
            return
        raise NotReadyError(
            f"{self.n_watchers:,} pages or programs watch jobs.",
            needed="fewer at a time.",
            remedy="ask /v1/jobs/{job_id} now and then instead, or close other pages.",
        )

    @contextmanager
    def watching(self, job_id: str, after: int) -> Iterator[JobWatch]:
        """Watch a job until the block ends; the last watcher of a job ends its poll."""
        watch, task = self._watches.get(job_id) or self._begin(job_id, after)
        watch.n_watchers += 1
        self.n_watchers += 1
        try:
            yield watch
        finally:
            watch.n_watchers -= 1
            self.n_watchers -= 1
            if not watch.n_watchers:
                task.cancel()
                self._forget(watch)

    def end(self) -> None:
        """Have every watcher leave, so that the service can end."""
        self.is_ending = True
        for watch, _ in self._watches.values():
            watch.wake()

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _begin(self, job_id: str, after: int) -> tuple[JobWatch, asyncio.Task[None]]:
        watch = JobWatch(job_id, after, self._look)
        task = asyncio.get_running_loop().create_task(watch.run())
        task.add_done_callback(lambda done: self._ended(watch, done))
        self._watches[job_id] = watch, task
        return watch, task

    def _ended(self, watch: JobWatch, task: asyncio.Task[None]) -> None:
        self._forget(watch)  # a job that is resumed after its end is watched anew
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("jobs.watch_failed", error=type(error).__name__)
            watch.is_broken = True
            watch.wake()

    def _forget(self, watch: JobWatch) -> None:
        if self._watches.get(watch.job_id, (None,))[0] is watch:
            del self._watches[watch.job_id]

    async def _look(self, question: Callable[[JobBoard], Any]) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._ask, question)
