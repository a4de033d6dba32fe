"""Errors of the database.

::

    ServingError
    ├── SchemaError               the tables are older or newer than this release
    ├── DatabaseAddressError      an address that names no database of a kind that is taken
    └── NotReadyError
        └── DatabaseAwayError     the database does not answer, or not in time: ask again later
            └── DatabaseUnusableError  its file is damaged, or no database: waiting mends nothing
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


class DatabaseUnusableError(DatabaseAwayError):
    """The file of the database cannot be used as it is: the service must not start with it."""


def unusable_error(words: str) -> DatabaseUnusableError:
    """Say what is wrong with the file of a database, in SQLite's words, which name no path."""
    return DatabaseUnusableError(
        f"The file of the database cannot be used: {words}.",
        needed="a SQLite database that can be read and written, or a place for a new one.",
        remedy="mend its rights, put a backup in its place, or name another database.",
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )


def away_error(what: str) -> DatabaseAwayError:
    """Say that the database is away, without its address, which may hold a password."""
    return DatabaseAwayError(
        f"The database of the service does not answer ({what}).",
        needed="a database that answers.",
        remedy="ask again after the time in Retry-After; nothing of this request was stored.",
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )
