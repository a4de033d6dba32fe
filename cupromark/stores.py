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

    if "://" not in store:
        return local_store(Path(store))
    return BundleStore(store, cache=Path("var") / "bundles")


def load_named_bundle(name: str, store: str) -> Bundle:
    """Load a bundle from a folder, or by version or alias from the store."""
    from models.bundle_files import load_bundle

    folder = Path(name)
    return load_bundle(folder) if folder.is_dir() else open_store(store).load(name)


def n_jobs_here() -> int:
    """How many processes this machine runs side by side."""
    return len(os.sched_getaffinity(0))
