"""`jobs submit`, `list`, `show` and `watch`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cupromark.groups import jobs_app
from cupromark.job_desks import Database, Key, StoreFolder, Url, opened_desk
from cupromark.options import Json, UsageError, one_of, split_names
from cupromark.printing import print_json

STATES = ("queued", "running", "waiting", "succeeded", "failed", "cancelled")
KINDS = ("retrain", "promote")
JobId = Annotated[str, typer.Argument(help="Id of a job, as submitting it gave it.")]
SHOWN = (
    "step", "seconds_left", "reason", "outcome", "version", "run_id", "mlflow_url",
    "submitted_by", "submitted_at", "started_at", "ended_at", "executor_id",
)  # fmt: skip


@jobs_app.command(
    "submit", epilog="Example: cupromark jobs submit --cohort ccle-gdsc2 --random-sets 100"
)
def jobs_submit(
    cohort: Annotated[
        str | None, typer.Option(help="Retrain on this cohort of `cupromark data list`.")
    ] = None,
    bundle: Annotated[
        str | None, typer.Option(help="Or put this version or alias before the gate.")
    ] = None,
    drugs: Annotated[
        str | None, typer.Option(help="Names parted by commas; all when not given.")
    ] = None,
    random_sets: Annotated[
        int | None, typer.Option(min=0, help="Random gene sets to compare with; 0 when not given.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="First seed of the folds; 0.")] = None,
    folds: Annotated[int | None, typer.Option(min=2, help="Folds of a repetition; 5.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="Repetitions of the folds; 3.")] = None,
    batch_drugs: Annotated[
        int | None, typer.Option(min=1, help="Drugs between two checkpoints; 20.")
    ] = None,
    promote: Annotated[
        str | None, typer.Option(help="if_better (as the gate decides) or never; if_better.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="Promotion policy, by name; the one that is shipped.")
    ] = None,
    drill: Annotated[
        bool, typer.Option("--drill", help="A fire drill: shuffle the labels, the gate refuses.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Do it although nothing is new.")] = False,
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
    fields: dict[str, Any] = {
        "kind": _kind(cohort, bundle),
        "cohort": cohort,
        "bundle": bundle,
        "drugs": None if drugs in (None, "all") else split_names(str(drugs)),
        "random_sets": random_sets,
        "seed": seed,
        "n_folds": folds,
        "n_seeds": seeds,
        "batch_drugs": batch_drugs,
        "promote": promote,
        "policy": policy,
        "drill": "shuffled_labels" if drill else None,
        "force": force,
        "reason": reason,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    with opened_desk(database, store, url, api_key) as desk:
        job = desk.submit(given, key=once)
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


def _kind(cohort: str | None, bundle: str | None) -> str:
    if (cohort is None) == (bundle is None):
        raise UsageError(
            "A job needs one of --cohort and --bundle." if cohort is None
            else "--cohort and --bundle do not go together.",
            needed="--cohort to retrain, or --bundle to promote what is registered.",
            remedy="give one of the two.",
        )  # fmt: skip
    return "promote" if cohort is None else "retrain"


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
