"""`serve`: the service."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.groups import app
from cupromark.options import Json
from cupromark.printing import print_json

if TYPE_CHECKING:
    from serving.run import Announcement


@app.command(epilog="Example: cupromark serve --port 8000")
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 127.0.0.1 when not given.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port; 8000 when not given, 0 takes a free one.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            envvar="CUPROMARK_STORE",
            help="Folder of the local store, or address of an MLflow server; var when not given.",
        ),
    ] = None,
    bundle: Annotated[
        str | None,
        typer.Option(
            help="Folder of a bundle, or version or alias in the store; champion when not given."
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(help="Folder of keys, audit trail and fetched bundles; var/serving."),
    ] = None,
    open_mode: Annotated[
        bool | None,
        typer.Option(
            "--open-mode/--keys",
            help="Answer without API keys, on a loopback address only; when neither is given, "
            "as long as no key exists.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Serve predictions over HTTP until Ctrl-C or SIGTERM.

    Every other setting is a variable CUPROMARK_SERVE_..., see docs/serving.md.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy: threads do not help one answer
    from serving.run import serve as run_service
    from serving.start_checks import read_settings
    from training.catalogue import load_catalogue

    settings = read_settings(
        host=host, port=port, store=store, bundle=bundle, state=state, open_mode=open_mode
    )
    run_service(
        settings,
        announce=lambda said: _announce(said, as_json=as_json),
        references={name: file.citation for name, file in load_catalogue().files.items()},
    )


def _announce(said: Announcement, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(said))
        return
    typer.echo(f"cupromark listens on {said.address} (API: {said.address}/docs)")
    version = f", version {said.version}" if said.version else ""
    if said.bundle:
        typer.echo(f"Bundle: {said.bundle}{version}. Research use only.")
    else:
        typer.echo(f"No bundle answers yet: {said.reason}", err=True)
    if said.open_mode:
        typer.echo(
            "OPEN MODE: every program on this computer is answered without an API key. Make one "
            "with `cupromark keys create` and start again to close it.",
            err=True,
        )
