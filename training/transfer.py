"""One download: resumed where it broke off, capped, from allowed hosts, and never an HTML page.

What has arrived is kept in `<name>.part` beside the target. It stays after an interrupted transfer
when the server can resume it, and never after any other failure.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pooch

from training.allowed_hosts import check_host, open_url
from training.errors import DownloadError
from training.file_records import Validators
from training.transfer_errors import (
    InterruptedTransferError,
    interrupted,
    not_data,
    storage_error,
    too_large,
    wrong_checksum,
)

CHUNK_BYTES = 1 << 18
ATTEMPTS = 3

ProgressCallback = Callable[[str, int, int | None], None]
"""Called with the name of the file, the bytes that have arrived, and how many there will be."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a download brought: the sha256 of the file, and what the server said of it."""

    sha256: str
    seen: Validators


@dataclass(frozen=True, slots=True)
class Transfer:
    """Downloads one address.

    Parameters
    ----------
    part
        Where the bytes are collected.
    allowed_hosts
        Hosts from which they may come, also after a redirect.
    maximum_bytes
        More than this is refused.
    sha256
        What the whole file must be; None when that is not on record.
    progress
        Told how far the transfer is.
    """

    part: Path
    allowed_hosts: frozenset[str]
    maximum_bytes: int
    sha256: str | None = None
    progress: ProgressCallback | None = None

    def __call__(self, url: str, path: Path) -> Arrived:
        """Download `url` to `path`, which appears, or is replaced, once all of it has arrived.

        Raises
        ------
        DownloadError
            It cannot be had; says what went wrong.
        """
        check_host(url, self.allowed_hosts)
        try:
            seen = self._download(url)
            sha256 = self._verify(url)
            self.part.replace(path)
            self._validator.unlink(missing_ok=True)
        except (InterruptedTransferError, KeyboardInterrupt):
            if not self._validator.exists():
                self.discard()
            raise
        except OSError as error:
            self.discard()
            raise storage_error(self.part.parent, error) from error
        except DownloadError:
            self.discard()
            raise
        return Arrived(sha256, seen)

    def discard(self) -> None:
        """Remove what has arrived so far."""
        for path in (self.part, self._validator):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise storage_error(path.parent, error) from error

    @property
    def _validator(self) -> Path:
        return self.part.with_name(f"{self.part.name}.validator")

    def _download(self, url: str) -> Validators:
        for _ in range(ATTEMPTS - 1):
            with suppress(InterruptedTransferError):
                return self._attempt(url)
        return self._attempt(url)

    def _verify(self, url: str) -> str:
        found = pooch.file_hash(str(self.part))
        if self.sha256 is not None and found != self.sha256:
            raise wrong_checksum(url, found, self.sha256, "Nothing was kept. Fetch it again")
        return str(found)

    def _attempt(self, url: str) -> Validators:
        # Only a part whose validator is known may be resumed: If-Range makes the server send the
        # whole file again when it has changed in between.
        validator = self._validator.read_text() if self._validator.exists() else ""
        start = self.part.stat().st_size if validator and self.part.exists() else 0
        headers = {"Range": f"bytes={start}-", "If-Range": validator} if start else {}
        with open_url(url, headers, self.allowed_hosts) as response:
            resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
            if not resumed and response.status != http.HTTPStatus.OK:
                raise interrupted(url, f"it answered {response.status}, without the file")
            total = self._check_head(url, response, start if resumed else 0)
            self._remember_validator(response.headers)
            seen = Validators.of(response.headers)
            with self.part.open("ab" if resumed else "wb") as part:
                arrived = self._copy(url, response, part, start if resumed else 0, total)
        if total is not None and arrived != total:
            raise interrupted(url, f"{arrived:,} of {total:,} bytes arrived")
        if arrived == 0:
            raise interrupted(url, "its answer was empty")
        return seen

    def _check_head(self, url: str, response: Any, start: int) -> int | None:
        refuse_page(url, response)
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else None
        if total is not None and total > self.maximum_bytes:
            raise too_large(url, total, self.maximum_bytes)
        return total

    def _remember_validator(self, headers: Mapping[str, str]) -> None:
        etag = headers.get("ETag", "")
        validator = "" if etag.startswith("W/") else etag or headers.get("Last-Modified", "")
        if validator and headers.get("Accept-Ranges", "").lower() != "none":
            self._validator.write_text(validator)
        else:
            self._validator.unlink(missing_ok=True)

    def _copy(self, url: str, response: Any, part: IO[bytes], start: int, total: int | None) -> int:
        arrived = start
        while chunk := _read_chunk(url, response):
            if arrived == 0 and _looks_like_html(chunk):
                raise not_data(url, "it begins like an HTML page")
            arrived += len(chunk)
            if arrived > self.maximum_bytes:
                raise too_large(url, arrived, self.maximum_bytes)
            part.write(chunk)
            if self.progress is not None:
                self.progress(self.part.name.removesuffix(".part"), arrived, total)
        return arrived


def refuse_page(url: str, response: Any) -> None:
    """Refuse a response that its server calls a page; `DownloadError`."""
    content_type = response.headers.get_content_type()
    if content_type in {"text/html", "application/xhtml+xml"}:
        raise not_data(url, f"the server calls it {content_type}")


def _read_chunk(url: str, response: Any) -> bytes:
    try:
        return bytes(response.read(CHUNK_BYTES))
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise interrupted(url, str(error) or type(error).__name__) from error


def _looks_like_html(chunk: bytes) -> bool:
    head = chunk[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<!doctype html", b"<html", b"<head"))
