"""The files of a job: once they are fetched they stay the same, whatever comes into the cache.

A file is held by a second name (a hard link) in the folder of the job, or by a copy where the cache
is on another disk. A new release that takes its place in the cache leaves that one as it is.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import pooch

from training.catalogue import CatalogueFile
from training.errors import ChecksumError
from training.file_settings import FileSettings
from training.files import FileSource, SourceFile
from training.transfer import ProgressCallback

HELD, LIST = "files", "files.json"


class JobFiles(FileSource):
    """Hands out the files that a job fetched, else those of the catalogue.

    Parameters
    ----------
    settings, progress
        As for `FileSource`.
    folder
        Of the job; None where nothing is held.

    Attributes
    ----------
    expected
        Key -> sha256 of what the job fetched, also where another worker did that.
    """

    def __init__(
        self,
        settings: FileSettings,
        *,
        progress: ProgressCallback | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(settings, progress=progress)
        self.folder = folder
        self.expected: Mapping[str, str] = {}

    def hold(self, sources: Iterable[SourceFile]) -> None:
        """Hold these files for the rest of the job, in place of any that were held before."""
        if self.folder is None:
            return
        shutil.rmtree(self.folder / HELD, ignore_errors=True)
        held = [asdict(self._held_in(self.folder, source)) for source in sources]
        written = self.folder / f"{LIST}.new"
        written.write_text(json.dumps(held, default=str))
        written.replace(self.folder / LIST)

    def let_go(self) -> None:
        """Hold none of them any longer."""
        if self.folder is not None:
            (self.folder / LIST).unlink(missing_ok=True)

    def fetch(self, file: CatalogueFile) -> SourceFile:
        """File that is held, else as `FileSource` fetches it.

        Raises
        ------
        ChecksumError
            A file is not what it was when the job fetched it.
        """
        found = self._held(file.key) or super().fetch(file)
        expected = self.expected.get(file.key, found.sha256)
        if found.sha256 != expected:
            raise changed(file.key, found.sha256, expected)
        return found

    def find(self, file: CatalogueFile) -> SourceFile | None:
        """File that is held, else as `FileSource` finds it."""
        return self._held(file.key) or super().find(file)

    def held_path(self, name: str) -> Path | None:
        """Where the file with this key is held; None where it is not."""
        held = self._listed().get(name)
        return held.path if held is not None and held.path.is_file() else None

    def _held(self, name: str) -> SourceFile | None:
        held = self._listed().get(name)
        if held is None or not held.path.is_file():
            return None
        actual = pooch.file_hash(str(held.path))
        if actual != held.sha256:
            raise changed(name, actual, held.sha256)
        return held

    def _listed(self) -> dict[str, SourceFile]:
        place = self.folder / LIST if self.folder is not None else None
        if place is None or not place.is_file():
            return {}
        listed = [SourceFile(**entry) for entry in json.loads(place.read_text())]
        return {one.name: replace(one, path=Path(one.path)) for one in listed}

    def _held_in(self, folder: Path, source: SourceFile) -> SourceFile:
        """Link a file, or copy it out of a cache on another disk; else it is read where it is.

        A mirror's folder is not copied: it changes by hand alone, and a change ends the job.
        """
        path = source.path.resolve()
        held = folder / HELD / source.name / source.path.name
        is_cached = path.is_relative_to(self.settings.cache.resolve())
        try:
            held.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, held)
        except OSError:
            if not (is_cached and _copied(path, held)):
                return replace(source, path=path)
        return replace(source, path=held)


def _copied(path: Path, target: Path) -> bool:
    """Whether there was room for a copy."""
    try:
        shutil.copyfile(path, target)
    except OSError:
        with suppress(OSError):
            target.unlink(missing_ok=True)
        return False
    return True


def changed(name: str, actual: str, expected: str) -> ChecksumError:
    """Error for a file that is another one than the job fetched."""
    return ChecksumError(
        f"{name} has changed since it was fetched: {actual[:12]} is not {expected[:12]}.",
        needed="files that stay as they are while a job runs.",
        remedy="find out who changed it, then retry the job.",
    )
