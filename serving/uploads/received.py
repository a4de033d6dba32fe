"""An upload on its way in, to a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from serving.errors import InvalidField, MalformedBodyError, UnsupportedMediaError
from serving.predictions.body import header_of
from serving.predictions.fields import invalid
from serving.uploads.multipart import MultipartReader, safe_file_name

MULTIPART = "multipart/form-data"
RAW_TYPES = (
    "text/csv",
    "text/tab-separated-values",
    "text/plain",
    "application/vnd.apache.parquet",
    "application/gzip",
    "application/zip",
    "application/octet-stream",
)
TAKEN_TOO = ("application/x-gzip", "application/x-zip-compressed", "application/x-parquet")
FILE, PLATFORM_MAP = "file", "platform_map"
FILES = frozenset({FILE, PLATFORM_MAP})
MOST_OPTIONS = 1_100


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that was said beside the file.

    Attributes
    ----------
    text
        As it came.
    pointer
        Where it stood: /name in a form, ?name in the query.
    """

    text: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was sent.

    Attributes
    ----------
    file, platform_map
        Where they lie, under the last part of the names that they were sent with.
    options
        What was said beside it, by name.
    """

    file: Path
    platform_map: Path | None
    options: dict[str, list[Option]]


async def receive_upload(scope: Scope, receive: Receive, folder: Path) -> Received:
    """Write the body of a request to disk as it comes; the layers around bound size and time.

    Raises
    ------
    UnsupportedMediaError
        It is said to be neither a form nor a file.
    MalformedBodyError
        It is not the form that it is said to be, or the query is none.
    InvalidRequestError
        There is no file, or more than one.
    RequestTooLargeError
        More fields than a form may have.
    """
    content_type, parameters = parse_options_header(header_of(scope, b"content-type"))
    media_type = content_type.decode("latin-1")
    options = _from_query(scope)
    if media_type == MULTIPART:
        return await _receive_form(receive, folder, parameters.get(b"boundary", b""), options)
    if media_type not in (*RAW_TYPES, *TAKEN_TOO):
        raise UnsupportedMediaError(
            "The body is said to be neither JSON, nor a form, nor a file.",
            needed=f"Content-Type: application/json, {MULTIPART}, or one of "
            f"{', '.join(RAW_TYPES)}.",
            remedy="name the type: curl -F file=@profiles.csv -F scale=log2_tpm, or curl "
            "--data-binary @profiles.csv -H 'Content-Type: text/csv'.",
        )
    path = folder / safe_file_name("")
    with path.open("xb") as file:
        async for piece in _pieces(receive):
            file.write(piece)
    return Received(path, None, options)


async def _receive_form(
    receive: Receive, folder: Path, boundary: bytes, options: dict[str, list[Option]]
) -> Received:
    with closing(MultipartReader(boundary, folder, file_fields=FILES)) as reader:
        async for piece in _pieces(receive):
            reader.feed(piece)
        parts = reader.finish()
    for name, texts in parts.fields.items():
        options.setdefault(name, []).extend(Option(text, f"/{name}") for text in texts)
    if FILE not in parts.files:
        raise invalid(InvalidField(f"/{FILE}", "is required: the file of expression"))
    return Received(parts.files[FILE], parts.files.get(PLATFORM_MAP), options)


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body", False):
            return


def _from_query(scope: Scope) -> dict[str, list[Option]]:
    options: dict[str, list[Option]] = {}
    try:
        query = scope["query_string"].decode("ascii")
        pairs = parse_qsl(
            query, keep_blank_values=True, errors="strict", max_num_fields=MOST_OPTIONS
        )
    except ValueError:  # UnicodeDecodeError is one
        raise MalformedBodyError(
            "The query of the address cannot be read.",
            needed=f"at most {MOST_OPTIONS:,} pairs name=value, percent-encoded UTF-8.",
            remedy="let a library write the address.",
        ) from None
    for name, text in pairs:
        options.setdefault(name, []).append(Option(text, f"?{name}"))
    return options
