"""`reviews prepare`, `list`, `status` and `export`: the review desk from the command line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.databases import DEFAULT_STATE, Address, State, opened_database
from cupromark.groups import reviews_app
from cupromark.options import BundleName, Json, Store, UsageError, one_of
from cupromark.printing import print_json, progress_console
from cupromark.review_desk import put_at_desk
from cupromark.stores import load_named_bundle, open_store

if TYPE_CHECKING:
    from serving.database.engine import Database

TABLES = ("decisions", "findings", "drugs")
MISSING = 1
TwoPersonRule = Annotated[
    bool,
    typer.Option(
        "--two-person-rule",
        envvar="CUPROMARK_SERVE_TWO_PERSON_RULE",
        help="An approval takes two different people.",
    ),
]
Reviewed = Annotated[
    str,
    typer.Option(
        "--bundle",
        help="Version or alias in the store, folder of a bundle, or the beginning of the sha256 of "
        "one that is at the desk.",
    ),
]


@reviews_app.command("prepare", epilog="Example: cupromark reviews prepare --bundle challenger")
def reviews_prepare(
    bundle: BundleName = "challenger",
    store: Store = "var",
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """Look for findings in a bundle, and put them at the review desk."""
    loaded = load_named_bundle(bundle, store)
    with progress_console().status(f"Looking at {len(loaded.drugs):,} drugs"):
        at_desk = put_at_desk(loaded, address=database, state=state)
    if as_json:
        print_json({"bundle_sha256": loaded.sha256, **at_desk.to_json()})
        return
    done = "" if at_desk.stored else " They were at the desk already, and stay as they are."
    typer.echo(f"{loaded.name}, {at_desk.n_drugs:,} drugs: {at_desk.kinds}.{done}")


@reviews_app.command("list", epilog="Example: cupromark reviews list --bundle 3 --review open")
def reviews_list(
    bundle: Annotated[str | None, typer.Option(help="As for `reviews status`; all of them.")] = (
        None
    ),
    drug: Annotated[str | None, typer.Option(help="Name of a drug.")] = None,
    state_of_review: Annotated[
        str | None,
        typer.Option("--review", help="open, plausible, implausible, unsure or needs_experiment."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Most findings.")] = 50,
    store: Store = "var",
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """List findings, the most pressing first."""
    from serving.reviews.queue import Filters, list_findings
    from serving.reviews.words import STATES

    states = () if state_of_review is None else (one_of("--review", state_of_review, STATES),)
    with opened_database(database, state) as opened:
        sha256 = None if bundle is None else _sha256_of(bundle, store, opened)
        page = list_findings(opened, Filters(sha256, drug, states=states), limit=limit)
    if as_json:
        print_json({"total": page.total, "findings": page.findings})
        return
    for one in page.findings:
        typer.echo(f"{one['id'][:8]}  {one['state']:<16}  {one['kind']:<20}  {one['summary']}")
    typer.echo(f"{len(page.findings):,} of {page.total:,} findings.", err=True)
    if not page.total:
        typer.echo("Next: cupromark reviews prepare --bundle challenger", err=True)


@reviews_app.command("status", epilog="Example: cupromark reviews status --bundle challenger")
def reviews_status(
    bundle: Reviewed = "challenger",
    status: Annotated[
        list[str] | None,
        typer.Option(help="Drugs of this status need a decision; may be repeated. supported."),
    ] = None,
    judged: Annotated[
        list[str] | None,
        typer.Option(help="Findings of this kind must have been judged; may be repeated."),
    ] = None,
    two_person_rule: TwoPersonRule = False,
    check: Annotated[bool, typer.Option(help="End with exit code 1 if anything is missing.")] = (
        False
    ),
    store: Store = "var",
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """Say how far the review of a bundle is, and what it lacks to be promoted."""
    from serving.reviews.policy import missing_sign_offs
    from serving.reviews.sign_offs import list_drugs

    n_people = 2 if two_person_rule else 1
    policy = _policy(status or ["supported"], judged or [], n_people)
    with opened_database(database, state) as opened:
        sha256 = _sha256_of(bundle, store, opened)
        drugs = list_drugs(opened, sha256, n_people=n_people)
        missing = missing_sign_offs(opened, sha256, policy)
    found = _summary(sha256, drugs, missing)
    if as_json:
        print_json(found)
    else:
        for name in ("approvals", "findings"):
            counts = ", ".join(f"{count:,} {word}" for word, count in found[name].items())
            typer.echo(f"{name}: {counts or 'none'}")
        for reason in missing:
            typer.echo(f"missing: {reason}")
    if check and missing:
        raise typer.Exit(MISSING)


@reviews_app.command("export", epilog="Example: cupromark reviews export --bundle 3 --out r.json")
def reviews_export(
    out: Annotated[Path, typer.Option(help="File to write: .json, or .csv for one table.")],
    bundle: Reviewed = "challenger",
    what: Annotated[str, typer.Option(help="Table of the CSV: decisions, findings, drugs.")] = (
        "decisions"
    ),
    two_person_rule: TwoPersonRule = False,
    store: Store = "var",
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """Write the findings, judgements and sign-offs of a bundle into a file."""
    import orjson

    from serving.reviews.export import export_csv, export_json

    one_of("--what", what, TABLES)
    suffix = out.suffix.lower()
    if suffix not in (".json", ".csv"):
        raise UsageError(
            f"--out names a file {suffix or 'without an ending'}.",
            needed="a file that ends in .json or .csv.",
            remedy="choose one of the two.",
        )
    n_people = 2 if two_person_rule else 1
    with opened_database(database, state) as opened:
        sha256 = _sha256_of(bundle, store, opened)
        if suffix == ".csv":
            content = export_csv(opened, sha256, what, n_people=n_people)
        else:
            whole = export_json(opened, sha256, n_people=n_people)
            content = orjson.dumps(whole, option=orjson.OPT_INDENT_2)
    out.write_bytes(content)
    if as_json:
        print_json({"bundle_sha256": sha256, "out": str(out), "bytes": len(content)})
    else:
        typer.echo(f"Wrote {out}.")


def _sha256_of(bundle: str, store: str, database: Database) -> str:
    """Find the sha256 that a version, an alias or the beginning of a sha256 stands for."""
    from serving.reviews.material_store import find_bundle, list_bundles

    if Path(bundle).is_dir():
        return find_bundle(database, load_named_bundle(bundle, store).sha256)
    begins = [one.sha256 for one in list_bundles(database) if one.sha256.startswith(bundle)]
    if len(bundle) >= 8 and begins:
        return find_bundle(database, bundle)
    return find_bundle(database, open_store(store).show(bundle).sha256)


def _policy(statuses: list[str], kinds: list[str], n_people: int) -> Any:
    from models.drug_model import STATUSES
    from serving.reviews.policy import SignOffPolicy
    from serving.reviews.words import KINDS

    return SignOffPolicy(
        tuple(one_of("--status", word, STATUSES) for word in statuses),
        n_people,
        tuple(one_of("--judged", word, KINDS) for word in kinds),
    )


def _summary(sha256: str, drugs: list[dict[str, Any]], missing: list[str]) -> dict[str, Any]:
    findings: Counter[str] = Counter()
    for one in drugs:
        findings.update(one["findings"])
    approvals = Counter(one["approval"]["state"] for one in drugs)
    return {
        "bundle_sha256": sha256,
        "approvals": dict(approvals),
        "findings": dict(findings),
        "missing": missing,
    }
