"""The address of the database: one URL for SQLite or Postgres."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL

from models.database_address import NotAnAddressError, parse_database_address
from serving.database.errors import DatabaseAddressError

DEFAULT_NAME = "serving.db"


def database_in(store: Path) -> str:
    """Give the address of the SQLite database of a store: `serving.db` in its folder."""
    return f"sqlite:///{store / DEFAULT_NAME}"


def parse_address(address: str) -> URL:
    """Read an address such as sqlite:///var/serving.db or postgresql://user@host/name.

    Raises
    ------
    DatabaseAddressError
        If it is no URL, or names another kind of database. The message never holds the address,
        which may hold a password.
    """
    try:
        return parse_database_address(address)
    except NotAnAddressError as error:
        raise _refused(f"The address of the database {error}.") from error


def _refused(found: str) -> DatabaseAddressError:
    return DatabaseAddressError(
        found,
        needed="sqlite:///path/to/serving.db or postgresql://user:password@host:5432/name.",
        remedy="set CUPROMARK_SERVE_DATABASE_URL or --database to such an address.",
    )
