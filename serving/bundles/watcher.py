"""Keeps the served bundle up to date: listens to the child, loads what it brings, and swaps.

Everything here runs in one thread of its own, off the event loop. A request never waits for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version as installed_version

import structlog

from features.errors import CupromarkError
from serving.bundles.arrivals import Arrivals
from serving.bundles.backoff import Backoff
from serving.bundles.child import FetcherChild, StartsChild
from serving.bundles.choice import StoreAddress, StoreChoice
from serving.bundles.holder import ServedBundles
from serving.bundles.messages import (
    Checked,
    Fetched,
    Listed,
    Message,
    Orders,
    Refused,
    Unreachable,
)
from serving.bundles.reasons import reason_of
from serving.bundles.record import read_record, record_path
from serving.bundles.served import LoadsBundle

POLL_SECONDS = 5.0
SILENCE_SECONDS = 300.0  # longer than a download and a proof; a child that hangs is replaced then
STOP_SECONDS = 5.0

log = structlog.get_logger("serving.bundles")


class StoreWatcher:
    """Serves a registered bundle, and follows its alias.

    Parameters
    ----------
    choice, address
        What to serve, and where it is registered.
    load
        Verifies and loads a folder; it runs in the thread of the watcher.
    poll_seconds
        Between two looks at the store. A change of a local database is noticed sooner.
    silence_seconds
        After which a child that says nothing is replaced.
    start_child
        Starts the child process.
    backoff
        Waits before a child that ended is started again.
    clock
        Seconds since 1970.

    Attributes
    ----------
    bundles
        What requests read.
    """

    def __init__(
        self,
        choice: StoreChoice,
        address: StoreAddress,
        *,
        load: LoadsBundle,
        poll_seconds: float = POLL_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
        start_child: StartsChild = FetcherChild,
        backoff: Backoff | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._choice = choice
        self._address = address
        self._poll_seconds = poll_seconds
        self._silence_seconds = silence_seconds
        self._start_child = start_child
        self._backoff = backoff or Backoff(first_seconds=1.0, longest_seconds=60.0)
        self._clock = clock
        self._proved: set[str] = set()
        self._code_version = installed_version("cupromark")
        self._asked: set[str] = set()
        self._child: FetcherChild | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bundle-watcher", daemon=True)
        self.bundles = ServedBundles(request_version=self._request)
        self._arrivals = Arrivals(
            self.bundles,
            load=load,
            store_id=address.store_id,
            record=record_path(address, choice),
            code_version=self._code_version,
            clock=clock,
        )

    def start(self) -> None:
        """Serve what was served last, if it is still whole; then watch the store."""
        self._restore()
        self._thread.start()

    def stop(self) -> None:
        """End the child and the thread."""
        self._stopping.set()
        if self._child is not None:
            self._child.close()
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)
            if self._thread.is_alive() and self._child is not None:
                self._child.end()

    @property
    def child_pid(self) -> int | None:
        """Process id of the child, for those who look after processes."""
        return self._child.pid if self._child is not None else None

    def _restore(self) -> None:
        record = read_record(record_path(self._address, self._choice))
        if record is None or record.store_id != self._address.store_id:
            return
        try:
            self._arrivals.restore(record.version, record.sha256, self._address.cache)
        except CupromarkError as error:
            reason = f"The cache was refused: {reason_of(error)}"
            self._note(watch_error=reason)
            log.warning("bundle_cache_refused", version=record.version, reason=reason)
            return
        if record.proved_by == self._code_version:
            self._proved.add(record.sha256)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                child = self._start_child(self._orders())
            except OSError as error:
                ended = f"it could not be started: {error.strerror}"
            else:
                ended = self._follow(child)
            if self._stopping.is_set():
                return
            self._note_end(ended)
            self._stopping.wait(self._backoff.next_seconds())

    def _follow(self, child: FetcherChild) -> str:
        """Listen until the child ends; return how it ended."""
        self._child = child
        self._asked.clear()
        unreadable = None
        try:
            if self._stopping.is_set():
                child.close()
            for message in child.messages(silence_seconds=self._silence_seconds):
                if self._stopping.is_set():
                    break
                self._hear(message)
        except ValueError as error:
            unreadable = str(error)
        finally:
            self._child = None
            ended = child.end()
        return unreadable or ended

    def _hear(self, message: Message) -> None:
        match message:
            case Listed() | Checked():
                self._backoff.reset()
                self._arrivals.reached(message)
            case Unreachable(reason):
                self._arrivals.missed(reason)
            case Fetched(version, sha256, _):
                self._asked.discard(version)
                self._proved.add(sha256)
                if not self._arrivals.fetched(message) and self._child is not None:
                    self._child.again(version)
            case Refused(version, _, _):
                self._asked.discard(version)
                self._arrivals.refused(message)

    def _request(self, version: str) -> None:
        """Have a version brought, unless that is under way."""
        child = self._child
        if child is not None and version not in self._asked:
            self._asked.add(version)
            child.fetch(version)

    def _orders(self) -> Orders:
        return Orders(
            tracking_uri=self._address.tracking_uri,
            cache=str(self._address.cache),
            name=self._address.name,
            version_or_alias=self._choice.version_or_alias,
            poll_seconds=self._poll_seconds,
            proved=tuple(sorted(self._proved)),
        )

    def _note_end(self, ended: str) -> None:
        reason = f"The process that watches the store ended {ended}. It is started again."
        restarts = self.bundles.progress.restarts + 1
        self._note(watch_error=reason, restarts=restarts)
        log.warning("bundle_watcher_ended", reason=ended, restarts=restarts)

    def _note(self, *, watch_error: str, restarts: int | None = None) -> None:
        progress = self.bundles.progress
        self.bundles.note(
            replace(
                progress,
                watch_error=watch_error,
                restarts=progress.restarts if restarts is None else restarts,
            )
        )
