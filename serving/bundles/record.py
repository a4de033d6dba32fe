"""What was served last, written beside the cache, so that a restart needs neither store nor child.

Only a bundle that was proved in a child process is recorded, with the version of the code that
proved it: after an upgrade the child proves it again, while it answers already.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from models.manifest import SHA256
from serving.bundles.choice import StoreAddress, StoreChoice

PREFIX = "served-"


@dataclass(frozen=True, slots=True)
class ServedRecord:
    """A bundle of the cache that was proved and served.

    Attributes
    ----------
    store_id
        Of the store that it came from.
    version, sha256
        Which bundle.
    proved_by
        Version of the code that reproduced its golden answers in a child process.
    """

    store_id: str
    version: str
    sha256: str
    proved_by: str


def record_path(address: StoreAddress, choice: StoreChoice) -> Path:
    """File of the record: one for each thing that can be served from the same cache."""
    return address.cache / f"{PREFIX}{choice.version_or_alias}.json"


def read_records(cache: Path) -> list[ServedRecord | None]:
    """Read the records of all that was served from a cache; None for one that cannot be read."""
    return [read_record(path) for path in sorted(cache.glob(f"{PREFIX}*.json"))]


def write_record(path: Path, record: ServedRecord) -> None:
    """Write it whole or not at all; OSError when it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex}.partial")
    try:
        with partial.open("x", encoding="utf-8") as file:
            json.dump(asdict(record), file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read_record(path: Path) -> ServedRecord | None:
    """Record of the last bundle; None when there is none, or what is there is not one."""
    try:
        record = ServedRecord(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    fields = asdict(record).values()
    if not all(isinstance(value, str) for value in fields) or not SHA256.fullmatch(record.sha256):
        return None
    return record
