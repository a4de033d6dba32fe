"""Counting profiles as they are answered: handed over in no time, counted and stored by a thread.

A histogram of one profile would tell its values to an eighth of the training lines, gene by gene,
which is enough to know a person by. So counts stay in memory until enough different profiles are in
them, and only then go to the database; see docs/drift.md.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from features.errors import CupromarkError
from models.drift.counting import Counter
from models.drift.errors import DriftError
from serving.database.engine import Database
from serving.database.errors import DatabaseAwayError
from serving.drift.store import add_counts, forget_counts
from serving.drift.waiting import Waiting, WaitingCounts

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle

OPEN = "open"
COUNT_SECONDS = 1.0
FORGET_SECONDS = 3600.0
LAST_ATTEMPT_SECONDS = 5.0
# Values and answers that wait to be counted: about 100 MB.
MOST_CELLS = 10_000_000
MOST_BUNDLES = 4

log = structlog.get_logger(__name__)


class DriftRecorder:
    """Takes answers, counts their profiles off the path of requests, and stores the counts.

    Parameters
    ----------
    database
        Where the counts are kept. While it is away they add up in memory, which takes no more room
        than one set of them a caller.
    clock
        Seconds since 1970.
    at_least
        How many different profiles a caller must have sent before they are stored.
    store_seconds
        Time between two attempts to store.
    keep_days
        After how many days counts are forgotten.
    on_counted
        Told how many profiles were `stored`, or left out: `too_many` (more than can wait),
        `too_few` (less than `at_least` when the service ended), `lost` (the database was away
        then), `damaged` (the row that they belong to is).
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], float],
        at_least: int,
        store_seconds: float,
        keep_days: int,
        on_counted: Callable[[str, int], None] = lambda outcome, count: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._at_least = at_least
        self._store_seconds = store_seconds
        self._keep_days = keep_days
        self._on_counted = on_counted
        self._answered: deque[tuple[CompiledAnswers, ServedBundle, str | None]] = deque()
        self._cells = 0
        self._waiting = WaitingCounts(at_least=at_least)
        self._counters: dict[str, Counter] = {}
        self._working = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def record(self, answers: CompiledAnswers, served: ServedBundle, key_id: str | None) -> None:
        """Take answers; never waits, counts nothing yet, and never fails a request."""
        if self._cells > MOST_CELLS:
            self._on_counted("too_many", len(answers.set_codes))
            return
        self._cells += answers.panel_z.size + answers.set_codes.size
        self._answered.append((answers, served, key_id))

    def count(self) -> None:
        """Count what was taken, and forget the profiles."""
        with self._working:
            groups: dict[tuple[str, str], list[CompiledAnswers]] = {}
            for _ in range(len(self._answered)):
                answers, served, key_id = self._answered.popleft()
                self._learn(served)
                groups.setdefault((served.sha256, key_id or OPEN), []).append(answers)
            self._cells = 0
            for group, answered in groups.items():
                self._add(group, answered)

    def store(self) -> None:
        """Store the counts that enough profiles are in.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer; they go on adding up.
        """
        with self._working:
            for group, waiting in self._waiting.enough():
                self._store(group[1], waiting)
                self._waiting.remove(group)

    def start(self) -> None:
        """Begin to count."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="drift", daemon=True)
        self._thread.start()

    def close(self, *, wait_seconds: float = LAST_ATTEMPT_SECONDS) -> None:
        """Count and store what waits, and end.

        Callers with too few profiles are stored together, if together they are enough; what then
        is left is lost, and counted as that.
        """
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._attempt(self.count)
        self._waiting.join_small_callers()
        until = time.monotonic() + wait_seconds
        while not self._attempt(self.store) and time.monotonic() < until:
            time.sleep(min(0.2, wait_seconds))
        for n_profiles in self._waiting.clear():
            self._on_counted("too_few" if n_profiles < self._at_least else "lost", n_profiles)

    def _learn(self, served: ServedBundle) -> None:
        if served.sha256 in self._counters:
            return
        if len(self._counters) >= MOST_BUNDLES:  # versions are asked for by number, a few at a time
            self._counters.pop(next(iter(self._counters)))
        counter = Counter.of(served.bundle.bundle, sha256=served.sha256)
        self._counters[served.sha256] = counter

    def _add(self, group: tuple[str, str], answered: list[CompiledAnswers]) -> None:
        counter = self._counters.get(group[0])
        if counter is None or not self._waiting.add(group, counter, answered):
            self._on_counted("too_many", sum(len(one.set_codes) for one in answered))

    def _store(self, caller: str, waiting: Waiting) -> None:
        now = datetime.fromtimestamp(self._clock(), UTC)
        kept, n_profiles = waiting.counts.thinned(self._at_least), int(waiting.counts.n_profiles)
        try:
            add_counts(self._database, waiting.reference, caller, kept, now)
        except DriftError as error:
            log.warning("drift.row_damaged", found=error.found, caller=caller)
            self._on_counted("damaged", n_profiles)
        else:
            self._on_counted("stored", n_profiles)

    def _run(self) -> None:
        stored_at = forgot_at = time.monotonic()
        while not self._ending.wait(COUNT_SECONDS):
            self._attempt(self.count)
            now = time.monotonic()
            if now - stored_at >= self._store_seconds:
                stored_at = now
                self._attempt(self.store)
            if now - forgot_at >= FORGET_SECONDS:
                forgot_at = now
                self._attempt(self.forget)

    def forget(self) -> None:
        """Delete counts that are too old; DatabaseAwayError if the database does not answer."""
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        forget_counts(self._database, before=today - timedelta(days=self._keep_days))

    def _attempt(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except DatabaseAwayError as error:
            log.warning("drift.waiting", found=error.found)
            return False
        except (CupromarkError, SQLAlchemyError) as error:  # such as a damaged row
            log.warning("drift.not_counted", error=type(error).__name__)
            return False
        return True
