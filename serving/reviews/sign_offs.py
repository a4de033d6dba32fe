"""Signing a drug of a bundle off: approve, approve with limits, or reject."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from serving.database.engine import Database
from serving.errors import EditConflictError, NotFoundError
from serving.reviews.approvals import SignOff, approval_of
from serving.reviews.queue import Record
from serving.reviews.reviewers import Reviewer
from serving.reviews.tables import review_drugs, review_findings, review_sign_offs
from serving.reviews.words import Decision


@dataclass(frozen=True, slots=True)
class NewSignOff:
    """A decision about a drug of a bundle.

    Attributes
    ----------
    limits
        Shown with every prediction of the drug; empty unless it is approved with limits.
    figures_sha256
        Hash of the figures that were decided on.
    """

    bundle_sha256: str
    drug: str
    decision: Decision
    limits: str
    comment: str
    figures_sha256: str


def sign_off(
    database: Database,
    new: NewSignOff,
    *,
    seen_version: int,
    reviewer: Reviewer,
    now: datetime,
    n_people: int,
) -> Record:
    """Write a decision down; gives the drug as `list_drugs` does.

    Parameters
    ----------
    seen_version
        How many decisions about the drug there were when this one was made.
    n_people
        How many different people an approval takes.

    Raises
    ------
    EditConflictError
        Somebody decided since, or the figures are not those of the drug.
    NotFoundError
        No findings of the bundle are at the desk, or it knows no such drug.
    DatabaseAwayError
        If the database does not answer; nothing was written then.
    """
    with database.writing() as connection:
        drug = _locked(connection, new.bundle_sha256, new.drug)
        decisions = _sign_offs(connection, new.bundle_sha256, new.drug).get(new.drug, ())
        if len(decisions) != seen_version:
            raise _conflict(decisions, len(decisions))
        if drug.figures_sha256 != new.figures_sha256:
            raise _other_figures(drug.figures_sha256)
        row = {name: getattr(new, name) for name in NewSignOff.__slots__}
        signed = {"reviewer": reviewer.name, "key_id": reviewer.key_id, "at": now}
        connection.execute(insert(review_sign_offs).values(**row, **signed))
        return _drugs(connection, new.bundle_sha256, new.drug, n_people)[0]


def list_drugs(
    database: Database, bundle_sha256: str, *, n_people: int, drug: str | None = None
) -> list[Record]:
    """List the drugs of a bundle: figures, approval, decisions, and findings by state.

    Raises
    ------
    NotFoundError
        No findings of the bundle are at the desk, or it knows no such drug.
    """
    with database.reading() as connection:
        found = _drugs(connection, bundle_sha256, drug, n_people)
    if not found:
        raise _unknown()
    return found


def _locked(connection: Connection, bundle_sha256: str, drug: str) -> Row[Any]:
    """Read a drug; of two who decide at the same moment the second waits here (Postgres)."""
    query = select(review_drugs).where(
        review_drugs.c.bundle_sha256 == bundle_sha256, review_drugs.c.drug == drug
    )
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        raise _unknown()
    return row


def _drugs(
    connection: Connection, bundle_sha256: str, drug: str | None, n_people: int
) -> list[Record]:
    query = (
        select(review_drugs)
        .where(review_drugs.c.bundle_sha256 == bundle_sha256)
        .order_by(review_drugs.c.place)
    )
    if drug is not None:
        query = query.where(review_drugs.c.drug == drug)
    decisions = _sign_offs(connection, bundle_sha256, drug)
    states = _states(connection, bundle_sha256)
    return [
        {
            "bundle_sha256": bundle_sha256,
            "drug": row.drug,
            "status": row.status,
            "figures": json.loads(row.figures),
            "figures_sha256": row.figures_sha256,
            "findings": states.get(row.drug, {}),
            "approval": approval_of(decisions.get(row.drug, ()), n_people=n_people).to_json(),
            "version": len(decisions.get(row.drug, ())),
            "sign_offs": [one.to_json() for one in decisions.get(row.drug, ())],
        }
        for row in connection.execute(query)
    ]


def _sign_offs(
    connection: Connection, bundle_sha256: str, drug: str | None
) -> dict[str, tuple[SignOff, ...]]:
    table = review_sign_offs
    query = select(table).where(table.c.bundle_sha256 == bundle_sha256).order_by(table.c.id)
    if drug is not None:
        query = query.where(table.c.drug == drug)
    listed: dict[str, list[SignOff]] = {}
    for row in connection.execute(query):
        listed.setdefault(row.drug, []).append(SignOff.of_row(row))
    return {name: tuple(of_drug) for name, of_drug in listed.items()}


def _states(connection: Connection, bundle_sha256: str) -> dict[str, dict[str, int]]:
    columns = review_findings.c
    query = (
        select(columns.drug, columns.state, func.count().label("n"))
        .where(columns.bundle_sha256 == bundle_sha256)
        .group_by(columns.drug, columns.state)
    )
    counted: dict[str, dict[str, int]] = {}
    for drug, state, n_findings in connection.execute(query):
        counted.setdefault(drug, {})[state] = n_findings
    return counted


def _conflict(decisions: tuple[SignOff, ...], version: int) -> EditConflictError:
    return EditConflictError(
        "Somebody else decided about this drug since you read it.",
        needed=f'If-Match: "{version}", the number of decisions that there are now.',
        remedy="read what the other one decided (in `standing`), then decide again.",
        standing=decisions[-1].to_json() if decisions else {"version": version},
    )


def _other_figures(figures_sha256: str) -> EditConflictError:
    return EditConflictError(
        "The decision names other figures than those of this drug.",
        needed="the figures_sha256 of the drug, as /v1/reviews/sign-offs lists it.",
        remedy="read the drug's figures, then decide.",
        standing={"figures_sha256": figures_sha256},
    )


def _unknown() -> NotFoundError:
    return NotFoundError(
        "No findings of this bundle, or of this drug of it, are at the review desk.",
        needed="a bundle whose findings were put there, and one of its drugs.",
        remedy="run `cupromark reviews prepare --bundle VERSION`.",
    )
