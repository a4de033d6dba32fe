"""`models list`, `show`, `promote` and `rollback`, and MLflow's pages."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cupromark.groups import app, models_app
from cupromark.options import Json, Store
from cupromark.printing import print_json, print_table
from cupromark.stores import load_named_bundle, open_store


@models_app.command("list", epilog="Example: cupromark models list")
def models_list(store: Store = "var", as_json: Json = False) -> None:
    """List the registered bundles, newest first."""
    stored = open_store(store).list()
    if as_json:
        print_json([asdict(bundle) for bundle in stored])
        return
    for bundle in stored:
        aliases = ", ".join(bundle.aliases) or "-"
        typer.echo(f"{bundle.version:>4}  {aliases:<24} {bundle.tags.get('cohort', '')}")
    if not stored:
        typer.echo("No bundle is registered. Next: cupromark quickstart")


@models_app.command("show", epilog="Example: cupromark models show champion")
def models_show(
    bundle: Annotated[str, typer.Argument(help="Version or alias.")] = "champion",
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Show a registered bundle: where it came from, and its drugs with their figures."""
    from models.description import describe_bundle, drug_rows

    loaded = load_named_bundle(bundle, store)
    if as_json:
        print_json(describe_bundle(loaded))
        return
    for name, value in describe_bundle(loaded).items():
        if name != "drugs":
            typer.echo(f"{name}: {json.dumps(value) if isinstance(value, dict) else value}")
    print_table(drug_rows(loaded))


@models_app.command("promote", epilog="Example: cupromark models promote 3")
def models_promote(
    bundle: Annotated[str, typer.Argument(help="Version or alias.")] = "challenger",
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Make a version the champion."""
    _print_stored(asdict(open_store(store).promote(bundle)), "is champion now", as_json=as_json)


@models_app.command("rollback", epilog="Example: cupromark models rollback")
def models_rollback(store: Store = "var", as_json: Json = False) -> None:
    """Make the champion before the present one champion again."""
    _print_stored(asdict(open_store(store).rollback()), "is champion again", as_json=as_json)


@app.command(epilog="Example: cupromark mlflow --port 5000")
def mlflow(
    store: Store = "var",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 5000,
) -> None:
    """Open MLflow's pages on the local store."""
    uri = open_store(store).tracking_uri
    typer.echo(f"MLflow on http://{host}:{port} (Ctrl-C ends it)", err=True)
    command = ["-m", "mlflow", "server", "--backend-store-uri", uri]
    os.execv(sys.executable, [sys.executable, *command, "--host", host, "--port", str(port)])  # noqa: S606


def _print_stored(bundle: Mapping[str, Any], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(bundle)
    else:
        typer.echo(f"Version {bundle['version']} {what}.")
