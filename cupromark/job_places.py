"""Where jobs are, as commands are told it: in a database, or behind a running service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.options import UsageError

if TYPE_CHECKING:
    from cupromark.client import Client
    from models.jobs.board import JobBoard

UNAUTHENTICATED = 401
HERE, BEHIND_A_SERVICE = ("database", "store"), "url"


def _one_place(
    context: typer.Context, parameter: typer.CallbackParam, value: str | None
) -> str | None:
    """Let a typed place go before CUPROMARK_URL; UsageError for two that contradict."""
    typed = {name for name in (*HERE, BEHIND_A_SERVICE) if _is_typed(context, name)}
    if typed > {BEHIND_A_SERVICE}:
        raise UsageError(
            "Two places of jobs are named: a service with --url, and a database or store here.",
            needed="one of them.",
            remedy="leave out --url for the jobs here; leave out --database and --store for those "
            "of the service.",
        )
    is_overruled = bool(typed) and BEHIND_A_SERVICE not in typed
    return None if parameter.name == BEHIND_A_SERVICE and is_overruled else value


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        callback=_one_place,
        envvar=["CUPROMARK_WORKER_DATABASE_URL", "CUPROMARK_SERVE_JOBS_DATABASE_URL"],
        show_envvar=True,
        help="Database of the jobs: sqlite:///file or postgresql://user@host/name (give a "
        "password in the environment, not here); jobs.db in the store's folder when not given.",
    ),
]
StoreFolder = Annotated[
    str,
    typer.Option(
        "--store",
        callback=_one_place,
        envvar="CUPROMARK_STORE",
        help="Folder of the local store, for its jobs.db.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        callback=_one_place,
        envvar="CUPROMARK_URL",
        show_envvar=True,
        help="Ask a running service instead, such as http://127.0.0.1:8000; its API key comes from "
        "the variable CUPROMARK_API_KEY. With --database or --store the variable does not count.",
    ),
]
Key = Annotated[str | None, typer.Option(envvar="CUPROMARK_API_KEY", hidden=True, help="API key.")]


def named(name: str) -> str:
    """Give back the id or name that a command was called with; UsageError for an empty one."""
    if name:
        return name
    raise UsageError(
        "The name that is given is empty.",
        needed="the id of a job, or the name of a schedule.",
        remedy="see `cupromark jobs list` and `cupromark schedules list`.",
    )


@contextmanager
def opened_service(url: str, key: str | None) -> Iterator[Client]:
    """Open the way to a service; what it has against a request is told as commands need it."""
    from cupromark.client import Client, ServiceError

    try:
        with Client(url, api_key=key) as client:
            yield client
    except ServiceError as error:
        if error.status == UNAUTHENTICATED:
            error.remedy = "put a key of this service into the variable CUPROMARK_API_KEY."
        elif error.errors:
            places = (f"{one['pointer']}: {one['message']}" for one in error.errors)
            error.found = f"{error.found} {'; '.join(places)}"
        raise


@contextmanager
def opened_board(
    database: str | None, store: str, *, may_be_new: bool = False
) -> Iterator[JobBoard]:
    """Open the database of jobs that the options name.

    Parameters
    ----------
    may_be_new
        Whether a file that is not there is made; else it is taken for a mistake of the place.

    Raises
    ------
    BoardUnusable, BoardAway
        There is no such database, or it does not answer.
    """
    from models.jobs.board import JobBoard

    address = database or _database_in(store)
    if not may_be_new:
        _refuse_missing(address)
    board = JobBoard(address)
    try:
        board.start()
        yield board
    finally:
        board.close()


def _database_in(store: str) -> str:
    from models.jobs.database import jobs_database_in
    from models.store_place import store_folder

    return jobs_database_in(store_folder(store))


def _refuse_missing(address: str) -> None:
    from models.database_address import NotAnAddressError, parse_database_address
    from models.jobs.errors import BoardUnusable

    try:
        url = parse_database_address(address)
    except NotAnAddressError:
        return  # the board says so
    if url.get_backend_name() != "sqlite" or Path(str(url.database)).exists():
        return
    raise BoardUnusable(
        f"There is no database of jobs at {url.database}.",
        needed="the one that `cupromark worker` and `cupromark jobs submit` work with.",
        remedy="name its folder with --store or its address with --database; where none was made "
        "yet, submit a job.",
    )
