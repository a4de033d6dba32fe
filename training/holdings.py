"""What the catalogue offers and what of it is at hand."""

from __future__ import annotations

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


def fetch_cohort(files: FileSource, name: str) -> list[SourceFile]:
    """Fetch every file that a cohort needs, and the names of genes.

    Of `geo:<GSE accession>` that is the series and the map of its platform.
    """
    hgnc = files.catalogue.file("hgnc")
    if not name.startswith(GEO_PREFIX):
        return [files.fetch(file) for file in (*files.catalogue.files_of(name).values(), hgnc)]
    series = files.fetch(geo_series_file(name.removeprefix(GEO_PREFIX)))
    probes = platform_file(choose_platform(series.path), files.catalogue)
    return [series, files.fetch(probes), files.fetch(hgnc)]


def _held(role: str, file: CatalogueFile, files: FileSource) -> HeldFile:
    return HeldFile(role, file.what, _state(file, files), file.address, file.licence, file.citation)


def _state(file: CatalogueFile, files: FileSource) -> State:
    source = files.find(file)
    if source is None:
        return "not here" if file.address else "no address"
    if source.origin == "mirror":
        return "mirror, part" if source.complete is False else "mirror"
    return "cache"
