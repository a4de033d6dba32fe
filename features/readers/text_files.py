"""Text files, plain, gzipped or alone in a zip, opened within limits."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, BinaryIO, Literal, cast

from features.errors import FormatError, LimitError, ReadError
from features.readers.limits import BoundedReader, ReadLimits, broken, too_large

__all__ = [
    "MAX_LINE_BYTES",
    "ReadLimits",
    "TextFile",
    "first_bytes",
    "line_too_long",
    "refuse_unreadable",
]

_START_BYTES = 64 * 2**10
MAX_LINE_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file on disk, whatever it is packed in."""

    path: Path
    limits: ReadLimits

    @property
    def container(self) -> Literal["plain", "gzip", "zip"]:
        """How the text is packed, by the first bytes of the file, never by its name."""
        magic = first_bytes(self.path, 4)
        if magic.startswith(b"\x1f\x8b"):
            return "gzip"
        return "zip" if magic == b"PK\x03\x04" else "plain"

    def open(self) -> BinaryIO:
        """Open the decompressed bytes; reading past a limit raises `LimitError`."""
        source: IO[bytes]
        if self.container == "gzip":
            source = cast(IO[bytes], gzip.open(self.path, "rb"))  # noqa: SIM115 - closed with the stream
        elif self.container == "zip":
            source = _open_only_member(self.path)
        else:
            self._refuse_large()
            return self.path.open("rb")
        return cast(
            BinaryIO, io.BufferedReader(BoundedReader(source, self.path, self.limits), 2**20)
        )

    def start(self) -> bytes:
        """Return the first 64 KiB of the text."""
        with self.open() as stream:
            return stream.read(_START_BYTES)

    def lines(self) -> Iterator[str]:
        """Yield the lines, without line ends and byte-order mark."""
        with self.open() as stream:
            number = 0
            while line := stream.readline(MAX_LINE_BYTES):
                number += 1
                if len(line) == MAX_LINE_BYTES:
                    raise line_too_long(self.path)
                yield _decode(line, number, self.path)

    def first_lines(self, count: int) -> list[str]:
        """Return at most `count` lines from the start."""
        return list(islice(self.lines(), count))

    def _refuse_large(self) -> None:
        n_bytes = self.path.stat().st_size
        if n_bytes > self.limits.max_bytes:
            raise too_large(self.path, n_bytes, self.limits)


def first_bytes(path: Path, count: int) -> bytes:
    """Return the first bytes of a file; a file that cannot be opened is a `ReadError`."""
    refuse_unreadable(path)
    try:
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError as error:
        raise ReadError(
            f"{path.name} cannot be opened: {error.strerror}.",
            needed="a file that this user may read.",
            remedy="check the path and the rights of the file.",
        ) from error


def refuse_unreadable(path: Path) -> None:
    """Raise `ReadError` for a path that is missing, a folder, or an empty file."""
    if path.is_dir():
        found, remedy = f"{path.name} is a folder.", "name one file in it."
    elif not path.is_file():
        found, remedy = f"There is no file {path}.", "check the path."
    elif path.stat().st_size == 0:
        found, remedy = f"{path.name} is empty (0 bytes).", "fetch or export it again."
    else:
        return
    raise ReadError(found, needed="a file with an expression matrix.", remedy=remedy)


def _open_only_member(path: Path) -> IO[bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            member = _only_member(archive, path)
            return archive.open(member)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise broken(path, str(error)) from error


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    names = [member.filename for member in members]
    if any(name.startswith("xl/") for name in names):
        raise FormatError(
            f"{path.name} is an Excel workbook.",
            needed="a text table or Parquet.",
            remedy="export the sheet as CSV, with the gene symbols as text.",
        )
    if len(members) != 1:
        raise FormatError(
            f"{path.name} holds {len(members)} files: {', '.join(names[:5]) or 'none'}.",
            needed="a zip with one table in it.",
            remedy="unpack it and name the table.",
        )
    if members[0].flag_bits & 0x1:
        raise FormatError(
            f"{path.name} is encrypted.", needed="a zip without a password.", remedy="unpack it."
        )
    return members[0]


def _decode(line: bytes, number: int, path: Path) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path.name}, line {number}, is not UTF-8 (byte {error.object[error.start]:#04x}).",
            needed="text in UTF-8.",
            remedy="save the file again in UTF-8.",
        ) from error


def line_too_long(path: Path) -> LimitError:
    """Return the error for a line that no table has."""
    return LimitError(
        f"{path.name} has a line of more than {MAX_LINE_BYTES:,} bytes.",
        needed="a table of lines.",
        remedy="check that the file is text with line ends (LF or CRLF).",
    )
