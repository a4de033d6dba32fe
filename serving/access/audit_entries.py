"""One line of the audit trail, and how lines are written and read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, String, delete, insert, select

from serving.access.tables import audit_log
from serving.database.engine import Database
from serving.errors import RequestError

LONGEST = tuple(
    (column.name, column.type.length)
    for column in audit_log.columns
    if isinstance(column.type, String) and column.type.length is not None
)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, and when. It has no room for expression values or names of samples.

    Attributes
    ----------
    at
        Seconds since 1970.
    action
        `request` for an answered request; `key.created`, `key.revoked` and the like otherwise.
    key_id, caller
        Public part of the key, and its name; None where no valid key was shown.
    route
        The route's pattern, never the path with what a caller put into it.
    profiles, drugs
        How many were asked for.
    detail
        A few words, such as the name of a new key.
    """

    at: float
    action: str = "request"
    key_id: str | None = None
    caller: str | None = None
    method: str | None = None
    route: str | None = None
    status: int | None = None
    bundle_sha256: str | None = None
    bundle_version: str | None = None
    profiles: int | None = None
    drugs: int | None = None
    request_id: str | None = None
    detail: str | None = None


KEPT = timedelta(days=30)
FIELDS = attrgetter(*AuditEntry.__slots__)


def insert_entries(connection: Connection, entries: Sequence[AuditEntry]) -> None:
    """Append lines within a transaction of the caller's."""
    connection.execute(insert(audit_log), [_row(entry) for entry in entries])


def read_entries(
    database: Database,
    *,
    since: datetime | None = None,
    key_id: str | None = None,
    limit: int = 100,
) -> tuple[AuditEntry, ...]:
    """Read the latest lines, newest first.

    Parameters
    ----------
    since
        Only lines of this time and later.
    key_id
        Only lines of this key.
    limit
        Most lines.
    """
    query = select(audit_log).order_by(audit_log.c.at.desc(), audit_log.c.id.desc()).limit(limit)
    if since is not None:
        query = query.where(audit_log.c.at >= since)
    if key_id is not None:
        query = query.where(audit_log.c.key_id == key_id)
    with database.reading() as connection:
        rows = connection.execute(query).mappings().all()
    return tuple(_entry(row) for row in rows)


def prune_entries(database: Database, *, before: datetime, now: float, pruned_by: str) -> int:
    """Remove old lines, and write down who did it; gives their number.

    Parameters
    ----------
    before
        Lines of this time and later stay.
    now
        Seconds since 1970.

    Raises
    ------
    RequestError
        If lines of the last 30 days would go, which the database itself does not let go.
    """
    kept_from = datetime.fromtimestamp(now, UTC) - KEPT
    if before > kept_from:
        raise RequestError(
            "The audit trail keeps the lines of the last 30 days.",
            needed=f"a time before {kept_from:%Y-%m-%d}.",
            remedy="name an earlier time.",
        )
    with database.writing() as connection:
        removed = connection.execute(delete(audit_log).where(audit_log.c.at < before)).rowcount
        detail = f"{removed} lines before {before.isoformat()}"
        pruned = AuditEntry(at=now, action="audit.pruned", caller=pruned_by, detail=detail)
        insert_entries(connection, [pruned])
    return removed


def _row(entry: AuditEntry) -> dict[str, Any]:
    fields = dict(zip(AuditEntry.__slots__, FIELDS(entry), strict=True))
    fields["at"] = datetime.fromtimestamp(entry.at, UTC)
    for name, longest in LONGEST:  # Postgres refuses a whole batch for one text that it cannot hold
        text = fields[name]
        if text is not None and not (len(text) <= longest and text.isprintable()):
            encodable = text.encode("utf-8", "replace").decode("utf-8")
            fields[name] = encodable.replace("\0", "")[:longest]
    return fields


def _entry(row: Any) -> AuditEntry:
    fields = {name: row[name] for name in AuditEntry.__slots__}
    return AuditEntry(**fields | {"at": row["at"].timestamp()})


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    """Write a line as JSON: the time as ISO 8601, what is not known left out."""
    fields: Iterable[tuple[str, Any]] = (
        (name, getattr(entry, name)) for name in AuditEntry.__slots__ if name != "at"
    )
    at = datetime.fromtimestamp(entry.at, UTC).isoformat()
    return {"at": at, **{name: value for name, value in fields if value is not None}}
