"""A mirror: a folder, or an address, that stands in for the internet."""

from __future__ import annotations

import fnmatch
import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from training.catalogue import CatalogueFile
from training.errors import DownloadError

MANIFEST_NAME = "MANIFEST.json"


@dataclass(frozen=True, slots=True)
class MirroredFile:
    """What a mirror's MANIFEST.json says of one file."""

    path: str
    sha256: str | None
    n_bytes: int | None
    complete: bool | None


@dataclass(frozen=True, slots=True)
class Mirror:
    """A mirror and what its manifest lists.

    Attributes
    ----------
    folder
        The mirror's folder; None when it is reached over HTTP.
    address
        The mirror as it was named.
    listed
        Files of MANIFEST.json by path; empty when the mirror has none.
    """

    address: str
    folder: Path | None
    listed: dict[str, MirroredFile] = field(default_factory=dict)

    @property
    def host(self) -> str | None:
        """Host of a mirror that is reached over HTTP."""
        return None if self.folder else urlsplit(self.address).hostname

    def choose(self, file: CatalogueFile) -> MirroredFile | None:
        """File of the mirror that stands for `file`; None when it has none.

        A path that the manifest lists is chosen whether or not it is there, so that a hole in the
        mirror comes to light instead of being filled from the internet.
        """
        for pattern in file.mirror_paths:
            for path in sorted(fnmatch.filter(self.listed, pattern)):
                return self.listed[path]
        return _find_unlisted(self.folder, file.mirror_paths) if self.folder else None

    def address_of(self, path: str) -> str:
        """Address of a file of a mirror that is reached over HTTP."""
        return f"{self.address.rstrip('/')}/{quote(path)}"


def open_folder(folder: Path) -> Mirror:
    """Mirror in a folder, with its manifest when it has one."""
    if not folder.is_dir():
        raise DownloadError(
            f"The mirror {folder} is not a folder.",
            needed="a folder that holds the files of the catalogue.",
            remedy="Mend CUPROMARK_MIRROR, or unset it to use the official addresses.",
        )
    manifest = folder / MANIFEST_NAME
    listed = parse_manifest(manifest.read_bytes(), manifest) if manifest.is_file() else {}
    return Mirror(str(folder), folder, listed)


def is_folder_address(address: str) -> bool:
    """Whether a mirror's address names a folder: a path, or file://."""
    return urlsplit(address).scheme not in {"http", "https"}


def folder_of(address: str) -> Path:
    """Folder that a path or a file:// address names."""
    parts = urlsplit(address)
    return Path(unquote(parts.path) if parts.scheme == "file" else address).expanduser()


def parse_manifest(content: bytes, source: object) -> dict[str, MirroredFile]:
    """Files that a MANIFEST.json lists, by path."""
    try:
        entries = json.loads(content)["files"]
        return {entry["file"]: _parse_entry(entry) for entry in entries if _is_below(entry["file"])}
    except (ValueError, KeyError, TypeError) as error:
        raise DownloadError(
            f"{source} is not a manifest: {error}.",
            needed='JSON with "files": a list of objects with file, sha256, bytes and complete.',
            remedy="Mend the mirror's MANIFEST.json, or unset CUPROMARK_MIRROR.",
        ) from error


def _is_below(path: str) -> bool:
    """Whether a path of a manifest stays below the mirror."""
    parts = PurePosixPath(path)
    return not parts.is_absolute() and ".." not in parts.parts


def _find_unlisted(folder: Path, patterns: tuple[str, ...]) -> MirroredFile | None:
    for pattern in patterns:
        for found in sorted(folder.glob(pattern)):
            return MirroredFile(found.relative_to(folder).as_posix(), None, None, None)
    return None


def _parse_entry(entry: dict[str, Any]) -> MirroredFile:
    return MirroredFile(
        path=str(entry["file"]),
        sha256=entry.get("sha256"),
        n_bytes=entry.get("bytes"),
        complete=entry.get("complete"),
    )
