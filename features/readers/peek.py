"""The first look at a file, by which its format is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from features.readers.foreign import refuse_foreign
from features.readers.text_files import ReadLimits, TextFile, first_bytes

BINARY_FORMATS = {"parquet": b"PAR1", "h5ad": b"\x89HDF\r\n\x1a\n"}


@dataclass(frozen=True, slots=True)
class Peek:
    """What a format is recognised by.

    Attributes
    ----------
    magic
        First eight bytes on disk.
    first_line
        First line of the text, "" for a binary format.
    """

    magic: bytes
    first_line: str


def peek(path: Path, limits: ReadLimits) -> Peek:
    """Look at the start of a file; what is no table at all is refused here."""
    magic = first_bytes(path, 8)
    if magic.startswith(tuple(BINARY_FORMATS.values())):
        return Peek(magic, "")
    file = open_table(path, limits)
    return Peek(magic, next(file.lines(), ""))


def open_table(path: Path, limits: ReadLimits) -> TextFile:
    """Return the text file at a path, after refusing what is plainly no table."""
    first_bytes(path, 8)
    file = TextFile(path, limits)
    refuse_foreign(file.start(), path)
    return file
