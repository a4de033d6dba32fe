"""What becomes of each message: a bundle is loaded and swapped in, or its refusal is noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from features.errors import CupromarkError
from models.errors import BundleDamagedError
from serving.bundles.holder import ServedBundles
from serving.bundles.messages import Checked, Fetched, KnownVersion, Listed, Refused
from serving.bundles.reasons import reason_of
from serving.bundles.record import ServedRecord, write_record
from serving.bundles.served import LoadsBundle, ServedBundle, Source

log = structlog.get_logger("serving.bundles")


class Arrivals:
    """The only writer of `ServedBundles`.

    Parameters
    ----------
    bundles
        What requests read.
    load
        Verifies and loads a folder.
    store_id, record, code_version
        For the record of what was served last, and the file that it is written to.
    clock
        Seconds since 1970.
    """

    def __init__(
        self,
        bundles: ServedBundles,
        *,
        load: LoadsBundle,
        store_id: str,
        record: Path,
        code_version: str,
        clock: Callable[[], float],
    ) -> None:
        self._bundles = bundles
        self._load = load
        self._store_id = store_id
        self._record = record
        self._code_version = code_version
        self._clock = clock

    def restore(self, version: str, sha256: str, cache: Path) -> None:
        """Serve a bundle of the cache; CupromarkError when it must not be served."""
        self._bundles.serve(self._loaded(version, sha256, cache / sha256, source="cache"))
        log.info("bundle_served", version=version, sha256=sha256, source="cache")

    def reached(self, message: Listed | Checked) -> None:
        """Note what the store lists, and that it answers."""
        progress = self._bundles.progress
        if progress.store_reachable is False:
            log.info("bundle_store_reached")
            progress = replace(progress, other_refusals={})
        progress = replace(
            progress,
            looked=True,
            store_reachable=True,
            last_check_at=self._clock(),
            store_error=None,
            watch_error=None,
        )
        if isinstance(message, Listed):
            wanted = _named(message, message.target)
            progress = replace(
                progress, wanted=wanted, versions=message.versions, other_refusals={}
            )
            if wanted is None or wanted.version != progress.refused_version:
                progress = replace(progress, refused_version=None, refusal=None)
        if progress.wanted is None:
            progress = replace(progress, store_error=_nothing_wanted(progress.versions))
        self._bundles.note(progress)

    def missed(self, reason: str) -> None:
        """Note that the store did not answer; said once, not at every look."""
        progress = self._bundles.progress
        if progress.store_error != reason:
            log.warning("bundle_store_unreachable", reason=reason)
        self._bundles.note(replace(progress, store_reachable=False, store_error=reason))

    def fetched(self, message: Fetched) -> bool:
        """Load a bundle, and serve it when it is the one to serve; False when it was refused."""
        version, sha256 = message.version, message.sha256
        wanted = self._bundles.progress.wanted
        is_wanted = wanted is not None and wanted.version == version
        served = self._bundles.current()
        if served is not None and (served.version, served.sha256) == (version, sha256):
            self._confirm(served)
            return True
        try:
            loaded = self._bundles.kept(version, sha256) or self._loaded(
                version, sha256, Path(message.folder), source="store"
            )
        except CupromarkError as error:
            self.refused(Refused(version, sha256, reason_of(error)))
            return False
        if is_wanted:
            self._swap(replace(loaded, source="store", loaded_at=self._clock()))
        else:
            self._bundles.keep(loaded)
            self._forget_refusal(version)
        return True

    def refused(self, message: Refused) -> None:
        """Note why a version is not served; what serves goes on."""
        progress = self._bundles.progress
        version, reason = message.version, message.reason
        log.warning("bundle_refused", version=version, sha256=message.sha256, reason=reason)
        progress = replace(progress, refusals=progress.refusals + 1)
        if progress.wanted is not None and progress.wanted.version == version:
            progress = replace(progress, refused_version=version, refusal=reason)
        others = {**progress.other_refusals, version: reason}
        self._bundles.note(replace(progress, other_refusals=others))

    def _swap(self, served: ServedBundle) -> None:
        self._write_record(served)  # first: whatever answered is found again after a kill
        self._bundles.serve(served)
        log.info("bundle_served", version=served.version, sha256=served.sha256, source="store")
        self._forget_refusal(served.version or "")

    def _confirm(self, served: ServedBundle) -> None:
        """Note that the store names what is served already."""
        if served.source != "store":
            self._bundles.confirm(replace(served, source="store"))
        progress = self._bundles.progress
        if progress.refused_version == served.version:
            self._bundles.note(replace(progress, refused_version=None, refusal=None))
        self._write_record(served)

    def _loaded(self, version: str, sha256: str, folder: Path, *, source: Source) -> ServedBundle:
        bundle = self._load(folder, version=version)
        if bundle.sha256 != sha256:
            raise BundleDamagedError(
                f"The cache holds another bundle than version {version}.",
                needed=f"the bundle with sha256 {sha256[:12]}.",
                remedy="it is fetched again; nothing has to be done.",
            )
        return ServedBundle(bundle, version, sha256, source, self._clock())

    def _forget_refusal(self, version: str) -> None:
        progress = self._bundles.progress
        if version in progress.other_refusals:
            others = {v: why for v, why in progress.other_refusals.items() if v != version}
            self._bundles.note(replace(progress, other_refusals=others))

    def _write_record(self, served: ServedBundle) -> None:
        record = ServedRecord(
            self._store_id, served.version or "", served.sha256, self._code_version
        )
        try:
            write_record(self._record, record)
        except OSError as error:
            log.warning("bundle_record_not_written", reason=error.strerror)


def _named(listed: Listed, version: str | None) -> KnownVersion | None:
    return next((one for one in listed.versions if one.version == version), None)


def _nothing_wanted(versions: tuple[KnownVersion, ...]) -> str:
    if not versions:
        return (
            "Nothing is registered in the store. Needed: a registered bundle. "
            "What to do: train one (`cupromark quickstart`)."
        )
    return (
        f"None of the {len(versions)} registered versions is the one to serve. Needed: a version "
        "that the alias names. What to do: `cupromark models promote`, or correct the setting "
        "`bundle`."
    )
