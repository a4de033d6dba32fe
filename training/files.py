"""Getting the files of the catalogue: from a mirror, from the cache, or from their publisher."""

from __future__ import annotations

from pathlib import Path

import pooch

from training.catalogue import Catalogue, CatalogueFile, load_catalogue
from training.downloading import Place, download_with_record, one_at_a_time
from training.errors import DownloadError
from training.file_records import read_record
from training.file_settings import FileSettings, Origin, SourceFile
from training.mirror import Mirror, MirroredFile, folder_of, is_folder_address, open_folder
from training.mirror_by_address import cache_of_mirror, open_address, place_in_mirror
from training.transfer import ProgressCallback
from training.transfer_errors import wrong_checksum

__all__ = ["FileSettings", "FileSource", "Origin", "SourceFile"]

LOOKS = 2  # at a file that several new releases replace while it is hashed


class FileSource:
    """Hands out the files of the catalogue.

    It looks in the mirror, then in the cache, then at the official address. A file that a mirror's
    MANIFEST.json lists must be there and must be what the manifest says. What comes from an address
    of a mirror is cached apart from what comes from the publishers, since a mirror may hold parts;
    where the manifest says something else by now, it is fetched again.

    Whether a publisher has a new release is asked by `training.releases`, never here.

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
        place = self.place(file)
        if place is None:
            return self.find(file) or self._never_here(file)
        found = self.found_at(file, place)
        if found is not None:
            return found
        with one_at_a_time(place.path.parent):
            # Another process may have fetched it meanwhile.
            return self.found_at(file, place) or self.download(file, place)

    def find(self, file: CatalogueFile) -> SourceFile | None:
        """File of the catalogue if it is at hand without a network; else None."""
        return self._from_folder(file) or self._from_cache(file)

    def kept(self, file: CatalogueFile) -> SourceFile | None:
        """Last copy that is at hand, when nobody can be asked whether it is still right; else None.

        Beside what `find` finds, that is the copy that came from the address of a mirror, as it was
        noted then.
        """
        return self._last_of_mirror(file) or self.find(file)

    def mirror(self) -> Mirror | None:
        """Mirror with its manifest; opened once."""
        address = self.settings.mirror
        if self._mirror is None and address is not None:
            self._mirror = (
                open_folder(folder_of(address))
                if is_folder_address(address)
                else open_address(address, self.settings.cache, self.progress)
            )
        return self._mirror

    def forget_mirror(self) -> None:
        """Have the mirror's manifest read anew when it is needed next."""
        self._mirror = None

    def place(self, file: CatalogueFile) -> Place | None:
        """Where a file is downloaded from and kept; None where it is never downloaded.

        That is a file in the folder of a mirror, or one that its publisher does not give out.
        """
        mirror = self.mirror()
        chosen = mirror.choose(file) if mirror else None
        if mirror is not None and chosen is not None:
            in_cache = self.mirror_cache(mirror)
            return None if mirror.folder else place_in_mirror(mirror, chosen, file, in_cache)
        if file.address is None:
            return None
        return Place(
            origin="download",
            address=file.address,
            path=self.cached_path(file),
            hosts=self.catalogue.hosts | file.hosts,
            maximum_bytes=file.maximum_bytes,
            sha256=file.sha256,
            complete=True,
        )

    def found_at(self, file: CatalogueFile, place: Place) -> SourceFile | None:
        """File at its place; None when it is not there, or the mirror has another by now.

        Raises
        ------
        ChecksumError
            It came from the publisher and is not what was noted then.
        """
        if place.origin == "download":
            return self._from_cache(file)
        if not place.path.is_file():
            return None
        found = _source(file, place.path, "mirror", place.complete)
        if place.sha256 is not None:
            return found if found.sha256 == place.sha256 else None
        record = read_record(place.path)
        return found if record is None or record.is_of(found.sha256) else None

    def download(self, file: CatalogueFile, place: Place) -> SourceFile:
        """Download a file to its place, whatever is there; call it within `one_at_a_time`.

        Raises
        ------
        DownloadError
            It cannot be had; what was there is there still.
        """
        download_with_record(place, self.progress)
        return _source(file, place.path, place.origin, place.complete)

    def cached_path(self, file: CatalogueFile) -> Path:
        """Where the publisher's file is kept, and where one can be put by hand."""
        return self.settings.cache / file.cached_as

    def mirror_cache(self, mirror: Mirror) -> Path:
        """Where files of a mirror that is reached over HTTP are kept."""
        return cache_of_mirror(self.settings.cache, mirror.address)

    @staticmethod
    def recorded_sha256(path: Path) -> str | None:
        """Sha256 that was noted when the file was downloaded; None for one put there by hand."""
        record = read_record(path)
        return record.sha256 if record else None

    def _from_folder(self, file: CatalogueFile) -> SourceFile | None:
        if not is_folder_address(self.settings.mirror or ""):
            return None
        mirror = self.mirror()
        chosen = mirror.choose(file) if mirror else None
        if mirror is None or mirror.folder is None or chosen is None:
            return None
        path = mirror.folder / chosen.path
        _require_mirrored(path, mirror, chosen)
        if not mirror.listed:  # then it claims to hold the publisher's own bytes
            return _checked(
                _source(file, path, "mirror", None), file.sha256, f"the mirror {mirror.address}"
            )
        found = _source(file, path, "mirror", chosen.complete)
        return _checked(found, chosen.sha256, f"the mirror {mirror.address}")

    def _from_cache(self, file: CatalogueFile) -> SourceFile | None:
        path = self.cached_path(file)
        if not path.is_file():
            return None
        expected = None
        for _ in range(LOOKS):
            # Hashed first and the record read then: a new release that comes between the two notes
            # what it takes the place of.
            found, record = _source(file, path, "cache", None), read_record(path)
            if record is None or record.is_of(found.sha256):
                expected = file.sha256
                break
            expected = record.sha256
        return _checked(found, expected, f"the cache, {path}")

    def _last_of_mirror(self, file: CatalogueFile) -> SourceFile | None:
        address = self.settings.mirror or ""
        if is_folder_address(address):
            return None
        folder = cache_of_mirror(self.settings.cache, address)
        chosen = Mirror(address, folder).choose(file)
        path = folder / chosen.path if chosen else folder
        record = read_record(path) if chosen else None
        if record is None:
            return None
        found = _source(file, path, "mirror", record.complete)
        return found if record.is_of(found.sha256) else None

    def _never_here(self, file: CatalogueFile) -> SourceFile:
        raise DownloadError(
            f"{file.what} cannot be downloaded: its publisher gives out no such file.",
            needed=f"the file at {self.cached_path(file)}, or in a mirror as "
            f"{file.mirror_paths[0]}.",
            remedy=f"Get it from {file.page} and put it there, or set CUPROMARK_MIRROR to a "
            "folder or address that holds it.",
        )


def _source(file: CatalogueFile, path: Path, origin: Origin, complete: bool | None) -> SourceFile:
    try:
        sha256 = pooch.file_hash(str(path))
        n_bytes = path.stat().st_size
    except OSError as error:
        raise DownloadError(
            f"{path} cannot be read: {error.strerror or error}.",
            needed="a file that may be read.",
            remedy="Mend its permissions, or remove it so that it is fetched again.",
        ) from error
    return SourceFile(
        file.key, path, sha256, n_bytes, origin, complete, file.citation, file.licence
    )


def _checked(found: SourceFile, sha256: str | None, where: str) -> SourceFile:
    if sha256 is not None and found.sha256 != sha256:
        remedy = f"Remove {found.path} and fetch it again"
        raise wrong_checksum(where, found.sha256, sha256, remedy)
    return found


def _require_mirrored(path: Path, mirror: Mirror, chosen: MirroredFile) -> None:
    if not path.is_file():
        raise DownloadError(
            f"The mirror {mirror.address} lists {chosen.path} but does not hold it.",
            needed="every file that the mirror's MANIFEST.json lists.",
            remedy="Complete the mirror, or unset CUPROMARK_MIRROR to use the official address.",
        )
