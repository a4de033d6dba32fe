"""What is known about a key: everything but the key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row

from serving.access.callers import Caller, Scope, held_scopes, seconds_of


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known about a key, which is everything but the key.

    Attributes
    ----------
    state
        As of the moment of reading.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    rate_per_minute: int | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    state: Literal["valid", "expired", "revoked"]


def record_json(record: KeyRecord) -> dict[str, Any]:
    """Write a record as JSON: times as ISO 8601."""
    fields = {name: getattr(record, name) for name in KeyRecord.__slots__}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in fields.items()
    }


def record_of(row: Row[tuple[object, ...]], now: datetime) -> KeyRecord:
    """Read a row of the table of keys, as things are now."""
    fields: dict[str, Any] = {name: getattr(row, name, None) for name in KeyRecord.__slots__}
    fields["scopes"] = tuple(Scope(word) for word in row.scopes.split())
    is_expired = row.expires_at is not None and row.expires_at <= now
    fields["state"] = "revoked" if row.revoked_at else "expired" if is_expired else "valid"
    return KeyRecord(**fields)


def caller_of(row: Row[tuple[object, ...]]) -> Caller:
    """Read whom the key of a row lets in."""
    return Caller(
        key_id=row.id,
        name=row.name,
        scopes=held_scopes([Scope(word) for word in row.scopes.split()]),
        expires_at=seconds_of(row.expires_at),
        rate_per_minute=row.rate_per_minute,
    )
