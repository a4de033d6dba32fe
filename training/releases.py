"""New releases: whether a cohort's files have changed where they came from, and getting them.

A publisher is asked with the ETag, the date or the size that was noted with the download; of a
mirror that is reached over HTTP the manifest is read anew. Nothing is downloaded to find out that
nothing is new, unless a server tells none of the three.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from training.asking import Told, ask_server
from training.catalogue import CatalogueFile
from training.downloading import Place, one_at_a_time
from training.errors import DownloadError
from training.file_records import FileRecord, Validators, read_record, write_record
from training.files import FileSource, SourceFile
from training.holdings import fetch_cohort, known_files, optional_files
from training.mirror import is_folder_address
from training.transfer_errors import InterruptedTransferError, storage_error

State = Literal["unchanged", "new release", "cannot be asked", "not asked"]
UNTOLD = "the server tells neither ETag nor date nor size: only a download can tell"


@dataclass(frozen=True, slots=True)
class FileNews:
    """Whether one file has a new release.

    Attributes
    ----------
    name, what
        Key and description in the catalogue.
    state
        `cannot be asked` where its server could not be reached, or does not tell; `not asked` where
        there is nobody to ask.
    released
        Day of the release that is there now (YYYY-MM-DD), where the server says it.
    why
        More about the state; None where nothing needs saying.
    """

    name: str
    what: str
    state: State
    released: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class RefreshedFile:
    """A file as it is at hand now, and what was found out about it.

    A `new release` was fetched; where the server `cannot be asked`, the file is the old one.
    """

    news: FileNews
    source: SourceFile


def check_cohort(files: FileSource, name: str) -> list[FileNews]:
    """Ask for news of every file of a cohort that is at hand; changes nothing but the manifest.

    Raises
    ------
    CatalogueError
        There is no such cohort.
    ChecksumError
        A cached file is not what was noted when it came.
    """
    asking = _Asking(files)
    return [asking.check(file) for file in known_files(files, name)]


def check_every_cohort(files: FileSource) -> list[FileNews]:
    """Ask for news of every file of the catalogue's cohorts, as `check_cohort` does; each once."""
    asking = _Asking(files)
    of_cohorts = [known_files(files, name) for name in files.catalogue.cohorts]
    each = {file.key: file for some in of_cohorts for file in some}
    return [asking.check(file) for file in each.values()]


def refresh_cohort(files: FileSource, name: str) -> list[RefreshedFile]:
    """Fetch every file that a cohort needs, and a new release of those that have one.

    A file that the cohort can do without is refreshed where it is at hand.

    Raises
    ------
    CatalogueError
        There is no such cohort.
    DownloadError
        A file is not at hand and cannot be had, or its new release cannot be used. A server that
        cannot be reached is no error where an earlier copy is at hand.
    """
    asking, refreshed = _Asking(files), dict[str, RefreshedFile]()

    def refresh(file: CatalogueFile) -> SourceFile:
        if file.key not in refreshed:
            refreshed[file.key] = asking.refresh(file)
        return refreshed[file.key].source

    fetch_cohort(files, name, fetch=refresh)
    for file in optional_files(files, name):
        refresh(file)
    return list(refreshed.values())


class _Asking:
    """One round of questions, with the mirror's manifest of the moment."""

    def __init__(self, files: FileSource) -> None:
        self._files = files
        self._mirror_away: DownloadError | None = None
        files.forget_mirror()
        try:
            files.mirror()
        except DownloadError as error:
            if is_folder_address(files.settings.mirror or ""):
                raise
            self._mirror_away = error

    def check(self, file: CatalogueFile) -> FileNews:
        if self._mirror_away is not None:
            return _news(file, "cannot be asked", why=self._mirror_away.found)
        place = self._files.place(file)
        if place is None:
            return self._without_place(file)
        return self._compare(file, place)

    def refresh(self, file: CatalogueFile) -> RefreshedFile:
        if self._mirror_away is not None:
            return self._keep(file, self._mirror_away)
        place = self._files.place(file)
        if place is None:
            return RefreshedFile(self._without_place(file), self._files.fetch(file))
        with one_at_a_time(place.path.parent):
            news = self._compare(file, place, note=True)
            if news.state == "new release" or news.why == UNTOLD:
                return self._replace(file, place, news)
            found = self._files.found_at(file, place)
            return RefreshedFile(news, found or self._files.download(file, place))

    def _without_place(self, file: CatalogueFile) -> FileNews:
        mirror = self._files.mirror()
        in_mirror = mirror is not None and mirror.choose(file) is not None
        here, nowhere = "it is read in the mirror's folder", "its publisher gives out no such file"
        return _news(file, "not asked", why=here if in_mirror else nowhere)

    def _compare(self, file: CatalogueFile, place: Place, *, note: bool = False) -> FileNews:
        if not place.path.is_file():
            return _news(file, "not asked", why="it was not fetched yet")
        found = self._files.found_at(file, place)
        if place.origin == "mirror" and place.sha256 is not None:
            return _news(file, "unchanged" if found else "new release")
        if place.sha256 is not None:
            return _news(file, "not asked", why="the catalogue names the sha256 that it must have")
        record = read_record(place.path)
        if found is None:
            return _news(file, "new release", why="what is here is not what was fetched")
        if record is None:
            return _news(file, "not asked", why="it was put here by hand")
        if record.sha256 != found.sha256:
            return _news(file, "new release", why="an earlier download of it was broken off")
        if record.address != place.address:
            return _news(file, "new release", why="it has another address by now")
        return _ask(file, place, record, found.n_bytes, note=note)

    def _replace(self, file: CatalogueFile, place: Place, news: FileNews) -> RefreshedFile:
        before = self._files.found_at(file, place)
        try:
            source = self._files.download(file, place)
        except InterruptedTransferError as error:
            return self._keep(file, error)
        if before is not None and before.sha256 == source.sha256:
            why = "it was downloaded to find out: it is the same"
            return RefreshedFile(replace(news, state="unchanged", why=why), source)
        released = news.released or _date(read_record(place.path))
        return RefreshedFile(_news(file, "new release", released, why=news.why), source)

    def _keep(self, file: CatalogueFile, error: DownloadError) -> RefreshedFile:
        kept = self._files.kept(file)
        if kept is None:
            raise error
        return RefreshedFile(_news(file, "cannot be asked", why=error.found), kept)


def _ask(
    file: CatalogueFile, place: Place, record: FileRecord, n_bytes: int, *, note: bool
) -> FileNews:
    try:
        told = ask_server(record, address=place.address, n_bytes=n_bytes, hosts=place.hosts)
    except DownloadError as error:
        return _news(file, "cannot be asked", why=error.found)
    if told.has_changed is None:
        return _news(file, "cannot be asked", why=UNTOLD)
    if told.has_changed:
        return _news(file, "new release", told.seen.date)
    if note and record.etag is None and record.last_modified is None:
        _note(place.path, record, told)
    return _news(file, "unchanged", told.seen.date)


def _note(path: Path, record: FileRecord, told: Told) -> None:
    """Note what the server says of a file that was fetched before such was noted."""
    seen = told.seen
    try:
        write_record(path, replace(record, etag=seen.etag, last_modified=seen.last_modified))
    except OSError as error:
        raise storage_error(path.parent, error) from error


def _news(
    file: CatalogueFile, state: State, released: str | None = None, *, why: str | None = None
) -> FileNews:
    return FileNews(file.key, file.what, state, released, why)


def _date(record: FileRecord | None) -> str | None:
    return Validators(None, record.last_modified).date if record else None
