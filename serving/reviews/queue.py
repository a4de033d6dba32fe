"""The queue of findings: filtered by the database, page by page along an index."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from serving.database.engine import Database
from serving.errors import InvalidField, InvalidRequestError
from serving.reviews.tables import review_findings

PRIORITY_BYTES, ID_BYTES, DIGEST_BYTES = 4, 16, 7
Record = dict[str, Any]
SHOWN = tuple(column for column in review_findings.c if column.name != "searched")
UNASSIGNED = "nobody"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which findings; None and empty for any.

    Attributes
    ----------
    kinds, states
        Any of these.
    assignee
        Name; "nobody" for findings that are not assigned.
    search
        Part of the drug's name, the subject or the sentence, whatever its case.
    """

    bundle_sha256: str | None = None
    drug: str | None = None
    kinds: Sequence[str] = ()
    states: Sequence[str] = ()
    assignee: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the queue.

    Attributes
    ----------
    total
        Findings on all pages.
    next_cursor
        Asks for the page after this one; None on the last page.
    """

    findings: tuple[Record, ...]
    total: int
    next_cursor: str | None


def list_findings(
    database: Database, filters: Filters, *, limit: int, cursor: str | None = None
) -> QueuePage:
    """List findings, the most pressing first.

    Raises
    ------
    InvalidRequestError
        The cursor is not one of this list.
    DatabaseAwayError
        If the database does not answer.
    """
    conditions = _conditions(filters)
    query = queue_query(filters, limit=limit + 1, after=_place(cursor, filters))
    with database.reading() as connection:
        rows = connection.execute(query).mappings().all()
        count = select(func.count()).select_from(review_findings).where(*conditions)
        total = connection.execute(count).scalar_one()
    findings = tuple(record_of(row) for row in rows[:limit])
    more = len(rows) > limit
    return QueuePage(findings, total, _cursor(findings[-1], filters) if more else None)


def queue_query(
    filters: Filters, *, limit: int, after: tuple[int, str] | None = None
) -> Select[Any]:
    """Ask for findings behind a place of the queue: (priority, id) of the last one that is known.

    The first page and the last one cost the same: no row before the place is read.
    """
    place = (review_findings.c.priority, review_findings.c.id)
    query = select(*SHOWN).where(*_conditions(filters)).order_by(*place).limit(limit)
    return query if after is None else query.where(tuple_(*place) > after)


def record_of(row: Any) -> Record:
    """Give a finding as JSON."""
    # SQLAlchemy's names are a kind of text of its own, which orjson does not write.
    return {str(name): value for name, value in row.items()} | {
        "figures": json.loads(row["figures"])
    }


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    columns = review_findings.c
    conditions: list[ColumnElement[bool]] = []
    if filters.bundle_sha256 is not None:
        conditions.append(columns.bundle_sha256 == filters.bundle_sha256)
    if filters.drug is not None:
        conditions.append(columns.drug == filters.drug)
    for column, words in ((columns.kind, filters.kinds), (columns.state, filters.states)):
        if len(words) == 1:
            conditions.append(column == words[0])
        elif words:
            conditions.append(column.in_(words))
    if filters.assignee is not None:
        nobody = filters.assignee == UNASSIGNED
        conditions.append(
            columns.assignee.is_(None) if nobody else columns.assignee == filters.assignee
        )
    if filters.search is not None:
        conditions.append(columns.searched.contains(filters.search.casefold(), autoescape=True))
    return conditions


def _cursor(last: Record, filters: Filters) -> str:
    place = last["priority"].to_bytes(PRIORITY_BYTES, "big") + bytes.fromhex(last["id"])
    digest = hashlib.blake2b(place + repr(filters).encode(), digest_size=DIGEST_BYTES).digest()
    return base64.urlsafe_b64encode(place + digest).decode()


def _place(cursor: str | None, filters: Filters) -> tuple[int, str] | None:
    if cursor is None:
        return None
    try:
        place = base64.urlsafe_b64decode(cursor.encode())[: PRIORITY_BYTES + ID_BYTES]
    except (ValueError, binascii.Error):
        place = b""
    if len(place) == PRIORITY_BYTES + ID_BYTES:
        priority = int.from_bytes(place[:PRIORITY_BYTES], "big")
        finding_id = place[PRIORITY_BYTES:].hex()
        # Nobody gains by forging one, so its digest has no key; Postgres holds no larger number.
        known = _cursor({"priority": priority, "id": finding_id}, filters) == cursor
        if known and priority < 2**31:
            return priority, finding_id
    raise InvalidRequestError(
        "The cursor does not belong to this list.",
        needed="a cursor of the page before, with the same filters.",
        remedy="begin again without a cursor.",
        errors=[InvalidField("?cursor", "is no cursor of this list")],
    )
