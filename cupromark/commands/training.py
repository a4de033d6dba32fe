"""`quickstart` and `train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.groups import app
from cupromark.options import (
    INTERRUPTED,
    REFUSED,
    Cohorts,
    Json,
    PlatformMap,
    RandomSets,
    Store,
    checked_scale,
    one_of,
    split_names,
)
from cupromark.own_files import OwnExpression, OwnResponse, OwnScale, table_cohort
from cupromark.printing import print_json, print_table, progress_console
from cupromark.promotion import Promoted, print_refusal, promote_trained
from cupromark.review_desk import Reviews, print_at_desk, put_trained_at_desk, state_beside
from cupromark.stores import files_at_hand, n_jobs_here, open_store
from cupromark.training_runs import run_training

if TYPE_CHECKING:
    from rich.console import Console

    from cupromark.review_desk import AtDesk
    from models.explanation import Explanations
    from models.store import BundleStore
    from training.cohort import Cohort
    from training.files import FileSource
    from training.run import TrainingResult


@app.command(epilog="Example: cupromark quickstart")
def quickstart(store: Store = "var", reviews: Reviews = True, as_json: Json = False) -> None:
    """Train on public data, register, promote, predict a GEO series, and say what came out."""
    from features.gene_sets import load_gene_sets
    from training.quickstart import choose_cohort, quickstart_drugs
    from training.settings import TrainingSettings

    console = progress_console()
    with files_at_hand(console) as files:
        choice = choose_cohort(files, load_gene_sets())
        for reason in choice.reasons:
            console.print(reason, highlight=False, markup=False, soft_wrap=True)
        settings = TrainingSettings(drugs=quickstart_drugs(choice.cohort), n_jobs=n_jobs_here())
        result, version = run_training(choice.cohort, settings, open_store(store), console)
        at_desk = put_trained_at_desk(version, store, console) if reviews else None
        outcome = _promote(version, store, console)
        example = (
            None
            if choice.cohort.simulated
            else _explain_example(open_store(store), version or "champion", files)
        )
    if as_json:
        training = _training_json_of(choice.cohort, result, version)
        further = _promotion_json(outcome) | _desk_json(at_desk)
        print_json(training | further | {"reasons": choice.reasons})
        return
    _print_training(choice.cohort, result)
    if example is not None:
        _print_example(example)
    print_at_desk(at_desk, version, store)
    _print_next_steps(version, store, outcome, simulated=choice.cohort.simulated)


@app.command(epilog="Example: cupromark train --cohort ccle-gdsc2 --drugs Cisplatin,Olaparib")
def train(
    cohort: Cohorts,
    drugs: Annotated[str, typer.Option(help="Names parted by commas, or `all`.")] = "all",
    label: Annotated[str, typer.Option(help="tertile, waterfall or threshold.")] = "tertile",
    threshold: Annotated[
        float | None, typer.Option(help="Response at or below which a line is sensitive.")
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Outer folds, grouped by patient.")] = 5,
    seeds: Annotated[int, typer.Option(min=1, help="Repetitions of the outer folds.")] = 3,
    seed: Annotated[int, typer.Option(min=0, help="First seed; the others follow it.")] = 0,
    minimum_samples: Annotated[
        int | None,
        typer.Option("--min-samples", min=20, help="Samples a drug needs, for --drugs all."),
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; one a core by default.")
    ] = None,
    gene_sets: Annotated[
        Path | None, typer.Option(help="GMT file of gene sets to use instead of the shipped ones.")
    ] = None,
    expression: OwnExpression = None,
    response: OwnResponse = None,
    scale: OwnScale = None,
    platform_map: PlatformMap = None,
    random_sets: RandomSets = 0,
    promote: Annotated[
        bool, typer.Option(help="Make the new version the champion, if the gate accepts it.")
    ] = False,
    reviews: Reviews = True,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Train a classifier a drug, evaluate it on unseen lines, and register the bundle."""
    from training.cohort import load_cohort
    from training.evaluation import EvaluationSettings
    from training.evidence.controls import ControlSettings
    from training.settings import TrainingSettings

    settings = TrainingSettings(
        drugs="all" if drugs == "all" else split_names(drugs),
        evaluation=EvaluationSettings(n_folds=folds, seeds=tuple(range(seed, seed + seeds))),
        label_method=one_of("--label", label, ("tertile", "waterfall", "threshold")),
        threshold=threshold,
        minimum_samples=minimum_samples,
        controls=ControlSettings(n_random_sets=random_sets) if random_sets else None,
        n_jobs=jobs or n_jobs_here(),
    )
    console = progress_console()
    with files_at_hand(console) as files:
        table = table_cohort(cohort, expression, response, scale, platform_map)
        declared = None if scale is None else checked_scale(scale)
        loaded = load_cohort(
            cohort, files=files, table=table, scale=declared, platform_map=platform_map
        )
    result, version = run_training(
        loaded, settings, open_store(store), console, gene_sets=gene_sets
    )
    at_desk = put_trained_at_desk(version, store, console) if reviews else None
    outcome = _promote(version, store, console) if promote else None
    if as_json:
        further = _promotion_json(outcome) | _desk_json(at_desk)
        print_json(_training_json_of(loaded, result, version) | further)
    else:
        _print_training(loaded, result)
        print_at_desk(at_desk, version, store)
        _print_version(version, store, outcome)
    if result.interrupted:
        raise typer.Exit(INTERRUPTED)
    if outcome is not None and not outcome.promoted:
        raise typer.Exit(REFUSED)


def _promote(version: str | None, store: str, console: Console) -> Promoted | None:
    """Have a version go through the gate; None where nothing was registered."""
    if version is None:
        return None
    with console.status("Holding it against the promotion policy"):
        return promote_trained(open_store(store), version, console, state=state_beside(store))


def _promotion_json(outcome: Promoted | None) -> dict[str, Any]:
    if outcome is None:
        return {}
    return {"promoted": outcome.promoted, "decision": outcome.decision.to_json()}


def _desk_json(at_desk: AtDesk | None) -> dict[str, Any]:
    return {} if at_desk is None else {"reviews": at_desk.to_json()}


def _explain_example(store: BundleStore, version: str, files: FileSource) -> Explanations:
    from models.explanation import explain
    from training.cohort import load_cohort
    from training.quickstart import EXAMPLE_DRUG, EXAMPLE_LINEAGE, EXAMPLE_SCALE, EXAMPLE_SERIES

    series = load_cohort(EXAMPLE_SERIES, files=files, scale=EXAMPLE_SCALE)
    return explain(
        store.load(version),
        series.expression,
        drugs=[EXAMPLE_DRUG],
        lineage=EXAMPLE_LINEAGE,
        top=None,
    )


def _training_json_of(
    cohort: Cohort, result: TrainingResult, version: str | None
) -> dict[str, Any]:
    from training.summary import training_json

    return training_json(cohort, result) | {"version": version}


def _print_training(cohort: Cohort, result: TrainingResult) -> None:
    from training.summary import describe_training, display_table

    print_table(display_table(result))
    for sentence in describe_training(cohort, result):
        typer.echo(sentence)


def _print_version(version: str | None, store: str, outcome: Promoted | None) -> None:
    if version is None:
        return
    where = "" if store == "var" else f" --store {store}"
    if outcome is not None and outcome.promoted:
        typer.echo(f"\nRegistered as version {version}; it is the champion.")
        return
    if outcome is not None:
        typer.echo(f"\nRegistered as version {version}; the gate refused it:")
        print_refusal(outcome.decision)
        typer.echo(f"  cupromark promote {version} --dry-run{where}")
        return
    typer.echo(f"\nRegistered as version {version}, the challenger. To make it the champion:")
    typer.echo(f"  cupromark promote {version}{where}")


def _print_example(explanations: Explanations) -> None:
    from models.explanation_text import describe_explanation
    from training.quickstart import EXAMPLE_DRUG, describe_example

    typer.echo("")
    for sentence in (*describe_example(explanations.answers), *explanations.notes):
        typer.echo(sentence)
    first = str(explanations.answers["sample_id"].iloc[0])
    typer.echo("\nWhat its first answer rests on (log-odds of being sensitive):")
    for line in describe_explanation(explanations, first, EXAMPLE_DRUG, top=6):
        typer.echo(line)


def _print_next_steps(
    version: str | None, store: str, outcome: Promoted | None, *, simulated: bool
) -> None:
    where = "" if store == "var" else f" --store {store}"
    if outcome is not None and not outcome.promoted:
        typer.echo(f"\nBundle version {version} is not the champion; the gate refused it:")
        print_refusal(outcome.decision)
        typer.echo(f"  cupromark promote {version} --dry-run{where}\n\nWhat to do next:")
    else:
        typer.echo(f"\nBundle version {version} is the champion. What to do next:")
    if simulated:
        typer.echo(
            "  cupromark data list            what real data there is, and where it comes from"
        )
    typer.echo(f"  cupromark models show{where}          every drug with its figures")
    typer.echo(f"  cupromark mlflow{where}               the runs, with ROC and calibration curves")
    typer.echo(f"  cupromark validate FILE --scale S{where}    would your file be accepted?")
    typer.echo(f"  cupromark predict FILE --scale S{where} --out OUT.csv")
    typer.echo(f"  cupromark explain FILE --scale S{where}     which genes an answer rests on")
    typer.echo(f"  cupromark serve{where}                the same over HTTP, with pages")
