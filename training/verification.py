"""`data verify`: hold the files at hand to the catalogue and to the manifest of the mirror."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pooch

from training.files import FileSource

State = Literal["ok", "wrong", "missing", "unknown"]


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    """One file, what it should be and what it is.

    `unknown`: the file is there and no sha256 is on record for it.
    """

    where: Literal["mirror", "cache"]
    file: str
    expected: str | None
    actual: str | None
    state: State


def verify_files(files: FileSource) -> list[VerifiedFile]:
    """Hold the cache to the catalogue and the mirror to its MANIFEST.json.

    Files of the catalogue that were never downloaded are not listed; files that a mirror's manifest
    lists and that are not there are `missing`. Of a mirror reached over HTTP only what has been
    downloaded from it is looked at.
    """
    return [*_verify_mirror(files), *_verify_cache(files)]


def _verify_mirror(files: FileSource) -> list[VerifiedFile]:
    mirror = files.mirror()
    if mirror is None:
        return []
    folder = mirror.folder or files.mirror_cache(mirror)
    rows = [
        _verify("mirror", listed.path, folder / listed.path, listed.sha256)
        for listed in mirror.listed.values()
    ]
    return [row for row in rows if mirror.folder is not None or row.state != "missing"]


def _verify_cache(files: FileSource) -> list[VerifiedFile]:
    rows = [
        _verify("cache", file.cached_as, path, file.sha256 or files.recorded_sha256(path))
        for file in files.catalogue.files.values()
        if (path := files.cached_path(file)).is_file()
    ]
    known = {row.file for row in rows}
    # Series of GEO are cached under their accession and are no entries of the catalogue.
    for path in sorted(files.settings.cache.glob("geo/*_series_matrix.txt.gz")):
        name = path.relative_to(files.settings.cache).as_posix()
        if name not in known:
            rows.append(_verify("cache", name, path, files.recorded_sha256(path)))
    return rows


def _verify(
    where: Literal["mirror", "cache"], name: str, path: Path, expected: str | None
) -> VerifiedFile:
    if not path.is_file():
        return VerifiedFile(where, name, expected, None, "missing")
    actual = pooch.file_hash(str(path))
    if expected is None:
        return VerifiedFile(where, name, None, actual, "unknown")
    return VerifiedFile(where, name, expected, actual, "ok" if actual == expected else "wrong")
