"""What the catalogue offers and what of it is at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from training.catalogue import CatalogueFile, geo_series_file, platform_file
from training.cohort import GEO_PREFIX
from training.files import FileSource, SourceFile
from training.geo import choose_platform

State = Literal["mirror", "mirror, part", "cache", "not here", "no address"]


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of a cohort and where it would come from.

    `state`: in the mirror (whole or a part of the official file), in the cache, to be downloaded
    ("not here"), or without an official address and so to be put into the cache by hand.
    """

    role: str
    what: str
    state: State
    address: str | None
    licence: str
    citation: str


@dataclass(frozen=True, slots=True)
class HeldCohort:
    """A cohort of the catalogue with its files."""

    name: str
    title: str
    join: str
    files: tuple[HeldFile, ...]


def list_cohorts(files: FileSource) -> list[HeldCohort]:
    """Every cohort of the catalogue, without touching the network."""
    return [
        HeldCohort(
            name=name,
            title=entry.title,
            join=entry.join,
            files=tuple(
                _held(role, file, files)
                for role, file in files.catalogue.files_of(name, optional=True).items()
            ),
        )
        for name, entry in files.catalogue.cohorts.items()
    ]


def fetch_cohort(
    files: FileSource,
    name: str,
    *,
    fetch: Callable[[CatalogueFile], SourceFile] | None = None,
) -> list[SourceFile]:
    """Fetch every file that a cohort needs, and the names of genes.

    Of `geo:<GSE accession>` that is the series and the map of its platform.

    Parameters
    ----------
    fetch
        Gets one file; by default `files.fetch`.
    """
    get = fetch or files.fetch
    hgnc = files.catalogue.file("hgnc")
    if not name.startswith(GEO_PREFIX):
        return [get(file) for file in (*files.catalogue.files_of(name).values(), hgnc)]
    series = get(geo_series_file(name.removeprefix(GEO_PREFIX)))
    probes = platform_file(choose_platform(series.path), files.catalogue)
    return [series, get(probes), get(hgnc)]


def known_files(files: FileSource, name: str) -> list[CatalogueFile]:
    """Files that a cohort needs, those that it has at hand besides, and the names of genes.

    The map of a platform is known once the series of GEO is at hand.
    """
    hgnc = files.catalogue.file("hgnc")
    if not name.startswith(GEO_PREFIX):
        needed = files.catalogue.files_of(name).values()
        return [*needed, *optional_files(files, name), hgnc]
    series = geo_series_file(name.removeprefix(GEO_PREFIX))
    kept = files.kept(series)
    platforms = [platform_file(choose_platform(kept.path), files.catalogue)] if kept else []
    return [series, *platforms, hgnc]


def optional_files(files: FileSource, name: str) -> list[CatalogueFile]:
    """Files that a cohort can do without, where they are at hand."""
    if name.startswith(GEO_PREFIX):
        return []
    needed = files.catalogue.files_of(name)
    every = files.catalogue.files_of(name, optional=True)
    others = [file for role, file in every.items() if role not in needed]
    return [file for file in others if files.find(file) is not None]


def _held(role: str, file: CatalogueFile, files: FileSource) -> HeldFile:
    return HeldFile(role, file.what, _state(file, files), file.address, file.licence, file.citation)


def _state(file: CatalogueFile, files: FileSource) -> State:
    source = files.find(file)
    if source is None:
        return "not here" if file.address else "no address"
    if source.origin == "mirror":
        return "mirror, part" if source.complete is False else "mirror"
    return "cache"
