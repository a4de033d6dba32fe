"""The whole queue of a bundle in few bytes: columns, and words by their place in a list.

A page that holds it filters and scrolls tens of thousands of findings without asking again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from serving.database.engine import Database
from serving.errors import NotFoundError
from serving.reviews.queue import Record
from serving.reviews.tables import review_bundles, review_findings
from serving.reviews.words import KINDS, STATES

PLAIN = ("id", "subject", "summary")


def whole_queue(database: Database, bundle_sha256: str, *, seen: int | None = None) -> Record:
    """Give all findings of a bundle, the most pressing first.

    Parameters
    ----------
    seen
        `version` of the queue that the caller holds: what has not changed is not given again.

    Returns
    -------
    dict
        `bundle`; `version`, which grows with every entry; `findings`, None where nothing changed,
        else a list a column. Words that recur are places in `kinds`, `states`, `drugs` and
        `people`.

    Raises
    ------
    NotFoundError
        No findings of the bundle are at the desk.
    DatabaseAwayError
        If the database does not answer.
    """
    columns = review_findings.c
    of_bundle = columns.bundle_sha256 == bundle_sha256
    with database.reading() as connection:
        bundle = _bundle(connection, bundle_sha256)
        versions = select(func.coalesce(func.sum(columns.version), 0)).where(of_bundle)
        version = int(connection.execute(versions).scalar_one())
        if version == seen:
            return {"bundle": bundle, "version": version, "findings": None}
        query = (
            select(columns.id, columns.drug, columns.kind, columns.subject, columns.summary,
                   columns.state, columns.assignee)
            .where(of_bundle)
            .order_by(columns.priority, columns.id)
        )  # fmt: skip
        rows = connection.execute(query).all()
    return {"bundle": bundle, "version": version, **_in_columns(rows)}


def _bundle(connection: Connection, sha256: str) -> Record:
    row = connection.execute(
        select(review_bundles).where(review_bundles.c.sha256 == sha256)
    ).first()
    if row is None:
        raise NotFoundError(
            "No findings of this bundle are at the review desk.",
            needed="the sha256 of a bundle whose findings were put there.",
            remedy="run `cupromark reviews prepare --bundle VERSION`.",
        )
    return {name: getattr(row, name) for name in ("sha256", "name", "cohort", "simulated")}


def _in_columns(rows: Any) -> Record:
    drugs, people = _Places(), _Places()
    kinds = {kind: place for place, kind in enumerate(KINDS)}
    states = {state: place for place, state in enumerate(STATES)}
    findings: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in PLAIN}
    findings["drug"] = [drugs.of(row.drug) for row in rows]
    findings["kind"] = [kinds[row.kind] for row in rows]
    findings["state"] = [states[row.state] for row in rows]
    findings["assignee"] = [people.of(row.assignee) for row in rows]
    return {
        "kinds": KINDS,
        "states": STATES,
        "drugs": drugs.names,
        "people": people.names,
        "findings": findings,
    }


class _Places:
    """Gives each name a place, in the order in which they come; None stays None."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._known: dict[str, int] = {}

    def of(self, name: str | None) -> int | None:
        if name is None:
            return None
        if name not in self._known:
            self._known[name] = len(self.names)
            self.names.append(name)
        return self._known[name]
