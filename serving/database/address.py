"""The address of the database: one URL for SQLite or Postgres."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from serving.database.errors import DatabaseAddressError

DEFAULT_NAME = "serving.db"
DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


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
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise _refused("The address of the database is no URL.") from error
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        raise _refused(f"The address of the database begins with {url.drivername!r}.")
    if driver.startswith("sqlite") and url.database in (None, "", ":memory:"):
        raise _refused("The address names a database in memory, which no other process can see.")
    return url.set(drivername=driver)


def _refused(found: str) -> DatabaseAddressError:
    return DatabaseAddressError(
        found,
        needed="sqlite:///path/to/serving.db or postgresql://user:password@host:5432/name.",
        remedy="set CUPROMARK_SERVE_DATABASE_URL or --database to such an address.",
    )
