"""`data list`, `data fetch` and `data verify`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cupromark.groups import data_app
from cupromark.options import USER_ERROR, Json
from cupromark.printing import print_json, progress_console
from cupromark.stores import files_at_hand


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
    as_json: Json = False,
) -> None:
    """Fetch the files of a cohort: from the mirror, the cache, or their publishers."""
    from training.holdings import fetch_cohort

    with files_at_hand(progress_console()) as files:
        sources = fetch_cohort(files, cohort)
    if as_json:
        print_json([asdict(source) for source in sources])
        return
    for source in sources:
        part = " (a part of the official file)" if source.complete is False else ""
        typer.echo(f"{source.origin:<9} {source.n_bytes:>12,} bytes  {source.path}{part}")


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
