"""What was said about a finding: judgements and assignments, one numbered history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from serving.database.engine import Database
from serving.errors import NotFoundError
from serving.reviews.queue import SHOWN, Record, record_of
from serving.reviews.tables import review_assignments, review_entries, review_findings


def read_finding(database: Database, finding_id: str) -> Record:
    """Give a finding with its history, oldest first.

    Raises
    ------
    NotFoundError
        There is no such finding.
    DatabaseAwayError
        If the database does not answer.
    """
    with database.reading() as connection:
        return finding_with_history(connection, finding_id)


def finding_with_history(connection: Connection, finding_id: str) -> Record:
    """Do the same within a transaction."""
    query = select(*SHOWN).where(review_findings.c.id == finding_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(
            "There is no such finding.",
            needed="the id of a finding.",
            remedy="look it up at /v1/reviews/findings.",
        )
    return {**record_of(row), "history": history_of(connection, finding_id)}


def history_of(connection: Connection, finding_id: str) -> list[Record]:
    """List the judgements and assignments of a finding, oldest first."""
    said = []
    for what, table in (("judgement", review_entries), ("assignment", review_assignments)):
        query = select(table).where(table.c.finding_id == finding_id)
        said += [_record(what, row) for row in connection.execute(query).mappings()]
    return sorted(said, key=lambda record: int(record["version"]))


def standing_judgements(history: list[Record]) -> list[Record]:
    """List the judgements that nobody took back, the latest last."""
    standing: list[Record] = []
    for record in history:
        if record["what"] != "judgement":
            continue
        if record["verdict"] == "withdrawn":
            standing = [one for one in standing if one["version"] != record["withdraws"]]
        else:
            standing.append(record)
    return standing


def _record(what: str, row: Any) -> Record:
    kept = {str(name): value for name, value in row.items() if name not in ("id", "finding_id")}
    return {"what": what, **kept, "at": row["at"].isoformat()}
