"""Opening the database of the jobs, reading and writing in it, and noticing that it is away."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, func, select

from models.database_address import NotAnAddressError, parse_database_address
from models.jobs.errors import BoardAway, BoardUnusable

DEFAULT_NAME = "jobs.db"
WAIT_SECONDS = 5.0
CONNECT_SECONDS = 3
STATEMENT_SECONDS = 15
POOL_SIZE = 5
POSTGRES_OPTIONS = (
    f"-c statement_timeout={STATEMENT_SECONDS * 1000} -c timezone=UTC "
    "-c idle_in_transaction_session_timeout=60000"
)
UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    }
)


def jobs_database_in(store: Path) -> str:
    """Give the address of the SQLite database of a store: `jobs.db` in its folder."""
    return f"sqlite:///{store / DEFAULT_NAME}"


def open_jobs_engine(address: str, *, pool_size: int = POOL_SIZE) -> Engine:
    """Open the database without reaching for it yet.

    Every transaction on SQLite begins as a writer: a lock that a reader wants to upgrade to cannot
    be waited for.

    Parameters
    ----------
    pool_size
        Connections that are kept to Postgres.

    Raises
    ------
    BoardUnusable
        The address is none (see `parse_database_address`), or the folder of the file cannot be
        made.
    """
    try:
        url = parse_database_address(address)
    except NotAnAddressError as error:
        raise _no_address(str(error)) from error
    if url.get_backend_name() == "sqlite":
        _make_folder(Path(str(url.database)))
        engine = create_engine(url, connect_args={"timeout": WAIT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    engine = create_engine(
        url,
        pool_size=pool_size,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": STATEMENT_SECONDS * 1000,
            "application_name": "cupromark-jobs",
            "options": POSTGRES_OPTIONS,
        },
    )
    event.listen(engine, "do_connect", _connect_postgres)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Read in one transaction; BoardAway where the database does not answer in time."""
    with translated(), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Write in one transaction: stored when the block ends, nothing of it if it raises."""
    with translated(), engine.begin() as connection:
        if is_sqlite(engine):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def is_sqlite(engine: Engine) -> bool:
    """Whether it is a SQLite file."""
    return engine.dialect.name == "sqlite"


def database_seconds(engine: Engine) -> Any:
    """Give the database's own clock in seconds since 1970: workers' clocks may differ."""
    if is_sqlite(engine):
        return (func.julianday("now") - 2_440_587.5) * 86_400.0
    return func.extract("epoch", func.clock_timestamp())


def read_database_seconds(engine: Engine, connection: Connection) -> float:
    """Read the clock of the database."""
    return float(connection.execute(select(database_seconds(engine))).scalar_one())


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a driver raises into errors of this package."""
    try:
        yield
    except exc.TimeoutError as error:
        raise _away("all its connections are in use") from error
    except exc.DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0)
        if code & 0xFF in UNUSABLE:
            raise _unusable(str(error.orig)) from error
        if not _is_away(error):
            raise
        words = str(error.orig) if code else type(error.orig).__name__
        raise _away(words) from error


def _is_away(error: exc.DBAPIError) -> bool:
    if isinstance(error, exc.OperationalError | exc.InterfaceError):
        # SQLite's word for a wrong statement, which no waiting mends.
        return getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
    return error.connection_invalidated


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _connect_postgres(
    dialect: object, record: object, arguments: list[Any], options: dict[str, Any]
) -> Any:
    """Connect; what hinders it reads "connection failed", which DBOS takes for a reason to wait.

    Of a missing socket or a host without an address psycopg says "connection is bad" and the like,
    and DBOS would fail the job.
    """
    del dialect, record
    import psycopg  # only where it is used

    try:
        return psycopg.connect(*arguments, **options)
    except psycopg.OperationalError as error:
        raise psycopg.OperationalError(f"connection failed: {error}") from error


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(f"its folder cannot be made, {error.strerror}") from error


def _away(what: str) -> BoardAway:
    return BoardAway(
        f"The database of the jobs does not answer ({what}).",
        needed="a database that answers.",
        remedy="ask again in some seconds; nothing of this call was stored.",
    )


def _unusable(words: str) -> BoardUnusable:
    return BoardUnusable(
        f"The database of the jobs cannot be used: {words}.",
        needed="a SQLite database that can be read and written, or a place for a new one.",
        remedy="mend its rights, put a backup in its place, or name another database.",
    )


def _no_address(found: str) -> BoardUnusable:
    return BoardUnusable(
        f"The address of the database of the jobs {found}.",
        needed="sqlite:///path/to/jobs.db or postgresql://user:password@host:5432/name.",
        remedy="name such an address.",
    )
