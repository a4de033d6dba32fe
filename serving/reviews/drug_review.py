"""What a decision about a drug rests on: its figures, its findings, and what was said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from serving.database.engine import Database
from serving.reviews.histories import standing_judgements
from serving.reviews.queue import Record
from serving.reviews.sign_offs import list_drugs
from serving.reviews.tables import review_entries, review_findings

SHOWN = ("id", "kind", "subject", "summary", "state", "assignee")


@dataclass(frozen=True, slots=True)
class DrugReview:
    """A drug of a bundle as those who sign it off see it.

    Attributes
    ----------
    drug
        As `list_drugs` gives it.
    findings
        The most pressing first, each with `judgement`: the latest one that nobody took back, or
        None.
    """

    drug: Record
    findings: tuple[Record, ...]


def read_drug_review(
    database: Database, bundle_sha256: str, drug: str, *, n_people: int
) -> DrugReview:
    """Read what a decision about a drug rests on.

    Parameters
    ----------
    n_people
        How many different people an approval takes.

    Raises
    ------
    NotFoundError
        No findings of the bundle are at the desk, or it knows no such drug.
    DatabaseAwayError
        If the database does not answer.
    """
    listed = list_drugs(database, bundle_sha256, n_people=n_people, drug=drug)[0]
    with database.reading() as connection:
        findings = _findings(connection, bundle_sha256, drug)
        said = _judgements(connection, bundle_sha256, drug)
    shown = []
    for row in findings:
        standing = standing_judgements(said.get(row.id, []))
        judgement = standing[-1] if standing else None
        shown.append({name: getattr(row, name) for name in SHOWN} | {"judgement": judgement})
    return DrugReview(listed, tuple(shown))


def _findings(connection: Connection, bundle_sha256: str, drug: str) -> Sequence[Row[Any]]:
    columns = review_findings.c
    query = (
        select(*(columns[name] for name in SHOWN))
        .where(columns.bundle_sha256 == bundle_sha256, columns.drug == drug)
        .order_by(columns.priority, columns.id)
    )
    return connection.execute(query).all()


def _judgements(connection: Connection, bundle_sha256: str, drug: str) -> dict[str, list[Record]]:
    query = (
        select(review_entries)
        .join(review_findings)
        .where(review_findings.c.bundle_sha256 == bundle_sha256, review_findings.c.drug == drug)
        .order_by(review_entries.c.finding_id, review_entries.c.version)
    )
    said: dict[str, list[Record]] = {}
    for row in connection.execute(query).mappings():
        record = {"what": "judgement", **{str(name): value for name, value in row.items()}}
        said.setdefault(row["finding_id"], []).append(record)
    return said
