"""Logins in memory: checking one asks the database every few seconds, not with each request."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from serving.access.callers import Caller
from serving.access.key_cache import KeyCache
from serving.access.session_records import Session
from serving.access.session_store import SessionStore
from serving.database.errors import DatabaseAwayError, away_error

MOST_HELD = 10_000
NOTE_USES_SECONDS = 60.0
AWAY_AGAIN_SECONDS = 1.0

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Held:
    """A login as the database had it at `read_at`; it is asked again from `ask_from` on."""

    session: Session
    read_at: float
    ask_from: float
    used_at: float


class SessionCache:
    """The logins that are in use.

    Parameters
    ----------
    store
        Where they are.
    keys
        A login is worth as much as its key is now.
    clock
        Seconds since 1970: logins end by it.
    monotonic
        Seconds of a clock that never goes back.
    fresh_seconds
        A logout in another process acts after at most this time; one in this process at once.
    away_seconds
        How long logins go on while the database is away.
    """

    def __init__(
        self,
        store: SessionStore,
        keys: KeyCache,
        *,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        fresh_seconds: float,
        away_seconds: float,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._monotonic = monotonic
        self._fresh_seconds = fresh_seconds
        self._away_seconds = away_seconds
        self._note_seconds = min(NOTE_USES_SECONDS, store.idle_seconds / 10)
        self._held: OrderedDict[bytes, _Held] = OrderedDict()
        self._changing = threading.Lock()
        self._endings = 0

    def known(self, digest: bytes) -> Caller | None:
        """Tell who is logged in, from memory; None where the database has to be asked.

        Raises
        ------
        DatabaseAwayError
            If the keys in memory are older than may be.
        """
        held = self._held.get(digest)
        if held is None or self._monotonic() >= held.ask_from:
            return None
        return self._caller(held)

    def holds(self, digest: bytes) -> bool:
        """Whether that login was good a while ago."""
        return digest in self._held

    def look_up(self, digest: bytes) -> Caller | None:
        """Tell who is logged in, as the database has it now; None where that login is over.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer, and did not for too long.
        """
        try:
            held = self._read(digest)
        except DatabaseAwayError:
            return self._caller(self._kept_while_away(digest))
        caller = None if held is None else self._caller(held)
        if held is not None and caller is not None:
            self._note_use(held)
        return caller

    def forget(self, digest: bytes, *, everywhere: bool = False) -> None:
        """Hold a login that has ended no more, or all logins of its key."""
        with self._changing:
            self._endings += 1
            held = self._held.pop(digest, None)
            if not everywhere:
                return
            if held is None:  # whose key it was is not known here: all are read again
                self._held.clear()
                return
            key_id = held.session.key_id
            others = [d for d, each in self._held.items() if each.session.key_id == key_id]
            for other in others:
                del self._held[other]

    def _read(self, digest: bytes) -> _Held | None:
        while True:
            endings = self._endings
            session = self._store.read(digest)
            with self._changing:
                if endings != self._endings:
                    continue  # what was read may be a login that has ended since
                if session is None:
                    self._held.pop(digest, None)
                    return None
                return self._hold(session)

    def _hold(self, session: Session) -> _Held:
        now, known = self._monotonic(), self._held.get(session.digest)
        used_at = session.last_used_at if known is None else known.used_at
        held = _Held(session, now, now + self._fresh_seconds, max(used_at, session.last_used_at))
        self._held[session.digest] = held
        self._held.move_to_end(session.digest)
        while len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return held

    def _kept_while_away(self, digest: bytes) -> _Held:
        held, now = self._held.get(digest), self._monotonic()
        if held is None or now - held.read_at > self._away_seconds:
            raise away_error("the logins cannot be read")
        held.ask_from = now + AWAY_AGAIN_SECONDS
        return held

    def _caller(self, held: _Held) -> Caller | None:
        session, now = held.session, self._clock()
        if now >= session.expires_at or now - held.used_at >= self._store.idle_seconds:
            return None
        held.used_at = now
        return session.token_caller() if session.is_of_token else self._keys.of_id(session.key_id)

    def _note_use(self, held: _Held) -> None:
        if held.used_at - held.session.last_used_at < self._note_seconds:
            return
        try:
            self._store.note_use(held.session.digest, held.used_at)
        except DatabaseAwayError as error:  # the time is in memory, and is written the next time
            log.warning("session.use_not_noted", found=error.found)
