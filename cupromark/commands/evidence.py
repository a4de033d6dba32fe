"""`evidence run`, `evidence show`, `evidence page` and `evidence schema`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.groups import evidence_app
from cupromark.options import (
    INTERRUPTED,
    Cohorts,
    Json,
    PlatformMap,
    RandomSets,
    Store,
    UsageError,
    checked_scale,
    split_names,
)
from cupromark.own_files import OwnExpression, OwnResponse, OwnScale, table_cohort
from cupromark.printing import print_json, progress_console
from cupromark.stores import files_at_hand, n_jobs_here, open_store
from cupromark.training_runs import run_training

if TYPE_CHECKING:
    from rich.console import Console

    from training.evidence.report import EvidenceReport


@evidence_app.command(
    "run", epilog="Example: cupromark evidence run --cohort ccle-gdsc2 --drugs Cisplatin,Olaparib"
)
def evidence_run(
    cohort: Cohorts,
    drugs: Annotated[str, typer.Option(help="Names parted by commas, or `all`.")] = "all",
    random_sets: RandomSets = 1000,
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions of the folds.")] = 3,
    expression: OwnExpression = None,
    response: OwnResponse = None,
    scale: OwnScale = None,
    platform_map: PlatformMap = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; one a core.")] = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Fill an evidence card for every drug; nothing is registered.

    A run that was stopped goes on where it was when the same is asked for again.
    """
    from training.cohort import load_cohort
    from training.evaluation import EvaluationSettings
    from training.evidence.controls import ControlSettings
    from training.evidence.other_cohorts import load_other_cohorts
    from training.evidence.report import report_of
    from training.evidence.report_files import write_report
    from training.evidence.resume import clear_kept
    from training.settings import TrainingSettings

    repetitions = tuple(range(seeds))
    settings = TrainingSettings(
        drugs="all" if drugs == "all" else split_names(drugs),
        evaluation=EvaluationSettings(seeds=repetitions),
        controls=ControlSettings(n_random_sets=random_sets, seeds=repetitions),
        n_jobs=jobs or n_jobs_here(),
    )
    console, kept = progress_console(), _evidence_file(store, cohort).with_suffix(".partial")
    with files_at_hand(console) as files:
        table = table_cohort(cohort, expression, response, scale, platform_map)
        declared = None if scale is None else checked_scale(scale)
        loaded = load_cohort(
            cohort, files=files, table=table, scale=declared, platform_map=platform_map
        )
        others = load_other_cohorts(files, cohort, symbols=loaded.symbols)
    _say_kept(console, kept)
    result, _ = run_training(
        loaded,
        settings,
        open_store(store),
        console,
        register=False,
        keep=kept,
        others=others,
    )
    if result.interrupted:
        console.print(
            f"Stopped. What is finished is kept in {kept}; the same command goes on there.",
            highlight=False,
        )
        raise typer.Exit(INTERRUPTED)
    report = report_of(loaded, settings, result)
    write_report(report, _evidence_file(store, cohort))
    clear_kept(kept)
    if as_json:
        print_json(report.to_json())
    else:
        _print_evidence(report)


@evidence_app.command("show", epilog="Example: cupromark evidence show ccle-gdsc2 --drug Cisplatin")
def evidence_show(
    cohort: Annotated[str, typer.Argument(help="A cohort that `evidence run` was run on.")],
    drug: Annotated[str | None, typer.Option(help="One drug's card.")] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write the drug's card to this file as a page.")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(help="Write the drug's plot against the controls to this file, as SVG."),
    ] = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Show the evidence cards of a cohort, or one drug's."""
    from models.cards.sentences import summary_lines

    report = _read_report(store, cohort)
    if drug is None:
        if html or plot:
            raise UsageError(
                "--html and --plot were given without a drug.",
                needed="the drug whose card is to be drawn.",
                remedy="add --drug, or use `cupromark evidence page --html` for all drugs.",
            )
        if as_json:
            print_json(report.to_json())
        else:
            _print_evidence(report)
        return
    reason = _reason_without_card(report, drug)
    if reason is not None:
        if as_json:
            print_json({"drug": drug, "status": reason})
        else:
            typer.echo(f"{drug}: {reason}")
        return
    card = _card_of(report, drug)
    _write_drawings(card, html, plot)
    if as_json:
        print_json(card)
    else:
        typer.echo("\n".join(summary_lines(card)))


@evidence_app.command("page", epilog="Example: cupromark evidence page ccle-gdsc2 > evidence.md")
def evidence_page(
    cohorts: Annotated[list[str], typer.Argument(help="Cohorts that `evidence run` was run on.")],
    html: Annotated[
        Path | None,
        typer.Option(help="Folder for a page a drug with an index; one folder in it a cohort."),
    ] = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Write a page (Markdown) of statuses, controls and best gains of cohorts."""
    from training.evidence.report_files import write_pages
    from training.evidence.report_markdown import evidence_markdown

    reports = [_read_report(store, cohort) for cohort in cohorts]
    for cohort, report in zip(cohorts, reports, strict=True):
        if html is not None:
            written = write_pages(report, html / cohort.replace(":", "-"))
            index = html / cohort.replace(":", "-") / "index.html"
            typer.echo(f"{len(written)} pages; begin at {index}", err=True)
    if as_json:
        print_json([report.to_json() for report in reports])
    elif html is None:
        typer.echo(evidence_markdown(reports), nl=False)


@evidence_app.command("schema", epilog="Example: cupromark evidence schema > card.schema.json")
def evidence_schema(as_json: Json = False) -> None:
    """Print the JSON Schema of an evidence card: every field with its unit and direction."""
    from models.cards.schema import card_schema

    del as_json  # it is JSON either way
    print_json(card_schema())


def _evidence_file(store: str, cohort: str) -> Path:
    from models.store_place import store_folder

    return store_folder(store) / "evidence" / f"{cohort.replace(':', '-')}.json"


def _read_report(store: str, cohort: str) -> EvidenceReport:
    from training.evidence.report_files import read_report

    return read_report(_evidence_file(store, cohort))


def _card_of(report: EvidenceReport, drug: str) -> dict[str, Any]:
    from training.drugs import match_drugs

    (name,) = match_drugs([drug], list(report.cards))
    return report.cards[name]


def _reason_without_card(report: EvidenceReport, drug: str) -> str | None:
    """Say why a drug that was asked for has no card; nothing for any other."""
    from training.drugs import drug_key
    from training.evidence.figures import NotEstimable

    reasons = {drug_key(name): reason for name, reason in report.skipped.items()}
    reason = reasons.get(drug_key(drug))
    return None if reason is None else str(NotEstimable(reason))


def _write_drawings(card: dict[str, Any], html: Path | None, plot: Path | None) -> None:
    from models.cards.fragments import card_figures
    from models.cards.page import card_page
    from models.cards.style import standalone
    from training.evidence.report_files import write_text

    if html is not None:
        write_text(html, card_page(card))
    if plot is not None:
        write_text(plot, standalone(card_figures(card)["controls"].svg))


def _say_kept(console: Console, kept: Path) -> None:
    from training.evidence.resume import n_kept

    number = n_kept(kept)
    if number:
        console.print(
            f"{number} finished parts of an earlier run are kept in {kept}; those that fit this "
            "run are not done again.",
            highlight=False,
        )


def _print_evidence(report: EvidenceReport) -> None:
    from training.evidence.report_markdown import evidence_markdown

    typer.echo(evidence_markdown([report]), nl=False)
