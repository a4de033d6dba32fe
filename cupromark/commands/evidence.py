"""`evidence run`, `evidence show` and `evidence page`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.groups import evidence_app
from cupromark.options import INTERRUPTED, Cohorts, Json, RandomSets, Store, split_names
from cupromark.printing import print_json, progress_console
from cupromark.stores import files_at_hand, n_jobs_here, open_store
from cupromark.training_runs import run_training

if TYPE_CHECKING:
    from training.evidence.report import EvidenceReport


@evidence_app.command(
    "run", epilog="Example: cupromark evidence run --cohort ccle-gdsc2 --drugs Cisplatin,Olaparib"
)
def evidence_run(
    cohort: Cohorts,
    drugs: Annotated[str, typer.Option(help="Names parted by commas, or `all`.")] = "all",
    random_sets: RandomSets = 1000,
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions of the folds.")] = 3,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; one a core.")] = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Fill an evidence card for every drug; nothing is registered."""
    from training.cohort import load_cohort
    from training.evaluation import EvaluationSettings
    from training.evidence.controls import ControlSettings
    from training.evidence.report import report_of, write_report
    from training.settings import TrainingSettings

    repetitions = tuple(range(seeds))
    settings = TrainingSettings(
        drugs="all" if drugs == "all" else split_names(drugs),
        evaluation=EvaluationSettings(seeds=repetitions),
        controls=ControlSettings(n_random_sets=random_sets, seeds=repetitions),
        n_jobs=jobs or n_jobs_here(),
    )
    console = progress_console()
    with files_at_hand(console) as files:
        loaded = load_cohort(cohort, files=files)
    result, _ = run_training(
        loaded, settings, open_store(store), console, promote=False, register=False
    )
    report = report_of(loaded, settings, result)
    write_report(report, _evidence_file(store, cohort))
    if as_json:
        print_json(report.to_json())
    else:
        _print_evidence(report)
    if result.interrupted:
        raise typer.Exit(INTERRUPTED)


@evidence_app.command("show", epilog="Example: cupromark evidence show ccle-gdsc2 --drug Cisplatin")
def evidence_show(
    cohort: Annotated[str, typer.Argument(help="A cohort that `evidence run` was run on.")],
    drug: Annotated[str | None, typer.Option(help="One drug's whole card.")] = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Show the evidence cards of a cohort, or one drug's."""
    from training.drugs import match_drugs
    from training.evidence.report import read_report

    report = read_report(_evidence_file(store, cohort))
    if drug is not None:
        (name,) = match_drugs([drug], list(report.cards))
        print_json(report.cards[name])
    elif as_json:
        print_json(report.to_json())
    else:
        _print_evidence(report)


@evidence_app.command("page", epilog="Example: cupromark evidence page ccle-gdsc2 > evidence.md")
def evidence_page(
    cohorts: Annotated[list[str], typer.Argument(help="Cohorts that `evidence run` was run on.")],
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Write a page (Markdown) of statuses, controls and best gains of cohorts."""
    from training.evidence.report import evidence_markdown, read_report

    reports = [read_report(_evidence_file(store, cohort)) for cohort in cohorts]
    if as_json:
        print_json([report.to_json() for report in reports])
    else:
        typer.echo(evidence_markdown(reports), nl=False)


def _evidence_file(store: str, cohort: str) -> Path:
    folder = Path("var") if "://" in store else Path(store)
    return folder / "evidence" / f"{cohort.replace(':', '-')}.json"


def _print_evidence(report: EvidenceReport) -> None:
    from training.evidence.report import evidence_markdown

    typer.echo(evidence_markdown([report]), nl=False)
