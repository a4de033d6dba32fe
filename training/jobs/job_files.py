"""The files of a job: once they are fetched they stay the same, whatever comes into the cache.

A file is held by a second name (a hard link) in the folder of the job. A new release that takes its
place in the cache leaves that one as it is.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
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

    def hold(self, sources: Iterable[SourceFile]) -> None:
        """Hold these files for the rest of the job, in place of any that were held before."""
        if self.folder is None:
            return
        shutil.rmtree(self.folder / HELD, ignore_errors=True)
        held = [asdict(self._linked(source)) for source in sources]
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
        return self._held(file.key) or super().fetch(file)

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

    def _linked(self, source: SourceFile) -> SourceFile:
        if self.folder is None:
            return source
        link = self.folder / HELD / source.name / source.path.name
        try:
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(source.path.resolve(), link)
        except OSError:
            # On another disk, or somebody else's. It is read where it is then, and a change of it
            # ends the job.
            return replace(source, path=source.path.resolve())
        return replace(source, path=link)


def changed(name: str, actual: str, expected: str) -> ChecksumError:
    """Error for a file that is another one than the job fetched."""
    return ChecksumError(
        f"{name} has changed since it was fetched: {actual[:12]} is not {expected[:12]}.",
        needed="files that stay as they are while a job runs.",
        remedy="find out who changed it, then retry the job.",
    )
