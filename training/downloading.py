"""Bringing a file to its place: whole or not at all, and one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pooch

from training.allowed_hosts import check_host
from training.file_records import FileRecord, write_record
from training.transfer import Arrived, ProgressCallback, Transfer
from training.transfer_errors import storage_error


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is downloaded from, and where it is kept.

    Attributes
    ----------
    origin
        `mirror` for a mirror that is reached over HTTP, `download` for the publisher.
    path
        In the cache.
    hosts
        From which it may come, also after a redirect.
    sha256
        What it must be; None where that is not on record.
    complete
        Whether it is the whole official file; None where a mirror does not say.
    """

    origin: Literal["mirror", "download"]
    address: str
    path: Path
    hosts: frozenset[str]
    maximum_bytes: int
    sha256: str | None
    complete: bool | None

    @property
    def name(self) -> str:
        """Who holds it, for messages."""
        return f"the {'mirror' if self.origin == 'mirror' else 'publisher'}, {self.address}"


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until no other process downloads into a folder; it is made where it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise storage_error(folder, error) from error
    try:
        with suppress(OSError):  # some network drives have no such locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def download(
    place: Place, *, to: Path | None = None, progress: ProgressCallback | None = None
) -> Arrived:
    """Download to a path: a file that is there stays until all of the new one has arrived.

    Parameters
    ----------
    to
        The path; by default that of the place.
    progress
        Told how far the download is.

    Raises
    ------
    DownloadError
        It cannot be had; what was there is there still.
    """
    check_host(place.address, place.hosts)
    part = place.path.with_name(f"{place.path.name}.part")
    transfer = Transfer(part, place.hosts, place.maximum_bytes, place.sha256, progress)
    return transfer(place.address, to or place.path)


def download_with_record(place: Place, progress: ProgressCallback | None = None) -> FileRecord:
    """Download a file to its place, and note beside it what was seen; call it `one_at_a_time`.

    Whoever has the earlier file open goes on reading that one.

    Raises
    ------
    DownloadError
        It cannot be had; what was there is there still.
    """
    path = place.path
    new = path.with_name(f"{path.name}.new")
    arrived = download(place, to=new, progress=progress)
    try:
        before = pooch.file_hash(str(path)) if path.is_file() else None
        record = FileRecord(
            place.address,
            arrived.sha256,
            arrived.seen.etag,
            arrived.seen.last_modified,
            place.complete,
            before,
        )
        write_record(path, record)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise storage_error(path.parent, error) from error
    return record
