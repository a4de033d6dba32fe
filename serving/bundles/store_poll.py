"""One look at the store: what it lists, and what is to be fetched because of it.

This runs in the child process; the store, the proof and the answers are passed in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.errors import ModelsError, StoreError
from models.store import StoredBundle
from serving.bundles.backoff import Backoff
from serving.bundles.messages import (
    Checked,
    Fetched,
    KnownVersion,
    Listed,
    Message,
    Orders,
    Refused,
    Unreachable,
    Working,
)
from serving.bundles.reasons import reason_of

FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 5.0, 300.0


class ListsAndFetches(Protocol):
    """What is asked of `models.store.BundleStore`."""

    def list(self) -> Sequence[StoredBundle]:
        """Every registered version, newest first."""
        ...

    def fetch(self, version_or_alias: str) -> Path:
        """Folder of a verified bundle in the cache."""
        ...


@dataclass(slots=True)
class Failure:
    """A version that should be served and was refused; tried again later."""

    bundle: KnownVersion
    backoff: Backoff
    retry_at: float


class StorePoll:
    """Looks at a store and says what changed.

    Parameters
    ----------
    orders
        What to watch.
    prove
        Has the bundle in a folder give its golden answers; raises BundleError when it does not.
    say
        Takes the messages.
    is_there
        Whether there is a store at all: MLflow would make an empty database otherwise.
    """

    def __init__(
        self,
        store: ListsAndFetches,
        orders: Orders,
        *,
        prove: Callable[[Path], None],
        say: Callable[[Message], None],
        is_there: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._wanted_name = orders.version_or_alias
        self._prove = prove
        self._say = say
        self._is_there = is_there
        self._clock = clock
        self._proved = set(orders.proved)
        self._listed: Listed | None = None
        self._given: KnownVersion | None = None
        self._failure: Failure | None = None

    def look(self) -> None:
        """Ask the store, say what changed, and bring the version that is to be served."""
        try:
            listed = self._list()
        except StoreError as error:
            self._say(Unreachable(reason_of(error)))
            return
        self._say(Checked() if listed == self._listed else listed)
        self._listed = listed
        wanted = self._known(listed.target)
        if wanted is None or _same(wanted, self._given):
            return
        if self._failure is None or not _same(wanted, self._failure.bundle):
            self._failure = None
        elif self._clock() < self._failure.retry_at:
            return
        if self._bring(wanted):
            self._given, self._failure = wanted, None
        else:
            self._given = None
            self._try_later(wanted)

    def fetch(self, version: str) -> None:
        """Bring a version that was asked for by number."""
        known = self._known(version)
        if known is not None:
            self._bring(known)

    def again(self, version: str) -> None:
        """Take note that a version that was brought could not be loaded: bring it again later."""
        known = self._known(version)
        if known is not None and self._listed is not None and self._listed.target == version:
            self._given = None
            self._proved.discard(known.sha256)
            self._try_later(known)

    def _list(self) -> Listed:
        if not self._is_there():
            raise StoreError(
                "There is no store of bundles yet.",
                needed="a store with a promoted bundle.",
                remedy="train one (`cupromark quickstart`), or correct the setting `store`.",
            )
        versions = tuple(
            KnownVersion(one.version, one.sha256, one.aliases, one.created_at, one.tags)
            for one in self._store.list()
        )
        name = self._wanted_name
        named = (one.version for one in versions if name == one.version or name in one.aliases)
        return Listed(next(named, None), versions)

    def _known(self, version: str | None) -> KnownVersion | None:
        versions = self._listed.versions if self._listed else ()
        return next((one for one in versions if one.version == version), None)

    def _bring(self, known: KnownVersion) -> bool:
        """Fetch, verify and prove a version, and say how that went."""
        try:
            self._say(Working(known.version))
            folder = self._store.fetch(known.version)
            if known.sha256 not in self._proved:
                self._say(Working(known.version))
                self._prove(folder)
                self._proved.add(known.sha256)
        except ModelsError as error:
            self._say(Refused(known.version, known.sha256, reason_of(error)))
            return False
        self._say(Fetched(known.version, known.sha256, str(folder)))
        return True

    def _try_later(self, known: KnownVersion) -> None:
        if self._failure is None or not _same(known, self._failure.bundle):
            backoff = Backoff(
                first_seconds=FIRST_RETRY_SECONDS, longest_seconds=LONGEST_RETRY_SECONDS
            )
            self._failure = Failure(known, backoff, 0.0)
        self._failure.retry_at = self._clock() + self._failure.backoff.next_seconds()


def _same(one: KnownVersion, other: KnownVersion | None) -> bool:
    return other is not None and (one.version, one.sha256) == (other.version, other.sha256)
