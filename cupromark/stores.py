"""Bundles, files and processors that a command works with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from models.bundle import Bundle
    from models.store import BundleStore
    from training.files import FileSource


@contextmanager
def files_at_hand(console: Console) -> Iterator[FileSource]:
    """Public files, with progress while they are fetched."""
    from training.files import FileSettings, FileSource
    from training.progress import download_progress

    with download_progress(console) as progress:
        yield FileSource(FileSettings.from_environment(), progress=progress)


def open_store(store: str) -> BundleStore:
    """Open the store of a folder or an address."""
    from models.store import BundleStore, local_store
    from models.store_place import is_address, store_folder

    if is_address(store):
        return BundleStore(store, cache=store_folder(store) / "bundles")
    return local_store(store_folder(store))


def open_present_store(store: str) -> BundleStore:
    """Open a store that is there, for what changes it or removes from it.

    Raises
    ------
    StoreError
        The folder holds no store. None is made: what was asked for would have been done to an
        empty one, and the right one left as it is.
    """
    from models.errors import StoreError
    from models.store_place import DATABASE_NAME, is_address

    folder = Path(store).resolve()
    if not is_address(store) and not (folder / DATABASE_NAME).is_file():
        raise StoreError(
            f"There is no store in {folder}: it holds no {DATABASE_NAME}.",
            needed="the folder in which a training has registered bundles, or the address of an "
            "MLflow server.",
            remedy="name it with --store or CUPROMARK_STORE.",
        )
    return open_store(store)


def load_named_bundle(name: str, store: str) -> Bundle:
    """Load a bundle from a folder, or by version or alias from the store."""
    from models.bundle_files import load_bundle

    folder = Path(name)
    return load_bundle(folder) if folder.is_dir() else open_store(store).load(name)


def n_jobs_here() -> int:
    """How many processes this machine runs side by side."""
    return len(os.sched_getaffinity(0))
