"""Series of GEO: which platform a series matrix was measured on."""

from __future__ import annotations

import re
from pathlib import Path

from features.readers.peek import open_table
from features.readers.text_files import ReadLimits
from training.errors import CatalogueError

_PLATFORM = re.compile(r"GPL\d+")


def choose_platform(path: Path) -> str:
    """Platform of a series matrix, from the file's name, else from its header.

    Raises
    ------
    CatalogueError
        The header names several platforms, or none.
    """
    in_name = _PLATFORM.search(path.name)
    if in_name is not None:
        return in_name.group()
    platforms = _platforms_of_header(path)
    if len(platforms) != 1:
        raise CatalogueError(
            f"{path.name} names {len(platforms)} platforms: {', '.join(platforms) or 'none'}.",
            needed="one platform, so that its probe map can be chosen.",
            remedy="Give the probe map that fits as platform map, or name the series with its "
            "platform, as in geo:GSE15709-GPL570.",
        )
    return platforms[0]


def _platforms_of_header(path: Path) -> list[str]:
    found: dict[str, list[str]] = {"!Sample_platform_id": [], "!Series_platform_id": []}
    for line in open_table(path, ReadLimits()).lines():
        if line.startswith("!series_matrix_table_begin"):
            break
        key = line.split("\t", 1)[0]
        if key in found:
            found[key] += _PLATFORM.findall(line)
    return list(dict.fromkeys(found["!Sample_platform_id"] or found["!Series_platform_id"]))
