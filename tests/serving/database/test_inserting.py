"""Inserting what is missing, on both databases."""

from datetime import UTC, datetime

from sqlalchemy import select

from serving.database.inserting import insert_missing
from serving.drift.tables import drift_references

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def row(name, content):
    return {"bundle_sha256": name * 64, "content": content, "made_at": WHEN}


def test_rows_that_are_there_stay_and_the_others_come(database):
    with database.writing() as connection:
        insert_missing(connection, drift_references, [row("a", "first")])
        insert_missing(connection, drift_references, [row("a", "second"), row("b", "second")])
        insert_missing(connection, drift_references, [])
    with database.reading() as connection:
        rows = connection.execute(select(drift_references)).all()
    assert {one.bundle_sha256[0]: one.content for one in rows} == {"a": "first", "b": "second"}
