"""`retention`: remove old versions, runs, fetched bundles and job logs."""

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
from cupromark.stores import open_store

if TYPE_CHECKING:
    from training.promotion.retention import Item, RetentionPlan
    from training.promotion.retention_policy import RetentionPolicy

JobsDatabase = Annotated[
    str | None,
    typer.Option(
        "--jobs-database",
        envvar="CUPROMARK_SERVE_JOBS_DATABASE_URL",
        show_envvar=True,
        help="Address of the database of the jobs; jobs.db in the store's folder when not given.",
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
    as_json: Json = False,
) -> None:
    """Say what is old enough to go, and why; with --yes remove it.

    The champion, the challenger, the champion before and what was signed off always stay.
    """
    from training.promotion.job_logs import remove_job_logs
    from training.promotion.pruning import carry_out
    from training.promotion.retention import plan_retention
    from training.promotion.retention_policy import load_retention_policy

    rules = load_retention_policy(policy)
    opened = open_store(store)
    now = time.time()
    signed_off = _signed_off(database, state or state_beside(store))
    plan = plan_retention(opened, rules, signed_off=signed_off, now=now)
    address = jobs_database or _own_jobs_database(store)
    logs = _job_logs(address, rules, now)
    if yes:
        gone = (*carry_out(opened, plan), *logs)
        if address is not None:
            remove_job_logs(address, logs)
    else:
        gone = (*plan.items, *logs)
    _print(plan, gone, removed=yes, as_json=as_json)


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

    folder = Path("var") if "://" in store else Path(store)
    return jobs_database_in(folder) if (folder / DEFAULT_NAME).exists() else None


def _job_logs(address: str | None, rules: RetentionPolicy, now: float) -> list[Item]:
    from training.promotion.job_logs import old_job_logs

    return [] if address is None else old_job_logs(address, rules, now=now)


def _print(plan: RetentionPlan, gone: tuple[Item, ...], *, removed: bool, as_json: bool) -> None:
    n_bytes = sum(item.n_bytes for item in gone)
    if as_json:
        kept = [{"version": one.version, "why": one.why} for one in plan.kept]
        items = [item.to_json() for item in gone]
        print_json({"removed": removed, "bytes": n_bytes, "items": items, "kept": kept})
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
    typer.echo(f"{len(gone):,} things {done}, {n_bytes / 1e6:,.1f} MB.")
