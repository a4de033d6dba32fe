"""A mirror that is reached over HTTP: its manifest, and where its files are kept."""

from __future__ import annotations

from pathlib import Path

from training.catalogue import CatalogueFile
from training.downloading import Place, download, one_at_a_time
from training.mirror import MANIFEST_NAME, Mirror, MirroredFile, parse_manifest
from training.transfer import ProgressCallback

MANIFEST_MAXIMUM_BYTES = 10_000_000


def open_address(address: str, cache: Path, progress: ProgressCallback | None = None) -> Mirror:
    """Open a mirror at an address. Its manifest is fetched anew: it says what its files must be.

    Raises
    ------
    DownloadError
        The manifest cannot be had, or is none.
    """
    bare = Mirror(address, None)
    place = Place(
        origin="mirror",
        address=bare.address_of(MANIFEST_NAME),
        path=cache_of_mirror(cache, address) / MANIFEST_NAME,
        hosts=_hosts(bare),
        maximum_bytes=MANIFEST_MAXIMUM_BYTES,
        sha256=None,
        complete=None,
    )
    with one_at_a_time(place.path.parent):
        download(place, progress=progress)
        content = place.path.read_bytes()
    return Mirror(address, None, parse_manifest(content, place.address))


def cache_of_mirror(cache: Path, address: str) -> Path:
    """Where files of a mirror at an address are kept."""
    return cache / "mirrors" / "".join(one if one.isalnum() else "-" for one in address)


def place_in_mirror(
    mirror: Mirror, chosen: MirroredFile, file: CatalogueFile, folder: Path
) -> Place:
    """Where a file of a mirror is downloaded from, and where it is kept below a folder."""
    return Place(
        origin="mirror",
        address=mirror.address_of(chosen.path),
        path=folder / chosen.path,
        hosts=_hosts(mirror),
        maximum_bytes=file.maximum_bytes,
        sha256=chosen.sha256,
        complete=chosen.complete,
    )


def _hosts(mirror: Mirror) -> frozenset[str]:
    return frozenset([mirror.host] if mirror.host else [])
