"""`drift`: whether the profiles of requests still look like the training lines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.databases import DEFAULT_STATE, Address, State, opened_database
from cupromark.groups import app
from cupromark.options import Json, UsageError
from cupromark.printing import print_json

if TYPE_CHECKING:
    from models.drift.report import DriftReport
    from models.drift.summary import Summary
    from serving.database.engine import Database

DRIFTED = 1
SHOWN_GENES = 10
DEFAULT_SINCE = "7d"


@app.command(epilog="Example: cupromark drift --since 30d --check")
def drift(
    since: Annotated[
        str, typer.Option(help="First day (UTC), as 2026-11-01, or how many days back, as 30d.")
    ] = DEFAULT_SINCE,
    caller: Annotated[
        str | None,
        typer.Option(help="Identifier of an API key, open, or others; all when not given."),
    ] = None,
    bundle: Annotated[
        str | None,
        typer.Option(help="Beginning of a bundle's sha256; the one counted last when not given."),
    ] = None,
    least_share: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            envvar="CUPROMARK_SERVE_DRIFT_LEAST_SHARE",
            help="Share of the genes that must have drifted for it to be called drift.",
        ),
    ] = 0.1,
    check: Annotated[bool, typer.Option(help="End with exit code 1 where there is drift.")] = False,
    database: Address = None,
    state: State = DEFAULT_STATE,
    as_json: Json = False,
) -> None:
    """Say how the profiles of requests differ from the training lines of the bundle."""
    until = datetime.now(UTC).date()
    first = first_day(since, until)
    with opened_database(database, state) as opened:
        report = _report(opened, bundle, caller, (first, until), least_share)
    if as_json:
        days = {"since": first.isoformat(), "until": until.isoformat(), "caller": caller}
        print_json({**days, **(report.to_json() if report is not None else NOTHING)})
    elif report is None:
        typer.echo(
            "Nothing was counted yet: a caller is counted once enough different profiles came."
        )
    else:
        _print(report, with_callers=caller is None)
    if check and report is not None and report.overall.has_drifted:
        raise typer.Exit(DRIFTED)


NOTHING: dict[str, Any] = {"bundle": None, "overall": None, "genes": [], "callers": [], "days": []}


def first_day(since: str, today: date) -> date:
    """Read a day, or how many days are looked at, today included.

    Raises
    ------
    UsageError
        It is neither, or lies ahead.
    """
    try:
        if since.endswith("d"):
            first = today - timedelta(days=int(since[:-1]) - 1)
        else:
            first = date.fromisoformat(since)
    except (ValueError, OverflowError):
        first = date.max
    if first <= today:
        return first
    raise UsageError(
        f"--since {since!r} is no day that has begun.",
        needed="a day, as 2026-11-01, or a number of days, as 30d.",
        remedy="leave it out for the last seven days.",
    )


def _report(
    database: Database,
    bundle: str | None,
    caller: str | None,
    days: tuple[date, date],
    least_share: float,
) -> DriftReport | None:
    from models.drift.report import report_of
    from serving.drift.store import list_bundles, read_counts, read_reference

    known = list_bundles(database)
    found = known if bundle is None else [one for one in known if one.startswith(bundle)]
    if bundle is not None and len(found) != 1:
        raise UsageError(
            f"{len(found)} bundles that were counted begin with {bundle!r}.",
            needed=f"the beginning of one of {', '.join(one[:12] for one in known) or 'none'}.",
            remedy="leave --bundle out for the one counted last.",
        )
    if not found:
        return None
    reference = read_reference(database, found[0])
    counted = read_counts(database, found[0], since=days[0], until=days[1])
    return report_of(reference, counted, caller=caller, least_share=least_share)


def _print(report: DriftReport, *, with_callers: bool) -> None:
    overall, reference = report.overall, report.reference
    typer.echo(
        f"Bundle {reference.name}, {reference.n_lines:,} training samples of {reference.cohort}; "
        f"{overall.n_profiles:,} profiles."
    )
    typer.echo(overall.meaning)
    if not overall.n_profiles:
        return
    for line in _facts(overall):
        typer.echo(line)
    drifted = [gene for gene in report.genes if gene.drifted][:SHOWN_GENES]
    if drifted:
        typer.echo(f"{'gene':<12} {'index':>6} {'95% interval':>15} {'distance':>9} {'shift':>7}")
    for gene in drifted:
        interval = f"[{gene.low:.2f}, {gene.high:.2f}]"
        typer.echo(
            f"{gene.gene:<12} {gene.index:>6.2f} {interval:>15} {gene.distance:>9.2f} "
            f"{gene.shift:>+7.2f}"
        )
    if overall.n_drifted > len(drifted):
        typer.echo(f"and {overall.n_drifted - len(drifted):,} more; all of them with --json.")
    if with_callers and len(report.by_caller) > 1:
        for name, one in report.by_caller:
            typer.echo(f"caller {name}: {one.n_profiles:,} profiles, {_genes(one)}")


def _facts(overall: Summary) -> list[str]:
    median = "-" if overall.median_index is None else f"{overall.median_index:.2f}"
    facts = [f"drifted: {_genes(overall)}; median index {median}"]
    shares = {"beyond the 90th percentile": overall.far_out, "no call": overall.no_calls}
    for name, share in shares.items():
        if share.value is not None and share.low is not None and share.high is not None:
            expected = "" if share.expected is None else f", {share.expected:.0%} expected"
            interval = f"[{share.low:.0%}, {share.high:.0%}]"
            facts.append(f"{name}: {share.value:.0%} {interval}{expected}")
    if overall.aligned is not None and overall.gene_coverage is not None:
        facts.append(
            f"on another scale: {overall.aligned:.0%}; genes held: {overall.gene_coverage:.0%}"
        )
    return facts


def _genes(one: Summary) -> str:
    return f"{one.n_drifted:,} of {one.n_genes:,} genes ({one.share_drifted:.0%})"
