"""`worker`: does the jobs that people, schedules and the service submit."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from cupromark.databases import DEFAULT_STATE
from cupromark.groups import app
from cupromark.options import Json, UsageError
from cupromark.printing import print_json


@app.command(epilog="Example: cupromark worker")
def worker(
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            envvar="CUPROMARK_WORKER_DATABASE_URL",
            help="Database of the jobs: sqlite:///file or postgresql://user@host/name (give a "
            "password in the environment, not here); jobs.db in the store's folder when not given.",
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            envvar="CUPROMARK_STORE",
            help="Folder of the local store, or address of an MLflow server; var when not given.",
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(help="Folder of what the worker keeps; var/worker when not given."),
    ] = None,
    service_database: Annotated[
        str | None,
        typer.Option(
            envvar="CUPROMARK_SERVE_DATABASE_URL",
            help="Database of the service, for its review desk and audit trail; serving.db in "
            "--service-state when not given.",
        ),
    ] = None,
    service_state: Annotated[
        Path,
        typer.Option(
            envvar="CUPROMARK_SERVE_STATE",
            help="Folder of what the service keeps.",
        ),
    ] = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """Do jobs, one at a time, until Ctrl-C or SIGTERM; a second worker shares the queue.

    Every other setting is a variable CUPROMARK_WORKER_..., see docs/jobs.md.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the work is done in processes of its own
    from pydantic import ValidationError

    from cupromark.job_outside import ServiceOutside
    from models.default_secrets import refuse_default_password, refuse_default_secrets
    from models.store_place import is_address
    from training.jobs.logs import configure_worker_logs
    from training.jobs.settings import WorkerSettings
    from training.jobs.worker import Worker

    given: dict[str, Any] = {"database_url": database, "store": store, "state": state}
    try:
        settings = WorkerSettings(**{name: one for name, one in given.items() if one is not None})
    except ValidationError as error:
        raise _unfit(error) from error
    refuse_default_password("CUPROMARK_WORKER_DATABASE_URL", settings.jobs_database)
    refuse_default_password("CUPROMARK_SERVE_DATABASE_URL", service_database or "")
    password = os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if password is not None and is_address(settings.store):
        refuse_default_secrets({"MLFLOW_TRACKING_PASSWORD": password})
    configure_worker_logs(settings)
    outside = ServiceOutside(
        settings.store,
        address=service_database,
        state=service_state,
        memory_bytes=settings.memory_bytes_per_child,
    )
    running = Worker(settings, outside=outside)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.stop())

    def ready() -> None:
        if as_json:
            print_json({"ready": True, "executor_id": running.executor_id})
        else:
            typer.echo(f"Worker {running.executor_id} takes jobs; Ctrl-C ends it.")

    running.run(ready=ready)


def _unfit(error: Exception) -> UsageError:
    first = getattr(error, "errors", list)()[0]
    name = "CUPROMARK_WORKER_" + "_".join(map(str, first["loc"])).upper()
    return UsageError(
        f"The setting {name} cannot be used: {first['msg']}.",
        needed="settings as docs/jobs.md lists them.",
        remedy=f"correct {name}.",
    )
