"""What commands print: answers on standard output, everything else on standard error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from features.errors import CupromarkError

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console


def progress_console() -> Console:
    """Progress and reasons go to standard error, so that answers can be piped."""
    from rich.console import Console

    return Console(stderr=True)


def print_table(table: DataFrame) -> None:
    """Print a table as aligned text."""
    typer.echo(table.to_string(index=False))


def print_json(content: object) -> None:
    """Print JSON, indented."""
    typer.echo(json.dumps(content, indent=2, default=str))


def print_error(error: CupromarkError, *, as_json: bool) -> None:
    """Print a message of three parts, or one JSON object."""
    if as_json:
        fields = {"found": error.found, "needed": error.needed, "remedy": error.remedy}
        print_json({"error": {"type": type(error).__name__, **fields}})
        return
    typer.echo(f"Error: {error.found}", err=True)
    typer.echo(f"  Needed: {error.needed}", err=True)
    typer.echo(f"  What to do: {error.remedy}", err=True)
