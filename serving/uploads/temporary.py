"""A folder for each upload, gone with its request, or with the next start of a service."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from serving.errors import NotReadyError

PREFIX = "cupromark-upload-"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Make a folder for one request, and remove it whatever happens.

    Raises
    ------
    NotReadyError
        There is no room for the file.
    """
    try:
        folder, held = _made()
    except OSError as error:
        raise _no_room() from error
    try:
        yield folder
    except OSError as error:
        if error.errno in FULL:
            raise _no_room() from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def remove_left_over() -> None:
    """Remove files that a service which was killed had received: they are somebody's profiles."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # another's, or still held by the service that received it
            held = _hold(folder)
            try:
                shutil.rmtree(folder)
            finally:
                os.close(held)


def _made() -> tuple[Path, int]:
    """Make a folder and hold it; another one where a service that starts took it for left over."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with suppress(BlockingIOError, FileNotFoundError):
            held = _hold(folder)
            if folder.exists():
                return folder, held
            os.close(held)


def _hold(folder: Path) -> int:
    """Lock a folder for as long as the descriptor is open; the end of the process closes it."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise
    return held


def _no_room() -> NotReadyError:
    return NotReadyError(
        "There is no room for the file on the computer of the service.",
        needed="room in its folder for temporary files.",
        remedy="send the file again later, or the profiles as JSON; tell whoever runs the service.",
        retry_after_seconds=30.0,
    )
