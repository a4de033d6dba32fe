"""What is noted beside a downloaded file: where it came from, and how to ask whether it is new."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path

from training.errors import ChecksumError


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server says about the copy of a file that it holds now.

    Attributes
    ----------
    etag
        Its ETag, as it was sent; None without one.
    last_modified
        Its Last-Modified, as it was sent; None without one.
    """

    etag: str | None = None
    last_modified: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Validators:
        """Take them from the headers of a response."""
        return cls(headers.get("ETag") or None, headers.get("Last-Modified") or None)

    @property
    def date(self) -> str | None:
        """Day of Last-Modified in UTC, as YYYY-MM-DD; None where it is not known."""
        try:
            moment = parsedate_to_datetime(self.last_modified or "")
        except ValueError:
            return None
        return moment.astimezone(UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One download.

    Attributes
    ----------
    address, sha256
        Where the file came from, and what it is.
    etag, last_modified
        What the server said of it; None where it said nothing.
    complete
        Whether it is the whole official file, where a mirror said so.
    before
        Sha256 of the file whose place it takes; None for the first. The record is written first,
        so for a moment, or after a crash, that one is there still.
    """

    address: str
    sha256: str
    etag: str | None = None
    last_modified: str | None = None
    complete: bool | None = None
    before: str | None = None

    def is_of(self, sha256: str) -> bool:
        """Whether a file with this sha256 is the one recorded, or the one whose place it takes."""
        return sha256 in (self.sha256, self.before)


def read_record(path: Path) -> FileRecord | None:
    """Read what was noted of a file; None for one that was put there by hand.

    Raises
    ------
    ChecksumError
        The record is damaged.
    """
    record = record_of(path)
    if not record.is_file():
        return None
    try:
        content = json.loads(record.read_text())
        told = {name: content.get(name) for name in ("etag", "last_modified", "complete", "before")}
        return FileRecord(str(content["address"]), str(content["sha256"]), **told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChecksumError(
            f"{record} is damaged: {error}.",
            needed="the record that was written with the download.",
            remedy=f"Remove it together with {path.name}, and fetch the file again.",
        ) from error


def write_record(path: Path, record: FileRecord) -> None:
    """Note a download beside its file; nobody reads half of it."""
    place = record_of(path)
    written = place.with_name(f"{place.name}.new")
    written.write_text(json.dumps(asdict(record)))
    written.replace(place)


def record_of(path: Path) -> Path:
    """Where the record of a file stands."""
    return path.with_name(f"{path.name}.source.json")
