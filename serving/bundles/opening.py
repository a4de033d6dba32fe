"""From the settings to a source of bundles: a folder, or a store that is watched."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from features.errors import CupromarkError
from models.store_place import is_address
from serving.bundles.choice import FolderChoice, StoreAddress, local_address, parse_choice
from serving.bundles.holder import ServedBundles
from serving.bundles.reasons import reason_of
from serving.bundles.served import LoadsBundle, ServedBundle
from serving.bundles.watcher import POLL_SECONDS, StoreWatcher


class BundleSource(Protocol):
    """Where the bundle comes from; started and stopped with the service."""

    @property
    def bundles(self) -> ServedBundles:
        """What requests read."""
        ...

    def start(self) -> None:
        """Load what is at hand, and begin to watch; call it off the event loop."""
        ...

    def stop(self) -> None:
        """End whatever was started; call it off the event loop."""
        ...


class FolderSource:
    """Serves the bundle of a folder; nothing is watched.

    Parameters
    ----------
    folder
        Of the bundle.
    load
        Verifies and loads it.
    clock
        Seconds since 1970.
    """

    def __init__(
        self, folder: Path, *, load: LoadsBundle, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._load = load
        self._clock = clock
        self.bundles = ServedBundles()

    def start(self) -> None:
        """Load the bundle; when it is refused, the state says why."""
        try:
            bundle = self._load(self._folder, version=None)
        except CupromarkError as error:
            refused = replace(self.bundles.progress, refusal=reason_of(error), refusals=1)
            self.bundles.note(refused)
            return
        self.bundles.serve(ServedBundle(bundle, None, bundle.sha256, "folder", self._clock()))

    def stop(self) -> None:
        """Do nothing: nothing runs."""


def store_address(store: str, cache: Path) -> StoreAddress:
    """Address of a store from the setting: the folder of a local one, or an MLflow address."""
    if is_address(store):
        return StoreAddress(store, cache=cache)
    return replace(local_address(Path(store)), cache=cache)


def open_bundles(
    bundle: str, *, store: str, cache: Path, load: LoadsBundle, poll_seconds: float = POLL_SECONDS
) -> BundleSource:
    """Source of the bundle that the settings name; nothing is read before it is started.

    Parameters
    ----------
    bundle
        An alias, the number of a version, or a folder.
    store
        Folder of a local store, or address of an MLflow server; of no use for a folder.
    cache
        Folder of verified bundles.
    load
        Verifies and loads a folder.
    poll_seconds
        Between two looks at the store.

    Raises
    ------
    BundleError
        `bundle` is none of the three.
    """
    choice = parse_choice(bundle)
    if isinstance(choice, FolderChoice):
        return FolderSource(choice.folder, load=load)
    address = store_address(store, cache.expanduser().resolve())
    return StoreWatcher(choice, address, load=load, poll_seconds=poll_seconds)
