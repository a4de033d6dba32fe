"""`retention`: remove old versions, runs, fetched bundles, jobs and their logs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.databases import Address, opened_database
from cupromark.groups import app
from cupromark.options import Json, Store
from cupromark.printing import print_json
from cupromark.promotion import StateBeside, has_database
from cupromark.review_desk import state_beside
from cupromark.service_cache import service_cache
from cupromark.stores import open_present_store

if TYPE_CHECKING:
    from training.promotion.retention import Item, RetentionPlan
    from training.promotion.retention_policy import RetentionPolicy

JobsDatabase = Annotated[
    str | None,
    typer.Option(
        "--jobs-database",
        envvar=["CUPROMARK_WORKER_DATABASE_URL", "CUPROMARK_SERVE_JOBS_DATABASE_URL"],
        show_envvar=True,
        help="Address of the database of the jobs; jobs.db in the store's folder when not given.",
    ),
]
WorkerState = Annotated[
    Path,
    typer.Option(
        "--worker-state",
        envvar="CUPROMARK_WORKER_STATE",
        help="Folder of what the worker keeps: its fetched bundles go by the same rules, where the "
        "store is an address.",
    ),
]


@app.command(epilog="Example: cupromark retention --yes")
def retention(
    policy: Annotated[
        Path | None, typer.Option(help="JSON file with the rules; the shipped ones by default.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes/--dry-run", help="Remove it; otherwise only say what would go.")
    ] = False,
    store: Store = "var",
    database: Address = None,
    jobs_database: JobsDatabase = None,
    state: StateBeside = None,
    worker_state: WorkerState = Path("var/worker"),
    as_json: Json = False,
) -> None:
    """Say what is old enough to go, and why; with --yes remove it.

    The champion, the challenger, the champion before and what was signed off always stay.
    """
    from training.promotion.old_jobs import remove_jobs
    from training.promotion.pruning import carry_out
    from training.promotion.retention import plan_retention
    from training.promotion.retention_policy import load_retention_policy

    rules = load_retention_policy(policy)
    opened = open_present_store(store)
    now = time.time()
    state = state or state_beside(store)
    served = service_cache(store, state)
    plan = plan_retention(
        opened,
        rules,
        signed_off=_signed_off(database, state),
        now=now,
        caches=(*_worker_caches(store, worker_state), *([served.folder] if served else [])),
        in_use=served.starts_from if served else (),
    )
    address = jobs_database or _own_jobs_database(store)
    jobs = _old_jobs(address, rules, now)
    if yes:
        gone = (*carry_out(opened, plan), *jobs)
        if address is not None:
            remove_jobs(address, jobs, rules, now=now)
    else:
        gone = (*plan.items, *jobs)
    _print(plan, gone, removed=yes, knows_jobs=address is not None, as_json=as_json)


def _signed_off(address: str | None, state: Path) -> frozenset[str]:
    """Hashes of the bundles about which the review desk has decided anything."""
    if not has_database(address, state):
        return frozenset()
    from serving.reviews.material_store import list_bundles
    from serving.reviews.sign_offs import list_drugs

    with opened_database(address, state) as database:
        return frozenset(
            one.sha256
            for one in list_bundles(database)
            if any(drug["sign_offs"] for drug in list_drugs(database, one.sha256, n_people=1))
        )


def _own_jobs_database(store: str) -> str | None:
    """Find the database of the jobs in the store's folder, where there is one."""
    from models.jobs.database import DEFAULT_NAME, jobs_database_in
    from models.store_place import store_folder

    folder = store_folder(store)
    return jobs_database_in(folder) if (folder / DEFAULT_NAME).exists() else None


def _worker_caches(store: str, state: Path) -> tuple[Path, ...]:
    """Bundles that a worker fetched; over a local store it has none of its own."""
    from models.store_place import is_address
    from training.jobs.work import fetched_bundles

    return (fetched_bundles(state),) if is_address(store) else ()


def _old_jobs(address: str | None, rules: RetentionPolicy, now: float) -> list[Item]:
    from training.promotion.old_jobs import plan_jobs

    return [] if address is None else plan_jobs(address, rules, now=now)


def _print(
    plan: RetentionPlan,
    gone: tuple[Item, ...],
    *,
    removed: bool,
    knows_jobs: bool,
    as_json: bool,
) -> None:
    n_bytes = sum(item.n_bytes for item in gone)
    if as_json:
        kept = [{"version": one.version, "why": one.why} for one in plan.kept]
        items = [item.to_json() for item in gone]
        about = {"removed": removed, "bytes": n_bytes, "jobs_database_found": knows_jobs}
        print_json({**about, "items": items, "kept": kept})
        return
    for one in plan.kept:
        typer.echo(f"stays  version  {one.version:<14}  {one.why}")
    word = "gone" if removed else "goes"
    for item in gone:
        typer.echo(
            f"{word:<5}  {item.kind:<7}  {item.name[:14]:<14}  {item.why}"
            f"  ({item.n_bytes / 1e6:,.1f} MB)"
        )
    done = "removed" if removed else "would be removed (--yes removes them)"
    things = "thing" if len(gone) == 1 else "things"
    typer.echo(f"{len(gone):,} {things} {done}, {n_bytes / 1e6:,.1f} MB.")
    if not knows_jobs:
        typer.echo("Jobs were not looked at: no database of jobs was found.", err=True)
        typer.echo("  name it with --jobs-database or CUPROMARK_WORKER_DATABASE_URL", err=True)
