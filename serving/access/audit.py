"""The audit trail of requests: handed over in no time, written down by a thread in batches."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from serving.access.audit_entries import AuditEntry, insert_entries
from serving.database.engine import Database
from serving.database.errors import DatabaseAwayError

MOST_WAITING = 50_000
BATCH = 1_000
INTERVAL_SECONDS = 1.0
LAST_ATTEMPT_SECONDS = 5.0

log = structlog.get_logger(__name__)


class AuditLog:
    """Takes lines of the audit trail and writes them down off the path of requests.

    While the database is away lines wait; when too many wait, new ones are dropped and counted.
    A killed process loses those of the last second; `close` loses none.

    Parameters
    ----------
    database
        Where the trail is.
    on_dropped
        Told how many lines were dropped, for a metric.
    most_waiting
        How many lines may wait in memory (about 400 bytes each).
    interval_seconds
        Time between two batches.
    """

    def __init__(
        self,
        database: Database,
        *,
        on_dropped: Callable[[int], None] = lambda count: None,
        most_waiting: int = MOST_WAITING,
        interval_seconds: float = INTERVAL_SECONDS,
    ) -> None:
        self._database = database
        self._on_dropped = on_dropped
        self._most_waiting = most_waiting
        self._interval_seconds = interval_seconds
        self._waiting: deque[AuditEntry] = deque()
        self._writing = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """How many lines are not written yet."""
        return len(self._waiting)

    def record(self, entry: AuditEntry) -> None:
        """Take a line; never waits, and never asks the database."""
        if len(self._waiting) >= self._most_waiting:
            self._drop(1)
            return
        self._waiting.append(entry)

    def record_now(self, entry: AuditEntry) -> None:
        """Write a line at once: for what must not happen without a trace.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer.
        """
        with self._database.writing() as connection:
            insert_entries(connection, [entry])

    def flush(self) -> None:
        """Write all lines that wait.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer; the lines go on waiting.
        """
        with self._writing:
            while self._waiting:
                batch = [self._waiting[i] for i in range(min(BATCH, len(self._waiting)))]
                with self._database.writing() as connection:
                    insert_entries(connection, batch)
                for _ in batch:  # only what is written leaves the queue
                    self._waiting.popleft()

    def start(self) -> None:
        """Begin to write."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="audit-log", daemon=True)
        self._thread.start()

    def close(self, *, wait_seconds: float = LAST_ATTEMPT_SECONDS) -> None:
        """Write what waits, and end; what cannot be written in that time is counted as dropped."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        until = time.monotonic() + wait_seconds
        while not self._attempt() and time.monotonic() < until:
            time.sleep(min(0.2, wait_seconds))
        if self._waiting:
            log.error("audit.lost", entries=len(self._waiting))
            self._drop(len(self._waiting))
            self._waiting.clear()

    def _run(self) -> None:
        while not self._ending.wait(self._interval_seconds):
            self._attempt()

    def _attempt(self) -> bool:
        try:
            self.flush()
        except DatabaseAwayError as error:
            log.warning("audit.waiting", found=error.found, entries=len(self._waiting))
        except SQLAlchemyError as error:
            kind = type(error).__name__  # the message would hold the lines themselves
            log.warning("audit.waiting", error=kind, entries=len(self._waiting))
        return not self._waiting

    def _drop(self, count: int) -> None:
        self.dropped += count
        self._on_dropped(count)
