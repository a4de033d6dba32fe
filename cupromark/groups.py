"""The commands of `cupromark` by group; the modules of `cupromark.commands` fill them."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    name="cupromark",
    help="Predict cancer drug response from cuproptosis and mitochondrial-dynamics gene sets, "
    "and say how far to trust it. Research use only.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(*, is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"cupromark {version('cupromark')}")
        raise typer.Exit


@app.callback()
def cupromark(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=lambda is_asked: _print_version(is_asked=is_asked),
            is_eager=True,
            help="Print the version and end.",
        ),
    ] = False,
) -> None:
    """Take the options of `cupromark` itself."""


data_app = typer.Typer(help="Public data: list, fetch, verify.", no_args_is_help=True)
models_app = typer.Typer(
    help="Registered bundles: list, show, promote, roll back.", no_args_is_help=True
)
evidence_app = typer.Typer(
    help="What the predictions are worth: controls, random gene sets, cards.", no_args_is_help=True
)
claims_app = typer.Typer(help="The literature's claims, tested against data.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(evidence_app, name="evidence")
app.add_typer(claims_app, name="claims")
app.add_typer(models_app, name="models")
keys_app = typer.Typer(help="API keys of the service: create, list, revoke.", no_args_is_help=True)
database_app = typer.Typer(
    help="The service's database: bring its tables up to date.", no_args_is_help=True
)
audit_app = typer.Typer(help="The service's audit trail.", no_args_is_help=True)
reviews_app = typer.Typer(
    help="The review desk: findings of a bundle, judgements, sign-offs.", no_args_is_help=True
)
jobs_app = typer.Typer(
    help="Jobs of the workers: submit, list, watch, cancel, resume.", no_args_is_help=True
)
app.add_typer(jobs_app, name="jobs")
app.add_typer(keys_app, name="keys")
app.add_typer(reviews_app, name="reviews")
app.add_typer(audit_app, name="audit")
app.add_typer(database_app, name="database")
schedules_app = typer.Typer(
    help="Jobs that are submitted again and again: add, list, pause, resume, run, remove.",
    no_args_is_help=True,
)
notifications_app = typer.Typer(
    help="Notifications that a worker sends: list, retry.", no_args_is_help=True
)
app.add_typer(schedules_app, name="schedules")
app.add_typer(notifications_app, name="notifications")
shadow_app = typer.Typer(
    help="The live shadow: what the challenger answers to the requests of the champion.",
    no_args_is_help=True,
)
app.add_typer(shadow_app, name="shadow")
