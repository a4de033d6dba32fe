"""What the decisions in the database amount to, of all bundles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from serving.database.engine import Database
from serving.reviews.approvals import SignOff, approval_of
from serving.reviews.snapshots import BySha256
from serving.reviews.tables import review_sign_offs

# Rows may become visible out of the order of their ids: their number tells.
State = tuple[int, int]


def read_decided(
    database: Database, *, n_people: int, seen: State | None
) -> tuple[State, BySha256 | None]:
    """Read the decisions, if there are others than those that were seen.

    Parameters
    ----------
    n_people
        How many different people an approval takes.
    seen
        State of the table when it was read last; None to read it anyway.

    Returns
    -------
    tuple
        State of the table, and bundle -> drug -> approval; None where nothing has changed.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    state = select(func.count(), func.coalesce(func.max(review_sign_offs.c.id), 0))
    with database.reading() as connection:
        count, newest = connection.execute(state).one()
        if (count, newest) == seen:
            return seen, None
        rows = connection.execute(select(review_sign_offs).order_by(review_sign_offs.c.id)).all()
    return (count, newest), _amounting(rows, n_people)


def _amounting(rows: Sequence[Any], n_people: int) -> BySha256:
    decisions: dict[str, dict[str, list[SignOff]]] = {}
    for row in rows:
        of_bundle = decisions.setdefault(row.bundle_sha256, {})
        of_bundle.setdefault(row.drug, []).append(SignOff.of_row(row))
    return {
        sha256: {drug: approval_of(made, n_people=n_people) for drug, made in of_bundle.items()}
        for sha256, of_bundle in decisions.items()
    }
