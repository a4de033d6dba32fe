"""Putting the findings of a bundle into the database, once and for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, exc, func, insert, select

from serving.access.audit_entries import AuditEntry, insert_entries
from serving.database.engine import Database
from serving.errors import NotFoundError
from serving.reviews.findings import Finding, ReviewMaterial, canonical
from serving.reviews.tables import review_bundles, review_drugs, review_findings

ROWS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ReviewedBundle:
    """A bundle whose findings are at the desk, and how many findings have which state."""

    sha256: str
    name: str
    cohort: str
    simulated: bool
    made_at: datetime
    n_drugs: int
    n_findings: dict[str, int]


def store_material(
    database: Database, material: ReviewMaterial, *, clock: Callable[[], float], stored_by: str
) -> bool:
    """Put the findings of a bundle at the desk; False when they are there already.

    What is there stays as it is, even where a later release would find something else: people
    have judged it.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer; nothing was stored then.
    """
    if _is_stored(database, material.bundle_sha256):
        return False
    try:
        with database.writing() as connection:
            _insert(connection, material, datetime.fromtimestamp(clock(), UTC))
            entry = AuditEntry(
                at=clock(),
                action="reviews.prepared",
                caller=stored_by,
                bundle_sha256=material.bundle_sha256,
                detail=f"{len(material.findings)} findings",
            )
            insert_entries(connection, [entry])
    except exc.IntegrityError:
        if _is_stored(database, material.bundle_sha256):
            return False  # another process was faster
        raise
    return True


def list_bundles(database: Database) -> tuple[ReviewedBundle, ...]:
    """List the bundles at the desk, newest first."""
    by_state = (
        select(review_findings.c.bundle_sha256, review_findings.c.state, func.count().label("n"))
        .group_by(review_findings.c.bundle_sha256, review_findings.c.state)
    )  # fmt: skip
    drugs = select(review_drugs.c.bundle_sha256, func.count().label("n")).group_by(
        review_drugs.c.bundle_sha256
    )
    newest = select(review_bundles).order_by(
        review_bundles.c.made_at.desc(), review_bundles.c.sha256
    )
    with database.reading() as connection:
        bundles = connection.execute(newest).mappings().all()
        states = connection.execute(by_state).all()
        n_drugs = {row.bundle_sha256: row.n for row in connection.execute(drugs)}
    return tuple(
        ReviewedBundle(
            **bundle,
            n_drugs=n_drugs.get(bundle["sha256"], 0),
            n_findings={
                row.state: row.n for row in states if row.bundle_sha256 == bundle["sha256"]
            },
        )
        for bundle in bundles
    )


def find_bundle(database: Database, sha256_start: str) -> str:
    """Find the one bundle at the desk whose sha256 begins like this.

    Raises
    ------
    NotFoundError
        None does, or several do.
    """
    column = review_bundles.c.sha256
    query = select(column).where(column.startswith(sha256_start, autoescape=True)).limit(2)
    with database.reading() as connection:
        found = connection.execute(query).scalars().all()
    if len(found) == 1:
        return str(found[0])
    raise NotFoundError(
        "Several bundles at the review desk have a sha256 that begins like this."
        if found
        else "No findings of this bundle are at the review desk.",
        needed="the sha256 of a bundle whose findings were put there.",
        remedy="run `cupromark reviews prepare --bundle VERSION`, or give more of the sha256.",
    )


def _is_stored(database: Database, sha256: str) -> bool:
    query = select(review_bundles.c.sha256).where(review_bundles.c.sha256 == sha256)
    with database.reading() as connection:
        return connection.execute(query).first() is not None


def _insert(connection: Connection, material: ReviewMaterial, now: datetime) -> None:
    sha256 = material.bundle_sha256
    about = {"name": material.name, "cohort": material.cohort, "simulated": material.simulated}
    connection.execute(insert(review_bundles).values(sha256=sha256, made_at=now, **about))
    drugs = [
        {
            "bundle_sha256": sha256,
            "drug": one.drug,
            "place": place,
            "status": one.status,
            "figures": canonical(one.figures),
            "figures_sha256": one.figures_sha256,
        }
        for place, one in enumerate(material.drugs)
    ]
    if drugs:
        connection.execute(insert(review_drugs), drugs)
    hashes = {one.drug: one.figures_sha256 for one in material.drugs}
    rows = [_row(one, hashes[one.drug]) for one in material.findings]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(insert(review_findings), rows[start : start + ROWS_AT_ONCE])


def _row(finding: Finding, figures_sha256: str) -> dict[str, Any]:
    return {
        "id": finding.id,
        "bundle_sha256": finding.bundle_sha256,
        "drug": finding.drug,
        "kind": finding.kind,
        "subject": finding.subject,
        "summary": finding.summary,
        "figures": canonical(finding.figures),
        "figures_sha256": figures_sha256,
        "priority": finding.priority,
        "searched": f"{finding.drug}\n{finding.subject}\n{finding.summary}".casefold(),
        "state": "open",
        "assignee": None,
        "version": 0,
    }
