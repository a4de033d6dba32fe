"""Inserting of rows that another process may be inserting just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table


def insert_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose keys are not there yet; those that are there stay as they are.

    Parameters
    ----------
    rows
        Each with the same columns; without any, nothing is done.
    """
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        connection.execute(postgres_insert(table).on_conflict_do_nothing(), rows)
        return
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    connection.execute(sqlite_insert(table).on_conflict_do_nothing(), rows)
