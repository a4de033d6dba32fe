"""The tables: which revision they have, bringing them up to date, and refusing others."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, inspect, text

from serving.database.engine import Database, translated
from serving.database.errors import SchemaError, unusable_error

MIGRATIONS = Path(__file__).with_name("migrations")
POSTGRES_LOCK = 0x6375_7072  # "cupr": the number of the advisory lock that upgraders take


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Where the tables stand.

    Attributes
    ----------
    revision
        Revision of the tables; None for an empty database.
    newest
        Revision that this release needs.
    state
        `newer` means that a later release has been at work.
    """

    revision: str | None
    newest: str
    state: Literal["empty", "older", "current", "newer"]


def known_revisions() -> tuple[str, ...]:
    """List the revisions of this release, oldest first, without importing Alembic."""
    names = (path.stem for path in (MIGRATIONS / "versions").glob("r[0-9][0-9][0-9][0-9]_*.py"))
    return tuple(sorted(name[1:5] for name in names))


def schema_state(database: Database) -> SchemaState:
    """Read which revision the tables have.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer.
    """
    with database.reading() as connection:
        revision = _revision(connection)
    known = known_revisions()
    if revision is None:
        return SchemaState(None, known[-1], "empty")
    if revision not in known:
        return SchemaState(revision, known[-1], "newer")
    return SchemaState(revision, known[-1], "current" if revision == known[-1] else "older")


def upgrade_database(database: Database) -> SchemaState:
    """Bring the tables up to date, all changes in one transaction, one process at a time.

    Raises
    ------
    SchemaError
        If a later release has changed the tables.
    DatabaseAwayError
        If the database does not answer.
    """
    with _file_lock(database):
        if database.is_sqlite:
            _turn_wal_on(database)
        state = schema_state(database)
        if state.state == "newer":
            raise schema_error(state)
        if state.state != "current":
            with database.writing() as connection:
                _run_migrations(connection)
    return schema_state(database)


def prepare_database(database: Database, *, upgrade: bool | None = None) -> None:
    """Make sure at start that the tables are those of this release.

    Parameters
    ----------
    upgrade
        Whether tables that are older are brought up to date; by default on SQLite only, since
        other processes of an older release may be at work on a Postgres.

    Raises
    ------
    SchemaError
        If the tables are older and stay so, or newer.
    DatabaseAwayError
        If the database does not answer.
    """
    may_upgrade = database.is_sqlite if upgrade is None else upgrade
    state = upgrade_database(database) if may_upgrade else schema_state(database)
    if state.state != "current":
        raise schema_error(state)


def schema_error(state: SchemaState) -> SchemaError:
    """Say how the tables differ from what this release needs, and what to do."""
    newer = state.state == "newer"
    return SchemaError(
        f"The tables of the database have revision {state.revision or 'none'}.",
        needed=f"revision {state.newest}, which this release of cupromark works with.",
        remedy="a later release has changed them: start that release, or name another database."
        if newer
        else "make a backup, then run `cupromark database upgrade`.",
    )


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run_migrations(connection: Connection) -> None:
    # Alembic takes 10 MB: a process that finds its tables up to date does without.
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:number)")
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.connection.driver_connection.answer_seconds = None  # type: ignore[union-attr]
        connection.execute(lock, {"number": POSTGRES_LOCK})
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    command.upgrade(configuration, "head")


def _turn_wal_on(database: Database) -> None:
    """Let readers read while one writes; the file remembers it."""
    with translated(), closing(database.engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA journal_mode=WAL")


@contextmanager
def _file_lock(database: Database) -> Iterator[None]:
    if not database.is_sqlite:
        yield
        return
    path = Path(f"{database.engine.url.database}.upgrading")
    try:
        lock = path.open("w")
    except OSError as error:
        raise unusable_error(f"its folder cannot be written, {error.strerror}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
