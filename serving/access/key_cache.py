"""All keys in memory, so that checking one asks no database, and goes on while it is away."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from serving.access.callers import Caller
from serving.access.key_store import KeyStore
from serving.database.errors import DatabaseAwayError, SchemaError, away_error

REFRESH_SECONDS = 2.0
SHORTEST_REFRESH_SECONDS = 0.05
AWAY_SECONDS = 300.0
READ_ALL_SECONDS = 60.0  # catches what was changed past `KeyStore`, by hand in SQL
NOTE_USES_SECONDS = 30.0
AWAY_AGAIN_SECONDS = 1.0
QUEUE_SECONDS = 1.0  # behind a database that is slow to answer: threads are few

log = structlog.get_logger(__name__)


class KeyCache:
    """The keys as the database had them a moment ago; a thread of its own keeps them fresh.

    Parameters
    ----------
    store
        Where the keys are.
    monotonic
        Seconds of a clock that never goes back.
    prepare
        Makes sure that the tables are there; called until it succeeds for the first time.
    refresh_seconds
        A revocation acts after at most about this time.
    away_seconds
        How long keys go on being taken while the database is away.
    """

    def __init__(
        self,
        store: KeyStore,
        *,
        monotonic: Callable[[], float],
        prepare: Callable[[], None] = lambda: None,
        refresh_seconds: float = REFRESH_SECONDS,
        away_seconds: float = AWAY_SECONDS,
    ) -> None:
        self._store = store
        self._monotonic = monotonic
        self._prepare: Callable[[], None] | None = prepare
        self._refresh_seconds = max(refresh_seconds, SHORTEST_REFRESH_SECONDS)
        self._away_seconds = away_seconds
        self._callers: dict[bytes, Caller] = {}
        self._callers_by_id: dict[str, Caller] = {}
        self._changes: int | None = None
        self._checked_at: float | None = None
        self._all_read_at = 0.0
        self._failed_at: float | None = None
        self._used_at: dict[str, float] = {}
        self._uses_noted_at = monotonic()
        self._refreshing = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def get(self, digest: bytes) -> Caller | None:
        """Look a key up in memory.

        Raises
        ------
        DatabaseAwayError
            If the keys in memory are older than may be.
        """
        self._refuse_stale()
        return self._callers.get(digest)

    def of_id(self, key_id: str) -> Caller | None:
        """Look a key up in memory by its public part: for logins, which do not keep the key.

        Raises
        ------
        DatabaseAwayError
            If the keys in memory are older than may be.
        """
        self._refuse_stale()
        return self._callers_by_id.get(key_id)

    def _refuse_stale(self) -> None:
        checked_at = self._checked_at
        if checked_at is None or self._monotonic() - checked_at > self._away_seconds:
            raise away_error("the API keys cannot be read")

    def look_up(self, digest: bytes) -> Caller | None:
        """Look a key up after asking the database for changes: a new key works at once.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer: whether the key is known cannot be told then.
        """
        if not self._refreshing.acquire(timeout=QUEUE_SECONDS):
            raise away_error("the API keys cannot be read")
        try:
            failed_at = self._failed_at
            if failed_at is not None and self._monotonic() - failed_at < AWAY_AGAIN_SECONDS:
                # It was asked a moment ago: callers do not queue up to wait for it again.
                raise away_error("the API keys cannot be read")
            self._refresh()
        finally:
            self._refreshing.release()
        return self._callers.get(digest)

    def note_use(self, key_id: str, at: float) -> None:
        """Remember when a key was used, to be written down later."""
        self._used_at[key_id] = at

    def refresh(self) -> None:
        """Read the keys if any has changed.

        Raises
        ------
        DatabaseAwayError, SchemaError
            If the database does not answer, or is of another release.
        """
        with self._refreshing:
            self._refresh()

    def _refresh(self) -> None:
        try:
            self._read_changes()
        except DatabaseAwayError:
            self._failed_at = self._monotonic()
            raise
        self._failed_at = None

    def _read_changes(self) -> None:
        if self._prepare is not None:
            self._prepare()
            self._prepare = None
        started_at = self._monotonic()
        changes = self._store.changes()
        if changes != self._changes or started_at - self._all_read_at > READ_ALL_SECONDS:
            callers = self._store.callers()
            self._callers_by_id = {each.key_id: each for each in callers.values() if each.key_id}
            self._callers = callers
            self._changes, self._all_read_at = changes, started_at
        self._checked_at = started_at

    def note_uses(self) -> None:
        """Write down which keys were used.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer; the times are kept for the next attempt.
        """
        used_at, self._used_at = self._used_at, {}
        if not used_at:
            return
        try:
            self._store.note_uses(dict(used_at))
        except DatabaseAwayError:
            self._used_at = used_at | self._used_at
            raise

    def start(self) -> None:
        """Begin to keep the keys fresh."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, name="key-cache", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, and write down the last uses."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._attempt(self.note_uses)

    def _run(self) -> None:
        while not self._ending.wait(self._refresh_seconds):
            self._attempt(self.refresh)
            if self._monotonic() - self._uses_noted_at > NOTE_USES_SECONDS:
                self._uses_noted_at = self._monotonic()
                self._attempt(self.note_uses)

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (DatabaseAwayError, SchemaError) as error:
            log.warning("keys.not_refreshed", found=error.found, needed=error.needed)
        except SQLAlchemyError as error:  # the thread lives on; keys in memory age and end
            log.warning("keys.not_refreshed", error=type(error).__name__)
