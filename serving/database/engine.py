"""Opening the database, reading and writing in it, and noticing that it is away."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, text

from serving.database.address import parse_address
from serving.database.errors import (
    DatabaseAddressError,
    DatabaseAwayError,
    DatabaseUnusableError,
    away_error,
    unusable_error,
)

POOL_SIZE = 5
WAIT_SECONDS = 3.0
STATEMENT_SECONDS = 10.0
UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)
# Writers say so when they begin: SQLite cannot wait for a lock that a reader wants to upgrade to.
WRITING = {"sqlite_begin": "BEGIN IMMEDIATE"}


@dataclass(frozen=True, slots=True)
class Database:
    """The database of the service.

    Attributes
    ----------
    engine
        SQLAlchemy's engine: for migrations and for what `reading` and `writing` cannot do.
    """

    engine: Engine

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Read in one transaction.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer in time.
        """
        with translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Write in one transaction: stored when the block ends, nothing of it if it raises.

        Raises
        ------
        DatabaseAwayError
            If the database does not answer in time, or another writer holds it for too long.
        """
        with (
            translated(),
            self.engine.connect().execution_options(**WRITING) as connection,
            connection.begin(),
        ):
            yield connection

    def is_answering(self) -> bool:
        """Ask the database anything at all."""
        try:
            with self.reading() as connection:
                connection.execute(text("SELECT 1"))
        except DatabaseAwayError:
            return False
        return True

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def open_database(address: str, *, wait_seconds: float = WAIT_SECONDS) -> Database:
    """Open a database without reaching for it yet.

    Parameters
    ----------
    address
        sqlite:///path or postgresql://...; see `parse_address`.
    wait_seconds
        Longest wait for a connection, for a lock and for a free place in the pool.

    Raises
    ------
    DatabaseAddressError
        If the address is none of these, or the file of a SQLite database cannot be made.
    """
    url = parse_address(address)
    if url.get_backend_name() == "sqlite":
        _make_file(Path(str(url.database)))
        engine = create_engine(
            url, connect_args={"timeout": wait_seconds}, pool_timeout=wait_seconds
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return Database(engine)
    engine = create_engine(
        url,
        pool_size=POOL_SIZE,
        pool_timeout=wait_seconds,
        pool_pre_ping=True,
        connect_args=_postgres_arguments(wait_seconds),
    )
    event.listen(engine, "do_connect", _connect_bounded)
    return Database(engine)


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)  # hashes of keys and the audit trail are its owner's alone
    except OSError as error:
        raise DatabaseAddressError(
            f"The database {path.name} cannot be made in its folder: {error.strerror}.",
            needed="a folder that can be written.",
            remedy="name another database, or mend the rights of that folder.",
        ) from error


def _postgres_arguments(wait_seconds: float) -> dict[str, Any]:
    milliseconds = int(STATEMENT_SECONDS * 1000)
    return {
        "connect_timeout": max(2, int(wait_seconds)),  # libpq takes 2 s at least
        "tcp_user_timeout": milliseconds,  # a host that vanished is noticed
        "application_name": "cupromark",
        "options": f"-c statement_timeout={milliseconds} -c timezone=UTC",
    }


def _connect_bounded(
    dialect: object, record: object, arguments: list[Any], options: dict[str, Any]
) -> Any:
    del dialect, record
    from serving.database.postgres import BoundedConnection  # psycopg: only where it is used

    return BoundedConnection.connect(*arguments, **options)


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, DDL included
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get("sqlite_begin", "BEGIN")
    connection.exec_driver_sql(str(statement))


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a driver raises into errors of this package."""
    try:
        yield
    except exc.TimeoutError as error:
        raise away_error("all its connections are in use") from error
    except exc.DBAPIError as error:
        known = _unusable(error.orig) or _away(error)
        if known is None:
            raise
        raise known from error
    except sqlite3.Error as error:  # of a connection that was taken past SQLAlchemy
        raise (_unusable(error) or away_error(type(error).__name__)) from error


def _unusable(error: BaseException | None) -> DatabaseUnusableError | None:
    """Say what SQLite says of a file that it cannot use; None where it says something else."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # its upper bytes tell the details
    return unusable_error(str(error)) if code in UNUSABLE else None


def _away(error: exc.DBAPIError) -> DatabaseAwayError | None:
    """Say that the database is away, where that is what is the matter."""
    if isinstance(error, exc.OperationalError | exc.InterfaceError):
        # SQLite's word for a wrong statement, which no waiting mends.
        is_wrong = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
        return None if is_wrong else away_error(type(error.orig).__name__)
    return away_error("it closed the connection") if error.connection_invalidated else None
