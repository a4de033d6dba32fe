"""Getting the files of the catalogue: from a mirror, from the cache, or from their publisher."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pooch

from training.allowed_hosts import check_host
from training.catalogue import Catalogue, CatalogueFile, load_catalogue
from training.errors import ChecksumError, DownloadError
from training.file_settings import FileSettings, Origin, SourceFile
from training.mirror import (
    MANIFEST_NAME,
    Mirror,
    MirroredFile,
    folder_of,
    is_folder_address,
    open_folder,
    parse_manifest,
)
from training.transfer import ProgressCallback, Transfer
from training.transfer_errors import storage_error, wrong_checksum

__all__ = ["FileSettings", "FileSource", "Origin", "SourceFile"]

MANIFEST_MAXIMUM_BYTES = 10_000_000


class FileSource:
    """Hands out the files of the catalogue.

    It looks in the mirror, then in the cache, then at the official address. A file that a mirror's
    MANIFEST.json lists must be there and must be what the manifest says. What comes from an address
    of a mirror is cached apart from what comes from the publishers, since a mirror may hold parts.

    Parameters
    ----------
    settings
        Mirror and cache.
    catalogue
        Files and allowed hosts; the shipped one by default.
    progress
        Told how far a download is.
    """

    def __init__(
        self,
        settings: FileSettings,
        *,
        catalogue: Catalogue | None = None,
        progress: ProgressCallback | None = None,
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue or load_catalogue()
        self.progress = progress
        self._mirror: Mirror | None = None

    def fetch(self, file: CatalogueFile) -> SourceFile:
        """File of the catalogue, downloaded if need be; `DownloadError` when it cannot be had."""
        mirrored = self._from_mirror(file, download=True)
        return mirrored or self._from_cache(file) or self._from_publisher(file)

    def find(self, file: CatalogueFile) -> SourceFile | None:
        """File of the catalogue if it is at hand without a network; else None."""
        return self._from_mirror(file, download=False) or self._from_cache(file)

    def mirror(self) -> Mirror | None:
        """Mirror with its manifest; opened once."""
        if self._mirror is None and self.settings.mirror is not None:
            self._mirror = self._open_mirror(self.settings.mirror)
        return self._mirror

    def cached_path(self, file: CatalogueFile) -> Path:
        """Where the publisher's file is kept, and where one can be put by hand."""
        return self.settings.cache / file.cached_as

    @staticmethod
    def recorded_sha256(path: Path) -> str | None:
        """Sha256 that was noted when the file was downloaded; None for one put there by hand."""
        record = _record_of(path)
        if not record.is_file():
            return None
        try:
            return str(json.loads(record.read_text())["sha256"])
        except (ValueError, KeyError, TypeError) as error:
            raise ChecksumError(
                f"{record} is damaged: {error}.",
                needed="the record that was written with the download.",
                remedy=f"Remove it together with {path.name}, and fetch the file again.",
            ) from error

    def _open_mirror(self, address: str) -> Mirror:
        if is_folder_address(address):
            return open_folder(folder_of(address))
        bare = Mirror(address, None)
        manifest = self.mirror_cache(bare) / MANIFEST_NAME
        url = bare.address_of(MANIFEST_NAME)
        # The manifest is always fetched anew: it says what the cached files of a mirror must be.
        self._download(url, manifest, None, _hosts(bare.host), MANIFEST_MAXIMUM_BYTES)
        return Mirror(address, None, parse_manifest(manifest.read_bytes(), url))

    def mirror_cache(self, mirror: Mirror) -> Path:
        """Where files of a mirror that is reached over HTTP are kept."""
        host = "".join(letter if letter.isalnum() else "-" for letter in mirror.address)
        return self.settings.cache / "mirrors" / host

    def _from_mirror(self, file: CatalogueFile, *, download: bool) -> SourceFile | None:
        if not download and not is_folder_address(self.settings.mirror or ""):
            return None
        mirror = self.mirror()
        chosen = mirror.choose(file) if mirror else None
        if mirror is None or chosen is None:
            return None
        # Without a manifest a mirror claims to hold the publisher's own bytes.
        listed = bool(mirror.listed)
        expected = chosen.sha256 if listed else file.sha256
        complete = chosen.complete if listed else None
        if mirror.folder is None:
            path = self.mirror_cache(mirror) / chosen.path
            if not path.is_file():
                url = mirror.address_of(chosen.path)
                self._download(url, path, expected, _hosts(mirror.host), file.maximum_bytes)
        else:
            path = mirror.folder / chosen.path
            _require_mirrored(path, mirror, chosen)
        return _source(file, path, "mirror", complete, expected, f"the mirror {mirror.address}")

    def _from_cache(self, file: CatalogueFile) -> SourceFile | None:
        path = self.cached_path(file)
        if not path.is_file():
            return None
        recorded = self.recorded_sha256(path)
        return _source(file, path, "cache", None, file.sha256 or recorded, f"the cache, {path}")

    def _from_publisher(self, file: CatalogueFile) -> SourceFile:
        if file.address is None:
            raise DownloadError(
                f"{file.what} cannot be downloaded: its publisher gives out no such file.",
                needed=f"the file at {self.cached_path(file)}, or in a mirror as "
                f"{file.mirror_paths[0]}.",
                remedy=f"Get it from {file.page} and put it there, or set CUPROMARK_MIRROR to a "
                "folder or address that holds it.",
            )
        path = self.cached_path(file)
        hosts = self.catalogue.hosts | file.hosts
        self._download(file.address, path, file.sha256, hosts, file.maximum_bytes)
        source = _source(file, path, "download", True, None, file.address)
        record = {"address": file.address, "sha256": source.sha256}
        _write(_record_of(path), lambda place: place.write_text(json.dumps(record)))
        return source

    def _download(
        self, url: str, path: Path, sha256: str | None, hosts: frozenset[str], maximum_bytes: int
    ) -> None:
        check_host(url, hosts)
        _write(path.parent, lambda folder: folder.mkdir(parents=True, exist_ok=True))
        transfer = Transfer(
            path.with_name(f"{path.name}.part"), hosts, maximum_bytes, sha256, self.progress
        )
        # pooch announces every download on its own logger; the progress bar does that here.
        pooch.get_logger().setLevel(logging.WARNING)
        _write(path, lambda place: place.unlink(missing_ok=True))
        try:
            pooch.retrieve(url, None, fname=path.name, path=path.parent, downloader=transfer)
        except OSError as error:
            transfer.discard()
            raise storage_error(path.parent, error) from error


def _source(
    file: CatalogueFile,
    path: Path,
    origin: Origin,
    complete: bool | None,
    expected: str | None,
    where: str,
) -> SourceFile:
    try:
        sha256 = pooch.file_hash(str(path))
        n_bytes = path.stat().st_size
    except OSError as error:
        raise DownloadError(
            f"{path} cannot be read: {error.strerror or error}.",
            needed="a file that may be read.",
            remedy="Mend its permissions, or remove it so that it is fetched again.",
        ) from error
    if expected is not None and sha256 != expected:
        raise wrong_checksum(where, sha256, expected, f"Remove {path} and fetch it again")
    return SourceFile(
        file.key, path, sha256, n_bytes, origin, complete, file.citation, file.licence
    )


def _require_mirrored(path: Path, mirror: Mirror, chosen: MirroredFile) -> None:
    if not path.is_file():
        raise DownloadError(
            f"The mirror {mirror.address} lists {chosen.path} but does not hold it.",
            needed="every file that the mirror's MANIFEST.json lists.",
            remedy="Complete the mirror, or unset CUPROMARK_MIRROR to use the official address.",
        )


def _hosts(host: str | None) -> frozenset[str]:
    return frozenset([host] if host else [])


def _record_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.source.json")


def _write(place: Path, action: Callable[[Path], object]) -> None:
    try:
        action(place)
    except OSError as error:
        raise storage_error(place, error) from error
