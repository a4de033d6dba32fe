"""Reports that were made, kept on disk so that each is made once; the least used go first."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

HEX_DIGITS = 64


class KeptReports:
    """One folder a report, named by the hash of all that it follows from.

    Parameters
    ----------
    folder
        Made with the first report.
    most_bytes
        Of all reports together; the one in use stays whatever its size.
    """

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def folder_of(self, key: str) -> Path:
        """Where the files of a report are, or would be."""
        return self._folder / key

    def has(self, key: str, name: str) -> bool:
        """Whether a file of a report is there; one that is there counts as used now."""
        folder = self.folder_of(key)
        if not (folder / name).is_file():
            return False
        with suppress(OSError):  # a disk that is only read keeps its order
            os.utime(folder)
        return True

    def make_room(self, key: str) -> None:
        """Remove what was not used for the longest, until the rest fits; `key` stays."""
        sizes = {folder: _size(folder) for folder in self._in_order()}
        total = sum(sizes.values())
        for folder, size in sizes.items():
            if total <= self._most_bytes:
                return
            if folder.name != key:
                shutil.rmtree(folder, ignore_errors=True)
                total -= size

    def _in_order(self) -> list[Path]:
        found = []
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            with suppress(OSError):  # another process of the service may have removed it
                if len(folder.name) == HEX_DIGITS:
                    found.append((folder.stat().st_mtime_ns, folder))
        return [folder for _, folder in sorted(found)]


def _size(folder: Path) -> int:
    total = 0
    with suppress(OSError):
        total = sum(path.stat().st_size for path in folder.iterdir())
    return total
