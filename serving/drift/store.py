"""Counts of drift in the database: added to, read, and forgotten when they are old."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from models.drift.counts import NUMBERS, DriftCounts
from models.drift.reference import DriftReference
from models.drift.report import Counted
from serving.database.engine import Database
from serving.database.inserting import insert_missing
from serving.drift.tables import drift_counts, drift_references
from serving.errors import NotFoundError


def add_counts(
    database: Database, reference: DriftReference, caller: str, counts: DriftCounts, now: datetime
) -> None:
    """Add counts to those of the caller and the day, whoever else adds to them just now.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer; nothing was added.
    """
    sha256, day = reference.bundle_sha256, now.date()
    key = {"bundle_sha256": sha256, "caller": caller[:200], "day": day}
    nothing = DriftCounts.none(len(reference.genes))
    with database.writing() as connection:
        content = json.dumps(reference.to_json())
        about = {"bundle_sha256": sha256, "content": content, "made_at": now}
        insert_missing(connection, drift_references, [about])
        row = {**key, "counts": nothing.to_bytes(), **nothing.numbers()}
        insert_missing(connection, drift_counts, [row])
        of_key = [drift_counts.c[name] == value for name, value in key.items()]
        found = connection.execute(select(drift_counts).where(*of_key).with_for_update()).one()
        summed = counts_of(found) + counts
        values = {"counts": summed.to_bytes(), **summed.numbers()}
        connection.execute(update(drift_counts).where(*of_key).values(values))


def read_counts(
    database: Database, bundle_sha256: str, *, since: date, until: date
) -> list[Counted]:
    """Read the counts of a bundle, from one day to another, both included.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    DriftError
        A row is damaged.
    """
    chosen = (
        select(drift_counts)
        .where(drift_counts.c.bundle_sha256 == bundle_sha256)
        .where(drift_counts.c.day.between(since, until))
        .order_by(drift_counts.c.day, drift_counts.c.caller)
    )
    with database.reading() as connection:
        rows = connection.execute(chosen).all()
    return [Counted(row.caller, row.day, counts_of(row)) for row in rows]


def read_reference(database: Database, bundle_sha256: str) -> DriftReference:
    """Read what the counts of a bundle are held against.

    Raises
    ------
    NotFoundError
        Nothing was counted of the bundle.
    """
    chosen = select(drift_references.c.content).where(
        drift_references.c.bundle_sha256 == bundle_sha256
    )
    with database.reading() as connection:
        content = connection.execute(chosen).scalar()
    if content is None:
        raise NotFoundError(
            "Nothing was counted of such a bundle.",
            needed="the sha256 of a bundle that answered enough profiles.",
            remedy="leave the bundle out for the one that answered last.",
        )
    return DriftReference.from_json(json.loads(content))


def list_bundles(database: Database) -> list[str]:
    """List the sha256 of the bundles that were counted, the one counted last first."""
    counts, references = drift_counts.c, drift_references.c
    chosen = (
        select(counts.bundle_sha256)
        .join(drift_references, references.bundle_sha256 == counts.bundle_sha256)
        .group_by(counts.bundle_sha256)
        .order_by(func.max(counts.day).desc(), func.max(references.made_at).desc())
    )
    with database.reading() as connection:
        return [str(one) for one in connection.execute(chosen).scalars()]


def forget_counts(database: Database, *, before: date) -> int:
    """Delete the counts of days before a day, and bundles of which none are left; how many rows."""
    with database.writing() as connection:
        deleted = connection.execute(delete(drift_counts).where(drift_counts.c.day < before))
        kept = select(drift_counts.c.bundle_sha256).distinct()
        orphans = drift_references.c.bundle_sha256.not_in(kept)
        connection.execute(delete(drift_references).where(orphans))
    return int(deleted.rowcount)


def counts_of(row: Any) -> DriftCounts:
    """Read the counts of a row."""
    return DriftCounts.from_bytes(row.counts, **{name: getattr(row, name) for name in NUMBERS})
