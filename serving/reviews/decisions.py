"""Who decided what, when, on which figures: all histories of the desk as one list."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, Table, and_, or_, select

from serving.database.engine import Database
from serving.errors import InvalidField, InvalidRequestError
from serving.reviews.queue import Record
from serving.reviews.tables import (
    review_assignments,
    review_entries,
    review_findings,
    review_sign_offs,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
TIME_BYTES, ID_BYTES = 8, 8
SOURCES: tuple[tuple[str, Table], ...] = (
    ("judgement", review_entries),
    ("assignment", review_assignments),
    ("sign_off", review_sign_offs),
)
COLUMNS = (
    "at", "what", "said", "reviewer", "key_id", "bundle_sha256", "drug", "finding_id", "kind",
    "subject", "version", "limits", "comment", "reference", "figures_sha256",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list: time, which of `SOURCES`, number of the row."""

    at: datetime
    source: int
    row: int


def list_decisions(
    database: Database,
    *,
    bundle_sha256: str | None = None,
    drug: str | None = None,
    reviewer: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> tuple[list[Record], str | None]:
    """List judgements, assignments and sign-offs, newest first, and a cursor for the rest.

    Raises
    ------
    InvalidRequestError
        The cursor was not made here.
    """
    after = None if cursor is None else _place(cursor)
    found: list[tuple[Place, Record]] = []
    with database.reading() as connection:
        for source, (what, table) in enumerate(SOURCES):
            query = _query(table, bundle_sha256, drug, _beyond(table, source, after))
            if reviewer is not None:
                query = query.where(table.c.reviewer == reviewer)
            query = query if limit is None else query.limit(limit + 1)
            found += [
                (Place(row["at"], source, row["id"]), _record(what, row))
                for row in connection.execute(query).mappings()
            ]
    found.sort(key=lambda one: (one[0].at, one[0].source, one[0].row), reverse=True)
    kept = found if limit is None else found[:limit]
    more = len(found) > len(kept)
    return [record for _, record in kept], _cursor(kept[-1][0]) if more else None


def list_people(database: Database) -> list[str]:
    """List the names under which anything was decided."""
    with database.reading() as connection:
        named = [
            connection.execute(select(table.c.reviewer).distinct()).scalars()
            for _, table in SOURCES
        ]
        return sorted({name for names in named for name in names}, key=str.casefold)


def _query(table: Table, bundle_sha256: str | None, drug: str | None, beyond: Any) -> Select[Any]:
    if table is review_sign_offs:
        query, about = select(table), table
    else:
        columns = [review_findings.c[name] for name in ("bundle_sha256", "drug", "kind", "subject")]
        if "figures_sha256" not in table.c:
            columns.append(review_findings.c.figures_sha256)
        query = select(*table.c, *columns).join_from(table, review_findings)
        about = review_findings
    if bundle_sha256 is not None:
        query = query.where(about.c.bundle_sha256 == bundle_sha256)
    if drug is not None:
        query = query.where(about.c.drug == drug)
    if beyond is not None:
        query = query.where(beyond)
    return query.order_by(table.c.at.desc(), table.c.id.desc())


def _beyond(table: Table, source: int, after: Place | None) -> Any:
    """Rows older than a place; of the same moment those of lower source, or of lower number."""
    if after is None:
        return None
    if source != after.source:
        return table.c.at <= after.at if source < after.source else table.c.at < after.at
    same_moment = and_(table.c.at == after.at, table.c.id < after.row)
    return or_(table.c.at < after.at, same_moment)


def _record(what: str, row: Any) -> Record:
    said = {"judgement": "verdict", "assignment": "assignee", "sign_off": "decision"}[what]
    known = {**row, "at": row["at"].isoformat(), "what": what, "said": row[said]}
    return {name: known.get(name) for name in COLUMNS}


def _cursor(place: Place) -> str:
    microseconds = (place.at - EPOCH) // MICROSECOND
    packed = (
        microseconds.to_bytes(TIME_BYTES, "big")
        + bytes([place.source])
        + place.row.to_bytes(ID_BYTES, "big")
    )
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _place(cursor: str) -> Place:
    place: Place | None = None
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        microseconds = int.from_bytes(packed[:TIME_BYTES], "big")
        row = int.from_bytes(packed[TIME_BYTES + 1 :], "big")
        at = EPOCH + microseconds * MICROSECOND
        place = Place(at, packed[TIME_BYTES], row)
    except (ValueError, binascii.Error, OverflowError, IndexError):
        pass
    if place is not None and place.source < len(SOURCES) and place.row < 2**63:
        return place
    raise InvalidRequestError(
        "The cursor does not belong to this list.",
        needed="a cursor of the page before.",
        remedy="begin again without a cursor.",
        errors=[InvalidField("?cursor", "is no cursor of this list")],
    )
