"""The formats that can be read: how each is recognised and which reader takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from features.errors import FormatError
from features.readers import (
    delimited,
    depmap,
    gct,
    gdsc_rma,
    h5ad,
    parquet,
    series_matrix,
    xena,
)
from features.readers.peek import Peek, peek
from features.readers.raw_matrix import RawMatrix, ReadOptions
from features.readers.text_files import ReadLimits


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, what tells it, what reads it."""

    name: str
    recognises: Callable[[Peek], bool]
    read: Callable[[Path, ReadOptions], RawMatrix]


_IN_ORDER_OF_DETECTION = (
    Format("h5ad", h5ad.recognises, h5ad.read),
    Format("parquet", parquet.recognises, parquet.read),
    Format("gct", gct.recognises, gct.read),
    Format("series_matrix", series_matrix.recognises, series_matrix.read),
    Format("gdsc_rma", gdsc_rma.recognises, gdsc_rma.read),
    Format("depmap", depmap.recognises, depmap.read),
    Format("xena", xena.recognises, xena.read),
    Format("tsv", delimited.recognises_tsv, delimited.read),
    Format("csv", delimited.recognises_csv, delimited.read),
)
FORMATS: dict[str, Format] = {known.name: known for known in _IN_ORDER_OF_DETECTION}


def find_format(name: str) -> Format:
    """Return the format of that name."""
    if name not in FORMATS:
        raise FormatError(
            f"There is no format {name!r}.",
            needed=f"one of {', '.join(sorted(FORMATS))}.",
            remedy="leave the format out to have it detected.",
        )
    return FORMATS[name]


def detect_format(path: Path, limits: ReadLimits) -> Format:
    """Return the first format that recognises the start of the file."""
    first_look = peek(path, limits)
    for known in _IN_ORDER_OF_DETECTION:
        if known.recognises(first_look):
            return known
    raise FormatError(
        f"{path.name} begins with an empty line.",
        needed="a header in the first line.",
        remedy="remove the empty lines at its start.",
    )
