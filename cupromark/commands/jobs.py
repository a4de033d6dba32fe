"""`jobs submit`, `list`, `show` and `watch`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cupromark.groups import jobs_app
from cupromark.job_desks import opened_desk
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
from cupromark.options import Json, one_of
from cupromark.printing import print_json
from models.jobs.job import JobState
from models.jobs.spec import KINDS

STATES = tuple(map(str, JobState))
JobId = Annotated[
    str, typer.Argument(help="Id of a job, as submitting it gave it.", callback=named)
]
SHOWN = (
    "step", "seconds_left", "reason", "outcome", "version", "run_id", "mlflow_url",
    "submitted_by", "submitted_at", "started_at", "ended_at", "executor_id",
)  # fmt: skip


@jobs_app.command(
    "submit", epilog="Example: cupromark jobs submit --cohort ccle-gdsc2 --random-sets 100"
)
def jobs_submit(
    cohort: Cohort = None,
    bundle: Bundle = None,
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
    reason: Annotated[
        str, typer.Option(help="Why: `by hand`, `new release`, `drift` or `schedule:<name>`.")
    ] = "by hand",
    once: Annotated[
        str | None,
        typer.Option(help="A word of your own: with the same word the same job is made once."),
    ] = None,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Put a job into the queue: a retraining (--cohort) or a promotion (--bundle)."""
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
        reason=reason,
    )
    with opened_desk(database, store, url, api_key, may_be_new=True) as desk:
        job = desk.submit(fields, key=once)
    print_made(job, as_json=as_json)


@jobs_app.command("list", epilog="Example: cupromark jobs list --state failed")
def jobs_list(
    state: Annotated[str | None, typer.Option(help=f"{', '.join(STATES)}; any.")] = None,
    kind: Annotated[str | None, typer.Option(help="retrain or promote; either.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Most jobs.")] = 20,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """List jobs, newest first."""
    asked = {
        "state": None if state is None else one_of("--state", state, STATES),
        "kind": None if kind is None else one_of("--kind", kind, KINDS),
    }
    with opened_desk(database, store, url, api_key) as desk:
        jobs = list(desk.list(**asked, limit=limit))
    if as_json:
        print_json(jobs)
        return
    for job in jobs:
        typer.echo(_line(job))
    if not jobs:
        typer.echo("No such job. Next: cupromark jobs submit --cohort ccle-gdsc2", err=True)


@jobs_app.command("show", epilog="Example: cupromark jobs show 3f9a1c0b5d7e2846")
def jobs_show(
    job_id: JobId,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Show a job: where it stands, its figures, what the gate said, the end of its log."""
    with opened_desk(database, store, url, api_key) as desk:
        job = desk.show(job_id)
    if as_json:
        print_json(job)
        return
    typer.echo(_line(job))
    for name in SHOWN:
        if job[name] is not None:
            typer.echo(f"{name}: {job[name]}")
    for name, value in job["figures"].items():
        typer.echo(f"figure {name}: {value if isinstance(value, str) else f'{value:.6g}'}")
    for reason in job["reasons"]:
        typer.echo(f"gate: {reason}")
    for line in job["log"]:
        typer.echo(f"{line['at'][11:19]}  {line['text']}")


@jobs_app.command("watch", epilog="Example: cupromark jobs watch 3f9a1c0b5d7e2846")
def jobs_watch(
    job_id: JobId,
    after: Annotated[int, typer.Option(min=0, help="Only lines of the log after this one.")] = 0,
    database: Database = None,
    store: StoreFolder = "var",
    url: Url = None,
    api_key: Key = None,
    as_json: Json = False,
) -> None:
    """Follow a job to its end; Ctrl-C leaves it running.

    Ends with 0 if it was promoted, registered, or nothing was new; 1 if it failed; 3 if the gate
    refused; 4 if it was cancelled; 130 if you left before. With --json one object a line.
    """
    from cupromark.job_watching import watch

    with opened_desk(database, store, url, api_key) as desk:
        code = watch(desk, job_id, after=after, as_json=as_json)
    raise typer.Exit(code)


def print_made(job: dict[str, Any], *, as_json: bool) -> None:
    """Say which job was made."""
    if as_json:
        print_json(job)
        return
    typer.echo(f"Job {job['job_id']} is {job['state']}.")
    typer.echo(f"Next: cupromark jobs watch {job['job_id']}", err=True)


def _line(job: dict[str, Any]) -> str:
    about = job["spec"].get("cohort") or job["spec"].get("bundle")
    stands = job["outcome"] or job["state"]
    at = job["submitted_at"][:16].replace("T", " ")
    return f"{job['job_id']}  {stands:<11} {job['percent']:>3.0f}%  {at}  {job['kind']} {about}"
