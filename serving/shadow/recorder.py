"""Answering in the shadow: handed over once the caller has the answer, answered by a thread.

What waits is bounded, in requests and in values; what does not fit is dropped and counted. Nothing
that goes wrong here reaches a caller.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import SQLAlchemyError

from features.errors import CupromarkError
from serving.database.engine import Database
from serving.shadow.answering import answer_as_challenger
from serving.shadow.challenger import ChallengerInMemory
from serving.shadow.lot import Lot
from serving.shadow.store import Pair, add_sums

if TYPE_CHECKING:
    from serving.bundles.served import ServedBundle
    from serving.reviews.approval_cache import ApprovalCache
    from serving.shadow.asked import ShadowAsked

MOST_REQUESTS = 256
MOST_CELLS = 4_000_000  # values and answers that wait: about 32 MB
MOST_PAIRS = 4
LOOK_SECONDS = 1.0
LEAST_PROFILES = 20
LAST_ATTEMPT_SECONDS = 2.0
# What a bundle should never raise. A challenger is not tried enough to rule it out, and the thread
# must go on.
FAILURES = (ArithmeticError, AssertionError, LookupError, MemoryError, TypeError, ValueError)

log = structlog.get_logger(__name__)


class ShadowRecorder:
    """Takes answered requests, has the challenger answer them, and stores sums of differences.

    Parameters
    ----------
    database
        Where the sums are kept. While it is away they add up in memory, which takes no more room.
    challenger
        What answers.
    approvals
        What reviewers withhold.
    clock
        Seconds since 1970.
    store_seconds
        Time between two attempts to store.
    at_least
        Different profiles that the sums of a drug must be of before they are stored.
    on_counted
        Told what became of each request: `answered`, `refused` (by the challenger), `failed`,
        `dropped` (more than can wait), `no_challenger`.
    """

    def __init__(
        self,
        database: Database,
        challenger: ChallengerInMemory,
        approvals: ApprovalCache,
        *,
        clock: Callable[[], float],
        store_seconds: float,
        at_least: int = LEAST_PROFILES,
        on_counted: Callable[[str], None] = lambda outcome: None,
    ) -> None:
        self._database = database
        self._challenger = challenger
        self._approvals = approvals
        self._clock = clock
        self._store_seconds = store_seconds
        self._at_least = at_least
        self._on_counted = on_counted
        self._waiting: queue.SimpleQueue[ShadowAsked | None] = queue.SimpleQueue()
        self._cells_taken = self._cells_done = 0  # each has one writer
        self._lots: dict[Pair, Lot] = {}
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def record(self, asked: ShadowAsked) -> None:
        """Take a request whose answer was sent; never waits. Call it from one thread only."""
        n_waiting = self._waiting.qsize()
        n_cells = self._cells_taken - self._cells_done + asked.n_cells
        if n_waiting >= MOST_REQUESTS or n_cells > MOST_CELLS:
            self._on_counted("dropped")
            return
        self._cells_taken += asked.n_cells
        self._waiting.put(asked)

    def answer_waiting(self) -> None:
        """Answer what waits now."""
        for _ in range(self._waiting.qsize()):
            self._take(self._waiting.get())

    def store(self) -> None:
        """Store the sums that enough profiles are in.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer; they go on adding up.
        """
        for pair, lot in list(self._lots.items()):
            drugs = lot.enough()
            if drugs or (not lot.pair.is_empty and not lot.n_waiting):
                now = datetime.fromtimestamp(self._clock(), UTC)
                add_sums(self._database, pair, lot.pair, drugs, now)
                lot.remove()

    def start(self) -> None:
        """Begin to answer."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def close(self, *, wait_seconds: float = LAST_ATTEMPT_SECONDS) -> None:
        """End: what waits to be answered is dropped, sums of enough profiles are stored."""
        self._ending.set()
        self._waiting.put(None)  # wakes the thread
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        until = time.monotonic() + wait_seconds
        while not self._attempt_to_store() and time.monotonic() < until:
            time.sleep(min(0.2, wait_seconds))

    def _run(self) -> None:
        self._challenger.look()
        looked_at = stored_at = time.monotonic()
        while not self._ending.is_set():
            with suppress(queue.Empty):
                self._take(self._waiting.get(timeout=LOOK_SECONDS))
            now = time.monotonic()
            if now - looked_at >= LOOK_SECONDS:
                looked_at = now
                self._look()
            if now - stored_at >= self._store_seconds:
                stored_at = now
                self._attempt_to_store()

    def _look(self) -> None:
        before = self._challenger.standing
        after = self._challenger.look()
        if (before.state, before.reason) != (after.state, after.reason):
            log.info("shadow.state", state=after.state, reason=after.reason)

    def _take(self, asked: ShadowAsked | None) -> None:
        if asked is None:
            return
        self._cells_done += asked.n_cells
        challenger = self._challenger.standing.challenger
        if challenger is None or challenger.sha256 == asked.champion.sha256:
            self._on_counted("no_challenger")
            return
        self._on_counted(self._answer(asked, challenger, self._lot(asked.champion, challenger)))

    def _answer(self, asked: ShadowAsked, challenger: ServedBundle, lot: Lot) -> str:
        """Answer one request, and add it up; what became of it."""
        answers, seconds, outcome = None, 0.0, "refused"
        try:
            answers, seconds = answer_as_challenger(asked, challenger, self._approvals)
        except CupromarkError:
            pass
        except FAILURES as error:
            outcome = "failed"
            log.warning("shadow.failed", error=type(error).__name__, version=challenger.version)
        try:
            # Without answers every drug of the champion's counts as not answered.
            lot.add(asked.answers, answers)
        except FAILURES as error:
            answers, outcome = None, "failed"
            log.warning("shadow.failed", error=type(error).__name__, version=challenger.version)
        if answers is None:
            lot.pair.n_refused += outcome == "refused"
            lot.pair.n_failed += outcome == "failed"
            return outcome
        n_profiles = len(asked.answers.sample_ids)
        lot.pair.n_requests += 1
        lot.pair.n_profiles += n_profiles
        lot.pair.champion_seconds += asked.champion_seconds
        lot.pair.challenger_seconds += seconds
        lot.pair.champion_genes += n_profiles * asked.answers.coverage.fraction
        lot.pair.challenger_genes += n_profiles * answers.coverage.fraction
        return "answered"

    def _lot(self, champion: ServedBundle, challenger: ServedBundle) -> Lot:
        pair = Pair(challenger.sha256, champion.sha256, name_of(challenger), name_of(champion))
        lot = self._lots.get(pair)
        if lot is None:
            if len(self._lots) >= MOST_PAIRS:  # sums of few profiles of a pair that is long gone
                self._lots.pop(next(iter(self._lots)))
            drugs = tuple(champion.bundle.drugs)
            lot = self._lots[pair] = Lot(drugs, at_least=self._at_least)
        return lot

    def _attempt_to_store(self) -> bool:
        try:
            self.store()
        except (CupromarkError, SQLAlchemyError) as error:
            log.warning("shadow.not_stored", error=type(error).__name__)
            return False
        return True


def name_of(served: ServedBundle) -> str:
    """Version of a bundle; its name where it has none."""
    return served.version or served.bundle.name
