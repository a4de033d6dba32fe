"""Which workers are taken for gone, and when nobody is: what looks so may be our own fault."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from sqlalchemy import Engine

from models.jobs.executors import ClockWatch, silent_workers

GRACE_SECONDS = 1.0
MOST_LATE_ROUNDS = 3

_log = structlog.get_logger(__name__)


class Lookout:
    """One worker's view of the others.

    Parameters
    ----------
    lapse_seconds
        Of this worker.
    monotonic
        Seconds of a clock that nobody moves.
    """

    def __init__(
        self,
        engine: Engine,
        executor_id: str,
        lapse_seconds: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._executor_id = executor_id
        self._lapse_seconds = lapse_seconds
        self._monotonic = monotonic
        self._clock = ClockWatch(engine, monotonic=monotonic)
        self._looked_at = monotonic()
        self._n_late = 0
        self.lose_sight()

    def lose_sight(self) -> None:
        """After a time without database all workers look dead until each has beaten."""
        self._judges_from = self._monotonic() + self._lapse_seconds

    def gone(self) -> list[str]:
        """Name the silent workers; to be called after each sign of life of one's own.

        What holds this worker up may hold up all of them, the whole machine or its disk: whoever
        wakes first sees the others silent. One that comes late waits for their signs, but not for
        ever where signs of life always take long.
        """
        # The look comes first: had the clock been moved before it, that is noticed after it.
        silent = silent_workers(self._engine)
        now = self._monotonic()
        is_late = now - self._looked_at > self._lapse_seconds / 2
        self._looked_at = now
        self._n_late = self._n_late + 1 if is_late else 0
        if 0 < self._n_late <= MOST_LATE_ROUNDS:
            grace = min(GRACE_SECONDS, self._lapse_seconds / 2)
            self._judges_from = max(self._judges_from, now + grace)
        if self._clock.has_jumped(self._lapse_seconds / 2):
            self.lose_sight()
            _log.warning("the clock of the database was moved")
        if now < self._judges_from:
            return []
        return [one for one in silent if one != self._executor_id]
