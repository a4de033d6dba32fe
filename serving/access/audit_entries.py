"""One line of the audit trail, and how lines are written and read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, delete, insert, select

from serving.access.tables import audit_log
from serving.database.engine import Database
from serving.errors import RequestError

LONGEST = tuple(
    (column.name, column.type.length)
    for column in audit_log.columns
    if isinstance(column.type, String) and column.type.length is not None
)


class AuditEntry(NamedTuple):
    """Who did what, and when. It has no room for expression values or names of samples.

    A tuple, because one is made for each request: a frozen dataclass takes three times as long.

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
LONGEST_OF = tuple(dict(LONGEST).get(name, 0) for name in AuditEntry._fields[1:])
SQLITE_ROWS = 100


def insert_entries(connection: Connection, entries: Sequence[AuditEntry]) -> None:
    """Append lines within a transaction of the caller's."""
    if connection.dialect.name != "sqlite":
        connection.execute(insert(audit_log), [_row(entry) for entry in entries])
        return
    # Requests are answered meanwhile. SQLAlchemy's way with each value takes three times as long as
    # SQLite with the row, and a statement a row would wait for the interpreter after each.
    for start in range(0, len(entries), SQLITE_ROWS):
        some = entries[start : start + SQLITE_ROWS]
        values = [value for entry in some for value in _sqlite_values(entry)]
        connection.exec_driver_sql(_sqlite_insert(len(some)), tuple(values))


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
    fields = entry._asdict()
    fields["at"] = datetime.fromtimestamp(entry.at, UTC)
    for name, longest in LONGEST:
        fields[name] = _kept(fields[name], longest)
    return fields


@lru_cache(maxsize=SQLITE_ROWS)
def _sqlite_insert(n_rows: int) -> str:
    row = f"({', '.join('?' * len(AuditEntry._fields))})"
    names = ", ".join(AuditEntry._fields)
    rows = ", ".join([row] * n_rows)
    return f"INSERT INTO audit_log ({names}) VALUES {rows}"  # noqa: S608 - names of our own


def _sqlite_values(entry: AuditEntry) -> Iterator[Any]:
    """Give the values of a line in the order of `AuditEntry`, as SQLite keeps them."""
    at, *others = entry
    yield datetime.fromtimestamp(at, UTC).isoformat(" ", timespec="microseconds")[:-6]
    for value, longest in zip(others, LONGEST_OF, strict=True):
        yield _kept(value, longest) if type(value) is str else value


def _kept(text: str | None, longest: int) -> str | None:
    """Cut what a column cannot hold: Postgres refuses a whole batch for one such text."""
    if text is None or (len(text) <= longest and text.isprintable()):
        return text
    encodable = text.encode("utf-8", "replace").decode("utf-8")
    return encodable.replace("\0", "")[:longest]


def _entry(row: Any) -> AuditEntry:
    fields = {name: row[name] for name in AuditEntry._fields}
    return AuditEntry(**fields | {"at": row["at"].timestamp()})


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    """Write a line as JSON: the time as ISO 8601, what is not known left out."""
    fields: Iterable[tuple[str, Any]] = (
        (name, getattr(entry, name)) for name in AuditEntry._fields if name != "at"
    )
    at = datetime.fromtimestamp(entry.at, UTC).isoformat()
    return {"at": at, **{name: value for name, value in fields if value is not None}}
