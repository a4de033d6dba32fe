"""`schedules add`, `list`, `pause`, `resume`, `run` and `remove`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.databases import who_runs_this
from cupromark.groups import schedules_app
from cupromark.job_desks import Database, StoreFolder, opened_board
from cupromark.options import Json, split_names
from cupromark.printing import print_json

if TYPE_CHECKING:
    from models.jobs.schedules import Schedule, ScheduleBook

Name = Annotated[str, typer.Argument(help="Name of the schedule.")]


@schedules_app.command(
    "add",
    epilog='Example: cupromark schedules add weekly --cron "0 3 * * 1" --cohort ccle-gdsc2',
)
def schedules_add(
    name: Name,
    cron: Annotated[str, typer.Option(help="Minute, hour, day, month, day of the week.")],
    cohort: Annotated[
        str | None, typer.Option(help="Retrain on this cohort of `cupromark data list`.")
    ] = None,
    bundle: Annotated[
        str | None, typer.Option(help="Or put this version or alias before the gate.")
    ] = None,
    time_zone: Annotated[str, typer.Option(help="Such as UTC or Europe/Berlin.")] = "UTC",
    drugs: Annotated[
        str | None, typer.Option(help="Names parted by commas; all when not given.")
    ] = None,
    random_sets: Annotated[
        int | None, typer.Option(min=0, help="Random gene sets to compare with; 0 when not given.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="Promotion policy, by name; the one that is shipped.")
    ] = None,
    new_release: Annotated[
        bool,
        typer.Option(
            "--new-release", help="Looks for a new release: trains when the cohort's files changed."
        ),
    ] = False,
    database: Database = None,
    store: StoreFolder = "var",
    as_json: Json = False,
) -> None:
    """Submit a job again and again. A worker has to run; what it misses is made up once."""
    from models.jobs.spec import JobSpec

    fields: dict[str, Any] = {
        "kind": "promote" if bundle is not None else "retrain",
        "cohort": cohort,
        "bundle": bundle,
        "drugs": None if drugs in (None, "all") else split_names(str(drugs)),
        "random_sets": random_sets,
        "policy": policy,
        "reason": "new release" if new_release else None,
    }
    spec = JobSpec.from_json({n: value for n, value in fields.items() if value is not None})
    with _opened_book(database, store) as book:
        added = book.add(name, cron, spec, by=who_runs_this(), time_zone=time_zone)
    _print(added, as_json=as_json)


@schedules_app.command("list", epilog="Example: cupromark schedules list --json")
def schedules_list(
    database: Database = None, store: StoreFolder = "var", as_json: Json = False
) -> None:
    """List the schedules, with their next and last runs."""
    with _opened_book(database, store) as book:
        found = book.list()
    if as_json:
        print_json([each.to_json() for each in found])
        return
    for each in found:
        typer.echo(_line(each))
    if not found:
        typer.echo(
            'No schedule. Next: cupromark schedules add weekly --cron "0 3 * * 1" '
            "--cohort ccle-gdsc2",
            err=True,
        )


@schedules_app.command("pause", epilog="Example: cupromark schedules pause weekly")
def schedules_pause(
    name: Name, database: Database = None, store: StoreFolder = "var", as_json: Json = False
) -> None:
    """Submit nothing until it is resumed."""
    with _opened_book(database, store) as book:
        _print(book.pause(name), as_json=as_json)


@schedules_app.command("resume", epilog="Example: cupromark schedules resume weekly")
def schedules_resume(
    name: Name, database: Database = None, store: StoreFolder = "var", as_json: Json = False
) -> None:
    """Go on with the next time; what passed meanwhile is not made up."""
    with _opened_book(database, store) as book:
        _print(book.resume(name), as_json=as_json)


@schedules_app.command("run", epilog="Example: cupromark schedules run weekly")
def schedules_run(
    name: Name, database: Database = None, store: StoreFolder = "var", as_json: Json = False
) -> None:
    """Submit its job now, besides its times."""
    from cupromark.commands.jobs import print_made
    from serving.jobs.answers import job_json

    with _opened_book(database, store) as book:
        submitted = book.run(name, by=who_runs_this())
    print_made(job_json(submitted.job), as_json=as_json)


@schedules_app.command("remove", epilog="Example: cupromark schedules remove weekly")
def schedules_remove(
    name: Name, database: Database = None, store: StoreFolder = "var", as_json: Json = False
) -> None:
    """Remove a schedule; its jobs stay."""
    with _opened_book(database, store) as book:
        book.remove(name)
    if as_json:
        print_json({"removed": name})
    else:
        typer.echo(f"Schedule {name} is removed.")


@contextmanager
def _opened_book(database: str | None, store: str) -> Iterator[ScheduleBook]:
    from models.jobs.schedules import ScheduleBook

    with opened_board(database, store) as board:
        yield ScheduleBook(board)


def _print(schedule: Schedule, *, as_json: bool) -> None:
    if as_json:
        print_json(schedule.to_json())
    else:
        typer.echo(_line(schedule))


def _line(schedule: Schedule) -> str:
    what = schedule.spec.cohort or f"bundle {schedule.spec.bundle}"
    due = "paused" if schedule.due_at is None else f"next {_shown(schedule.due_at)}"
    last = f", last {_shown(schedule.last_due_at)}" if schedule.last_due_at else ""
    note = f" ({schedule.note})" if schedule.note else ""
    when = f"{schedule.cron} {schedule.time_zone}"
    return f"{schedule.name:<16} {when:<24} {schedule.spec.kind} {what}: {due}{last}{note}"


def _shown(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
