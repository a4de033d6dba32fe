"""`models list`, `show` and `rollback`, and MLflow's pages."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cupromark.databases import Address
from cupromark.groups import app, models_app
from cupromark.options import Json, Store
from cupromark.printing import print_json, print_table
from cupromark.promotion import StateBeside, write_to_audit_trail
from cupromark.review_desk import state_beside
from cupromark.stores import load_named_bundle, open_present_store, open_store


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


@models_app.command("rollback", epilog="Example: cupromark models rollback")
def models_rollback(
    store: Store = "var",
    database: Address = None,
    state: StateBeside = None,
    as_json: Json = False,
) -> None:
    """Make the champion before the present one champion again; nothing is asked."""
    from serving.errors import ServingError

    stored = open_present_store(store).rollback()
    try:
        write_to_audit_trail(
            "bundle.rolled_back", stored, "", address=database, state=state or state_beside(store)
        )
    except ServingError as error:  # going back must not wait for it
        typer.echo(f"Not in the audit trail: {error.found}", err=True)
    _print_stored(asdict(stored), "is champion again", as_json=as_json)


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
