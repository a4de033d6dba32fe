"""Asking a server whether a file has changed since it was downloaded, without downloading it."""

from __future__ import annotations

import http
from dataclasses import dataclass
from typing import Any

from training.allowed_hosts import check_host, open_url
from training.file_records import FileRecord, Validators
from training.transfer import refuse_page
from training.transfer_errors import interrupted

WITH_THE_FILE = (http.HTTPStatus.OK, http.HTTPStatus.PARTIAL_CONTENT)


@dataclass(frozen=True, slots=True)
class Told:
    """What a server told.

    Attributes
    ----------
    has_changed
        None where it tells neither an ETag nor a date nor a size that could be compared.
    seen
        What it says of the copy that it holds now.
    """

    has_changed: bool | None
    seen: Validators


def ask_server(record: FileRecord, *, address: str, n_bytes: int, hosts: frozenset[str]) -> Told:
    """Ask whether a file is another one than that recorded; at most one byte of it is read.

    ETags decide, else Last-Modified, else the size. A HEAD would say as much, but some publishers
    lead on to addresses that are signed for GET alone.

    Parameters
    ----------
    n_bytes
        Size of the file that is here.
    hosts
        That may be asked, also after a redirect.

    Raises
    ------
    DownloadError
        The server cannot be reached, answers an error or with a page, or is at another host.
    """
    check_host(address, hosts)
    headers = {"Range": "bytes=0-0"}
    if record.etag is not None:
        headers["If-None-Match"] = record.etag
    elif record.last_modified is not None:
        headers["If-Modified-Since"] = record.last_modified
    with open_url(address, headers, hosts, is_question=True) as response:
        if response.status == http.HTTPStatus.NOT_MODIFIED:
            return Told(False, Validators(record.etag, record.last_modified))
        refuse_page(address, response)
        size = _size(response)
        if size == 0 or response.status not in WITH_THE_FILE:
            raise interrupted(address, f"it answered {response.status} without the file")
        seen = Validators.of(response.headers)
        return Told(_has_changed(record, n_bytes, seen, size), seen)


def _has_changed(
    record: FileRecord, n_bytes: int, seen: Validators, size: int | None
) -> bool | None:
    if size is not None and size != n_bytes:
        return True
    if record.etag is not None and seen.etag is not None:
        return record.etag.removeprefix("W/") != seen.etag.removeprefix("W/")
    if record.last_modified is not None and seen.last_modified is not None:
        return record.last_modified != seen.last_modified
    return None if size is None else False


def _size(response: Any) -> int | None:
    """Size of the whole file."""
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        told = response.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        told = response.headers.get("Content-Length", "")
    return int(told) if told.isdigit() else None
