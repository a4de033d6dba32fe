"""multipart/form-data, taken apart as it comes: files to disk, fields within limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from serving.errors import InvalidField, MalformedBodyError, RequestTooLargeError
from serving.predictions.fields import invalid

MOST_PARTS = 1_100  # a drug is a field, and there are up to 1,000 of them
MOST_FIELD_BYTES = 1024 * 1024  # of all fields together
LONGEST_FILE_NAME = 100


@dataclass(slots=True)
class Parts:
    """What a body held.

    Attributes
    ----------
    files
        Where the files lie, by the name of their field.
    fields
        Texts by the name of their field, in their order.
    """

    files: dict[str, Path] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)


class MultipartReader:
    """Takes a body piece by piece.

    Parameters
    ----------
    boundary
        From the Content-Type.
    folder
        Where files are written, each in a folder of its own.
    file_fields
        Names of the fields that are files.
    """

    def __init__(self, boundary: bytes, folder: Path, *, file_fields: frozenset[str]) -> None:
        self.parts = Parts()
        self._folder = folder
        self._file_fields = file_fields
        self._header = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._file: BinaryIO | None = None
        self._text = bytearray()
        self._n_parts = self._n_field_bytes = 0
        self._is_over = False
        self._parser = _parser(boundary, self._callbacks())

    def feed(self, piece: bytes) -> None:
        """Take the next piece.

        Raises
        ------
        MalformedBodyError
            It does not go on as the boundary says.
        InvalidRequestError
            A part has no name, or a file is there twice.
        RequestTooLargeError
            Too many parts, or too much text in fields.
        """
        try:
            self._parser.write(piece)
        except FormParserError:
            raise _malformed() from None

    def finish(self) -> Parts:
        """Return what the body held; MalformedBodyError where its last boundary is missing."""
        if not self._is_over:
            raise _malformed()
        return self.parts

    def close(self) -> None:
        """Close a file that is still open."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _callbacks(self) -> Mapping[str, Callable[..., None]]:
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_header,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_content,
            "on_part_data": self._add_content,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin_part(self) -> None:
        self._headers = {}
        self._n_parts += 1
        if self._n_parts > MOST_PARTS:
            raise _too_much(f"at most {MOST_PARTS:,} parts")

    def _add_header(self, raw: bytes, start: int, end: int) -> None:
        self._header += raw[start:end]

    def _add_value(self, raw: bytes, start: int, end: int) -> None:
        self._value += raw[start:end]

    def _end_header(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _begin_content(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"").decode("latin-1")
        kind, options = parse_options_header(disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if kind != b"form-data" or not name:
            raise _malformed()
        self._name = name
        if name in self._file_fields:
            self._file = self._new_file(name, options.get(b"filename", b""))
        self._text = bytearray()

    def _new_file(self, name: str, given: bytes) -> BinaryIO:
        if name in self.parts.files:
            raise invalid(InvalidField(f"/{name}", "is there more than once: send one file"))
        folder = self._folder / name
        folder.mkdir()
        path = folder / safe_file_name(given.decode("utf-8", "replace"))
        self.parts.files[name] = path
        return path.open("xb")

    def _add_content(self, raw: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(memoryview(raw)[start:end])
            return
        self._n_field_bytes += end - start
        if self._n_field_bytes > MOST_FIELD_BYTES:
            raise _too_much(f"at most {MOST_FIELD_BYTES:,} bytes in fields that are no files")
        self._text += raw[start:end]

    def _end_part(self) -> None:
        if self._file is not None:
            self.close()
            return
        try:
            text = self._text.decode()
        except UnicodeDecodeError:
            raise _malformed() from None
        self.parts.fields.setdefault(self._name, []).append(text)

    def _end(self) -> None:
        self._is_over = True


def safe_file_name(given: str) -> str:
    """Make a name that messages and a folder can hold: no path, nothing that is not shown."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    # 100 letters take at most 200 bytes of the 255 that a file system allows.
    kept = shown.encode("utf-8", "ignore")[-2 * LONGEST_FILE_NAME :].decode("utf-8", "ignore")
    return kept[-LONGEST_FILE_NAME:] or "upload"


def _parser(boundary: bytes, callbacks: Mapping[str, Callable[..., None]]) -> MultipartParser:
    if not boundary:
        raise _malformed()
    try:
        return MultipartParser(boundary, callbacks)  # type: ignore[arg-type]
    except FormParserError:
        raise _malformed() from None


def _malformed() -> MalformedBodyError:
    return MalformedBodyError(
        "The body is not whole multipart/form-data with the boundary that its Content-Type names.",
        needed="parts with names, between boundaries, the last one ending in --.",
        remedy="let a library write the body and its Content-Type, as curl -F does.",
    )


def _too_much(needed: str) -> RequestTooLargeError:
    return RequestTooLargeError(
        "The form holds too much beside its files.",
        needed=f"{needed}.",
        remedy="send only the fields that /openapi.json describes.",
    )
