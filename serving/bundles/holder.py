"""The bundle that answers, behind one reference: a request takes it once and keeps it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from serving.bundles.messages import KnownVersion
from serving.bundles.served import BundleState, ServedBundle
from serving.errors import NotFoundError, NotReadyError

OTHERS_KEPT = 2
FETCH_SECONDS = 5.0  # what fetching and proving a version usually takes


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known beside the bundle itself; replaced as a whole, by one writer.

    Attributes
    ----------
    looked
        Whether the store ever answered.
    wanted
        Version that should be served.
    versions
        Every version of the last listing, newest first.
    refused_version, refusal
        Version that should be served and was refused, and why.
    other_refusals
        Why versions were refused, by number; they are not fetched again because a request names
        them, only when the store lists something new or comes back.
    store_error, watch_error
        Why the store did not answer; why the child that asks it ended.
    """

    looked: bool = False
    wanted: KnownVersion | None = None
    versions: tuple[KnownVersion, ...] = ()
    refused_version: str | None = None
    refusal: str | None = None
    other_refusals: dict[str, str] = field(default_factory=dict)
    store_reachable: bool | None = None
    last_check_at: float | None = None
    store_error: str | None = None
    watch_error: str | None = None
    swaps: int = 0
    refusals: int = 0
    restarts: int = 0


class ServedBundles:
    """Bundles in memory: the one that answers, and a few other versions by number.

    Any thread may read. Only the watcher (or whoever opened a folder) writes.

    Parameters
    ----------
    request_version
        Asked to have a version fetched, proved and kept; it returns at once.
    others_kept
        How many versions beside the one that answers stay in memory.
    """

    def __init__(
        self,
        *,
        request_version: Callable[[str], None] | None = None,
        others_kept: int = OTHERS_KEPT,
    ) -> None:
        self._served: ServedBundle | None = None
        self._progress = Progress()
        self._request_version = request_version
        self._others: OrderedDict[str, ServedBundle] = OrderedDict()
        self._others_kept = others_kept
        self._lock = threading.Lock()  # of the order of `_others`

    def current(self) -> ServedBundle | None:
        """Return the bundle that answers now; take it once a request."""
        return self._served

    def require(self) -> ServedBundle:
        """Return the bundle that answers now; NotReadyError says why there is none."""
        served = self._served
        if served is None:
            raise NotReadyError(
                "No bundle is loaded.",
                needed="a bundle that was fetched, verified and proved.",
                remedy=self.state().last_error or "wait until /v2/health/ready says 200.",
            )
        return served

    def versions(self) -> tuple[KnownVersion, ...]:
        """Every registered version, newest first, as the store listed them last."""
        return self._progress.versions

    def version(self, number: str) -> ServedBundle:
        """Return the bundle of one version; never waits for the store.

        Raises
        ------
        NotFoundError
            The store lists no such version.
        NotReadyError
            It is not in memory; it is being fetched, or was refused.
        """
        served = self._served
        if served is not None and served.version == number:
            return served
        with self._lock:
            kept = self._others.get(number)
            if kept is not None:
                self._others.move_to_end(number)
                return kept
        self._refuse_unknown(number)
        refusal = self._progress.other_refusals.get(number)
        if refusal is None and self._request_version is not None:
            self._request_version(number)
        raise NotReadyError(
            f"Version {number} was refused when it was last fetched."
            if refusal
            else f"Version {number} is not in memory yet; it is being fetched.",
            needed="a version that was fetched, verified and proved.",
            remedy=refusal or "ask again in a few seconds.",
            retry_after_seconds=FETCH_SECONDS,
        )

    def state(self) -> BundleState:
        """Return what the service says about its bundle."""
        served, progress = self._served, self._progress
        return BundleState(
            ready=served is not None,
            name=served.bundle.name if served else None,
            version=served.version if served else None,
            sha256=served.sha256 if served else None,
            source=served.source if served else None,
            loaded_at=served.loaded_at if served else None,
            degraded=_is_degraded(served, progress),
            wanted=progress.wanted.version if progress.wanted else None,
            failed_version=progress.refused_version,
            store_reachable=progress.store_reachable,
            last_check_at=progress.last_check_at,
            last_error=progress.refusal or progress.store_error or progress.watch_error,
            swaps=progress.swaps,
            refusals=progress.refusals,
            restarts=progress.restarts,
        )

    @property
    def progress(self) -> Progress:
        """What the writer noted last."""
        return self._progress

    def note(self, progress: Progress) -> None:
        """Replace what is known beside the bundle."""
        self._progress = progress

    def serve(self, served: ServedBundle) -> None:
        """Put a bundle in the place of the one that answers."""
        before = self._served
        self._served = served
        self._progress = replace(
            self._progress, swaps=self._progress.swaps + 1, refused_version=None, refusal=None
        )
        if before is not None and before.version is not None and before.version != served.version:
            self.keep(before)  # a rollback, or a question about it, may come soon

    def confirm(self, served: ServedBundle) -> None:
        """Say something else about the bundle that answers already."""
        self._served = served

    def keep(self, other: ServedBundle) -> None:
        """Keep a version in memory, and drop the one that was not asked for the longest."""
        if other.version is None:
            return
        with self._lock:
            self._others[other.version] = other
            self._others.move_to_end(other.version)
            while len(self._others) > self._others_kept:
                self._others.popitem(last=False)

    def kept(self, number: str, sha256: str) -> ServedBundle | None:
        """Return a version that is in memory beside the one that answers."""
        with self._lock:
            other = self._others.get(number)
        return other if other is not None and other.sha256 == sha256 else None

    def _refuse_unknown(self, number: str) -> None:
        if any(known.version == number for known in self._progress.versions):
            return
        raise NotFoundError(
            "No such version is registered.",
            needed="the number of a registered version.",
            remedy="list the versions at /v1/bundles.",
        )


def _is_degraded(served: ServedBundle | None, progress: Progress) -> bool:
    """Whether another bundle should be served; nobody knows before the store was asked."""
    if served is None or not progress.looked:
        return False
    wanted = progress.wanted
    return wanted is None or (wanted.version, wanted.sha256) != (served.version, served.sha256)
