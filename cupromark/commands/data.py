"""`data list`, `data fetch`, `data check` and `data verify`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.groups import data_app
from cupromark.options import USER_ERROR, Json
from cupromark.printing import print_json, progress_console
from cupromark.stores import files_at_hand

if TYPE_CHECKING:
    from training.releases import FileNews


@data_app.command("list", epilog="Example: cupromark data list --json")
def data_list(as_json: Json = False) -> None:
    """List the cohorts, their files, and which are at hand."""
    from training.files import FileSettings, FileSource
    from training.holdings import list_cohorts

    rows = list_cohorts(FileSource(FileSettings.from_environment()))
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    for row in rows:
        typer.echo(f"{row.name}: {row.title}")
        for file in row.files:
            typer.echo(f"    {file.role:<14} {file.state:<12} {file.what}")
    typer.echo("geo:<GSE>: a series of GEO, with the map of its platform")
    typer.echo("table: expression and responses of your own")


@data_app.command("fetch", epilog="Example: cupromark data fetch ccle-gdsc2")
def data_fetch(
    cohort: Annotated[str, typer.Argument(help="A cohort of `cupromark data list`.")],
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask for new releases of what is cached, too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch the files of a cohort: from the mirror, the cache, or their publishers."""
    from training.holdings import fetch_cohort
    from training.releases import refresh_cohort

    news: list[FileNews] = []
    with files_at_hand(progress_console()) as files:
        if refresh:
            refreshed = refresh_cohort(files, cohort)
            news = [one.news for one in refreshed]
            sources = [one.source for one in refreshed]
        else:
            sources = fetch_cohort(files, cohort)
    if as_json:
        told = [{"state": one.state, "released": one.released, "why": one.why} for one in news]
        rows = [asdict(source) for source in sources]
        print_json(
            [row | {"news": one} for row, one in zip(rows, told, strict=True)] if refresh else rows
        )
    else:
        for source in sources:
            part = " (a part of the official file)" if source.complete is False else ""
            typer.echo(f"{source.origin:<9} {source.n_bytes:>12,} bytes  {source.path}{part}")
        for one in news:
            typer.echo(_line(one), err=True)
    _end(news)


@data_app.command("check", epilog="Example: cupromark data check ccle-gdsc2")
def data_check(
    cohort: Annotated[
        str | None, typer.Argument(help="A cohort of `cupromark data list`; all when not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask whether fetched files have new releases; nothing is fetched."""
    from training.files import FileSettings, FileSource
    from training.releases import check_cohort, check_every_cohort

    files = FileSource(FileSettings.from_environment())
    news = check_every_cohort(files) if cohort is None else check_cohort(files, cohort)
    if as_json:
        print_json([asdict(one) for one in news])
    else:
        for one in news:
            typer.echo(_line(one))
        n_new = sum(one.state == "new release" for one in news)
        typer.echo(f"{len(news)} files, {n_new} with a new release.")
    _end(news)


@data_app.command("verify", epilog="Example: cupromark data verify")
def data_verify(as_json: Json = False) -> None:
    """Hold files at hand to the catalogue's and the mirror's sha256."""
    from training.files import FileSettings, FileSource
    from training.verification import verify_files

    rows = verify_files(FileSource(FileSettings.from_environment()))
    wrong = [row for row in rows if row.state in ("wrong", "missing")]
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        for row in rows:
            typer.echo(f"{row.state:<8} {row.where:<7} {row.file}")
        typer.echo(f"{len(rows)} files, {len(wrong)} wrong or missing.")
    raise typer.Exit(USER_ERROR if wrong else 0)


def _line(news: FileNews) -> str:
    dated = f" ({news.released})" if news.released else ""
    why = f": {news.why}" if news.why else ""
    return f"{news.state + dated:<24} {news.name}{why}"


def _end(news: list[FileNews]) -> None:
    asked = all(one.state != "cannot be asked" for one in news)
    raise typer.Exit(0 if asked else USER_ERROR)
