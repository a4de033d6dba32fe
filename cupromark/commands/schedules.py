"""`schedules add`, `list`, `pause`, `resume`, `run` and `remove`."""

from __future__ import annotations

from typing import Annotated

import typer

from cupromark.groups import schedules_app
from cupromark.job_desks import Answer
from cupromark.job_options import (
    BatchDrugs,
    Bundle,
    Cohort,
    Drill,
    DrugNames,
    FirstSeed,
    FoldCount,
    Force,
    Policy,
    Promote,
    RandomSetCount,
    SeedCount,
    job_fields,
)
from cupromark.job_places import Database, Key, StoreFolder, Url, named
from cupromark.options import Json
from cupromark.printing import print_json
from cupromark.schedule_desks import opened_schedules

Name = Annotated[str, typer.Argument(help="Name of the schedule.", callback=named)]


@schedules_app.command(
    "add",
    epilog='Example: cupromark schedules add weekly --cron "0 3 * * 1" --cohort ccle-gdsc2',
)
def schedules_add(
    name: Name,
    cron: Annotated[str, typer.Option(help="Minute, hour, day, month, day of the week.")],
    cohort: Cohort = None,
    bundle: Bundle = None,
    time_zone: Annotated[str, typer.Option(help="Such as UTC or Europe/Berlin.")] = "UTC",
    drugs: DrugNames = None,
    random_sets: RandomSetCount = None,
    seed: FirstSeed = None,
    folds: FoldCount = None,
    seeds: SeedCount = None,
    batch_drugs: BatchDrugs = None,
    promote: Promote = None,
    policy: Policy = None,
    drill: Drill = False,
    force: Force = False,
    new_release: Annotated[
        bool,
        typer.Option(
            "--new-release", help="Looks for a new release: trains when the cohort's files changed."
        ),
    ] = False,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Submit a job again and again. A worker has to run; what it misses is made up once."""
    fields = job_fields(
        cohort=cohort,
        bundle=bundle,
        drugs=drugs,
        random_sets=random_sets,
        seed=seed,
        folds=folds,
        seeds=seeds,
        batch_drugs=batch_drugs,
        promote=promote,
        policy=policy,
        drill=drill,
        force=force,
        reason="new release" if new_release else None,
    )
    with opened_schedules(database, store, url, api_key, may_be_new=True) as desk:
        added = desk.add(name, cron, fields, time_zone=time_zone)
    _print(added, as_json=as_json)


@schedules_app.command("list", epilog="Example: cupromark schedules list --json")
def schedules_list(
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """List the schedules, with their next and last runs."""
    with opened_schedules(database, store, url, api_key) as desk:
        found = desk.list()
    if as_json:
        print_json(found)
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
    name: Name,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Submit nothing until it is resumed."""
    with opened_schedules(database, store, url, api_key) as desk:
        _print(desk.change("pause", name), as_json=as_json)


@schedules_app.command("resume", epilog="Example: cupromark schedules resume weekly")
def schedules_resume(
    name: Name,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Go on with the next time; what passed meanwhile is not made up."""
    with opened_schedules(database, store, url, api_key) as desk:
        _print(desk.change("resume", name), as_json=as_json)


@schedules_app.command("run", epilog="Example: cupromark schedules run weekly")
def schedules_run(
    name: Name,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Submit its job now, besides its times."""
    from cupromark.commands.jobs import print_made

    with opened_schedules(database, store, url, api_key) as desk:
        print_made(desk.run(name), as_json=as_json)


@schedules_app.command("remove", epilog="Example: cupromark schedules remove weekly")
def schedules_remove(
    name: Name,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Remove a schedule; its jobs stay."""
    with opened_schedules(database, store, url, api_key) as desk:
        desk.remove(name)
    if as_json:
        print_json({"removed": name})
    else:
        typer.echo(f"Schedule {name} is removed.")


def _print(schedule: Answer, *, as_json: bool) -> None:
    if as_json:
        print_json(schedule)
    else:
        typer.echo(_line(schedule))


def _line(schedule: Answer) -> str:
    spec = schedule["spec"]
    what = spec.get("cohort") or f"bundle {spec.get('bundle')}"
    due = "paused" if schedule["due_at"] is None else f"next {_shown(schedule['due_at'])}"
    last = f", last {_shown(schedule['last_due_at'])}" if schedule["last_due_at"] else ""
    note = f" ({schedule['note']})" if schedule["note"] else ""
    when = f"{schedule['cron']} {schedule['time_zone']}"
    return f"{schedule['name']:<16} {when:<24} {spec['kind']} {what}: {due}{last}{note}"


def _shown(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC"
