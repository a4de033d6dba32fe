"""The service's database, as commands open it."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from serving.database.engine import Database
    from serving.database.errors import DatabaseAwayError

Address = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="CUPROMARK_SERVE_DATABASE_URL",
        show_envvar=True,
        help="Address of the service's database: sqlite:///file or postgresql://user@host/name "
        "(give a password in the environment, not here); serving.db in --state when not given.",
    ),
]
State = Annotated[
    Path,
    typer.Option(
        "--state",
        envvar="CUPROMARK_SERVE_STATE",
        help="Folder of what the service keeps, with its database unless --database names one.",
    ),
]
DEFAULT_STATE = Path("var/serving")


@contextmanager
def reached_database(address: str | None, state: Path) -> Iterator[Database]:
    """Open the database as it is, whatever its tables; never with a password of an example."""
    from models.default_secrets import refuse_default_password
    from serving.database.address import database_in
    from serving.database.engine import open_database
    from serving.database.errors import DatabaseAwayError, DatabaseUnusableError

    refuse_default_password("the address of the database", address or "")
    database = open_database(address or database_in(state))
    try:
        yield database
    except DatabaseUnusableError:
        raise
    except DatabaseAwayError as error:
        raise _explained(error) from error
    finally:
        database.close()


@contextmanager
def opened_database(address: str | None, state: Path) -> Iterator[Database]:
    """Open the database with the tables of this release; SQLite's are brought up to date."""
    from serving.database.schema import prepare_database

    with reached_database(address, state) as database:
        prepare_database(database)
        yield database


def _explained(error: DatabaseAwayError) -> DatabaseAwayError:
    """Add the database's own words, which callers of the service are not told."""
    reason = getattr(error.__cause__, "orig", None)
    words = str(reason).strip().splitlines()
    return type(error)(
        f"The database of the service does not answer: {words[0]}" if words else error.found,
        needed=error.needed,
        remedy="see that it runs and that its address and password are right.",
    )


def who_runs_this() -> str:
    """Name whoever runs the command, for the audit trail."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (OSError, KeyError):
        return "command line"
