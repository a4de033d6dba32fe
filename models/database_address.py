"""One way to write the address of a database of ours: a URL for SQLite or Postgres."""

from __future__ import annotations

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


class NotAnAddressError(ValueError):
    """An address that cannot be used.

    The message says how it goes on after "The address of the database": it never holds the
    address, which may hold a password.
    """


def parse_database_address(address: str) -> URL:
    """Read an address such as sqlite:///var/jobs.db or postgresql://user@host/name.

    Returns
    -------
    URL
        With the driver that we install.

    Raises
    ------
    NotAnAddressError
        It is no URL, of another kind of database, or names one that no other process can see.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError) as error:
        raise NotAnAddressError("is no URL") from error
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        raise NotAnAddressError(f"begins with {url.drivername!r}")
    if driver.startswith("sqlite") and url.database in (None, "", ":memory:"):
        raise NotAnAddressError("names a database in memory, which no other process can see")
    return url.set(drivername=driver)
