"""Errors of the database.

::

    ServingError
    ├── SchemaError               the tables are older or newer than this release
    ├── DatabaseAddressError      an address that names no database of a kind that is taken
    └── NotReadyError
        └── DatabaseAwayError     the database does not answer, or not in time: ask again later
"""

from __future__ import annotations

from serving.errors import NotReadyError, ServingError

RETRY_AFTER_SECONDS = 5.0


class SchemaError(ServingError):
    """The tables of the database are older or newer than this release of cupromark."""


class DatabaseAddressError(ServingError):
    """An address that names no SQLite or Postgres database."""


class DatabaseAwayError(NotReadyError):
    """The database does not answer; nothing that was to be written has been written."""


def away_error(what: str) -> DatabaseAwayError:
    """Say that the database is away, without its address, which may hold a password."""
    return DatabaseAwayError(
        f"The database of the service does not answer ({what}).",
        needed="a database that answers.",
        remedy="ask again after the time in Retry-After; nothing of this request was stored.",
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )
