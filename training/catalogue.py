"""The cohorts and files that the project knows, as data.

`training/data/cohorts.json` says for every file what it is, where its publisher keeps it, its
sha256 where one is on record for the publisher's own bytes, its licence and citation, and for every
cohort which files it takes and how they are joined. Addresses of GEO series follow from the
accession.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files as package_files
from typing import Any, cast
from urllib.parse import urlsplit

from features.expression import Scale
from training.errors import CatalogueError

GEO_MAXIMUM_BYTES = 1_000_000_000
_GEO_ACCESSION = re.compile(r"GSE(\d+)(?:-(GPL\d+))?")
_PLATFORM = re.compile(r"GPL\d+")


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """One file: what it is, where it comes from, and what it must be.

    Attributes
    ----------
    address
        Address of the publisher's file; None where the publisher gives out no such file.
    cached_as
        Path below the cache.
    mirror_paths
        Paths below a mirror, in order of preference; a `*` stands for anything.
    redirect_hosts
        Hosts to which the official address is known to redirect.
    sha256
        Of the publisher's own bytes; None where it is not on record.
    maximum_bytes
        A download that is larger is refused.
    """

    key: str
    what: str
    layout: str
    address: str | None
    cached_as: str
    mirror_paths: tuple[str, ...]
    redirect_hosts: tuple[str, ...]
    page: str | None
    release: str | None
    sha256: str | None
    maximum_bytes: int
    licence: str
    citation: str
    note: str | None = None

    @property
    def hosts(self) -> frozenset[str]:
        """Hosts from which the file may come."""
        host = urlsplit(self.address or "").hostname
        return frozenset((*self.redirect_hosts, *([host] if host else [])))


@dataclass(frozen=True, slots=True)
class CatalogueCohort:
    """One cohort: its files by role, its scale, and how they are joined."""

    name: str
    title: str
    files: Mapping[str, str]
    optional_files: Mapping[str, str]
    scale: Scale
    format: str
    response_kind: str
    join: str
    scale_note: str | None = None


@dataclass(frozen=True, slots=True)
class DrugAlias:
    """A second spelling of a drug, and why it is the same drug."""

    name: str
    canonical: str
    reason: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every cohort and file on record."""

    cohorts: Mapping[str, CatalogueCohort]
    files: Mapping[str, CatalogueFile]
    drug_aliases: tuple[DrugAlias, ...]

    def cohort(self, name: str) -> CatalogueCohort:
        """Cohort of this name; `CatalogueError` lists the names there are."""
        if name not in self.cohorts:
            raise CatalogueError(
                f"There is no cohort {name!r}.",
                needed=f"one of {', '.join(self.cohorts)}, geo:<GSE accession> or table.",
                remedy="Choose one of these; `cupromark data list` describes them.",
            )
        return self.cohorts[name]

    def file(self, key: str) -> CatalogueFile:
        """File on record under this key."""
        if key not in self.files:
            raise CatalogueError(
                f"There is no file {key!r} in the catalogue.",
                needed=f"one of {', '.join(self.files)}.",
                remedy="Choose one of these; `cupromark data list` describes them.",
            )
        return self.files[key]

    def files_of(self, cohort: str, *, optional: bool = False) -> dict[str, CatalogueFile]:
        """Files of a cohort by role, without or with those that it can do without."""
        entry = self.cohort(cohort)
        roles = {**entry.files, **(entry.optional_files if optional else {})}
        return {role: self.file(key) for role, key in roles.items()}

    @property
    def hosts(self) -> frozenset[str]:
        """Every host that the catalogue names."""
        return frozenset().union(*(file.hosts for file in self.files.values()))


@cache
def load_catalogue() -> Catalogue:
    """Catalogue shipped with the package."""
    text = (package_files("training") / "data" / "cohorts.json").read_text(encoding="utf-8")
    return parse_catalogue(json.loads(text))


def parse_catalogue(content: Mapping[str, Any]) -> Catalogue:
    """Catalogue from its JSON; `CatalogueError` when an entry does not hold together."""
    try:
        files = {entry["key"]: _parse_file(entry) for entry in content["files"]}
        cohorts = {entry["name"]: CatalogueCohort(**entry) for entry in content["cohorts"]}
        aliases = tuple(
            DrugAlias(entry["name"], entry["is"], entry["reason"])
            for entry in content["drug_aliases"]
        )
    except (KeyError, TypeError) as error:
        raise CatalogueError(
            f"The catalogue of cohorts cannot be read: {error}.",
            needed="files, cohorts and drug_aliases with the fields of training/catalogue.py.",
            remedy="Mend training/data/cohorts.json.",
        ) from error
    catalogue = Catalogue(cohorts, files, aliases)
    for name in cohorts:
        catalogue.files_of(name, optional=True)
    return catalogue


def geo_series_file(accession: str) -> CatalogueFile:
    """Series matrix of a GEO accession (`GSE15709`, or `GSE15709-GPL570` for one of several).

    GEO gives out no checksums, so sha256 is not on record.
    """
    found = _GEO_ACCESSION.fullmatch(accession)
    if found is None:
        raise CatalogueError(
            f"{accession!r} is not the accession of a GEO series.",
            needed="GSE and a number, such as GSE15709, or GSE15709-GPL570 for one platform of it.",
            remedy="Take the accession from the page of the series at https://www.ncbi.nlm.nih.gov/geo.",
        )
    series = f"GSE{found[1]}"
    name = f"{accession}_series_matrix.txt"
    folder = f"https://ftp.ncbi.nlm.nih.gov/geo/series/GSE{found[1][:-3]}nnn/{series}/matrix"
    # A series with several platforms has one matrix a platform, named by both.
    any_platform = [] if found[2] else [f"geo/{series}-GPL*_series_matrix.txt.gz"]
    return CatalogueFile(
        key=f"geo_{accession}",
        what=f"GEO series matrix of {accession}",
        layout="series_matrix",
        address=f"{folder}/{name}.gz",
        cached_as=f"geo/{name}.gz",
        mirror_paths=(f"geo/{name}.gz", f"geo/{name}", *any_platform),
        redirect_hosts=(),
        page=f"https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc={series}",
        release=None,
        sha256=None,
        maximum_bytes=GEO_MAXIMUM_BYTES,
        licence="NCBI GEO places no restrictions; the submitters may.",
        citation=f"NCBI GEO, accession {series}",
    )


def platform_file(platform: str, catalogue: Catalogue) -> CatalogueFile:
    """Probe map of a GEO platform (`GPL570`): the one on record, else GEO's own annotation."""
    if not _PLATFORM.fullmatch(platform):
        raise CatalogueError(
            f"{platform!r} is not the accession of a GEO platform.",
            needed="GPL and a number, such as GPL570.",
            remedy="Take it from the page of the series at https://www.ncbi.nlm.nih.gov/geo.",
        )
    key = f"platform_{platform}"
    if key in catalogue.files:
        return catalogue.files[key]
    model, number = catalogue.file("platform_GPL570"), platform.removeprefix("GPL")
    folder = f"https://ftp.ncbi.nlm.nih.gov/geo/platforms/GPL{number[:-3]}nnn/{platform}/annot"
    name = f"{platform}.annot.gz"
    return replace(
        model,
        key=key,
        what=f"Probe to symbol, {platform}",
        address=f"{folder}/{name}",
        cached_as=f"geo/platforms/{name}",
        mirror_paths=(f"geo/platforms/{platform}_probe2symbol.tsv", f"geo/platforms/{name}"),
        page=f"https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc={platform}",
    )


def _parse_file(entry: Mapping[str, Any]) -> CatalogueFile:
    lists = {name: tuple(entry[name]) for name in ("mirror_paths", "redirect_hosts")}
    return CatalogueFile(**{**cast("dict[str, Any]", dict(entry)), **lists})
