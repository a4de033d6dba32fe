"""`quickstart` and `train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cupromark.groups import app
from cupromark.options import (
    INTERRUPTED,
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
from cupromark.stores import files_at_hand, n_jobs_here, open_store
from cupromark.training_runs import run_training

if TYPE_CHECKING:
    from models.explanation import Explanations
    from models.store import BundleStore
    from training.cohort import Cohort
    from training.files import FileSource
    from training.run import TrainingResult


@app.command(epilog="Example: cupromark quickstart")
def quickstart(store: Store = "var", as_json: Json = False) -> None:
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
        result, version = run_training(
            choice.cohort, settings, open_store(store), console, promote=True
        )
        example = None if choice.cohort.simulated else _explain_example(open_store(store), files)
    if as_json:
        print_json(_training_json_of(choice.cohort, result, version) | {"reasons": choice.reasons})
        return
    _print_training(choice.cohort, result)
    if example is not None:
        _print_example(example)
    _print_next_steps(version, store, simulated=choice.cohort.simulated)


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
    promote: Annotated[bool, typer.Option(help="Make the new version the champion.")] = False,
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
        loaded, settings, open_store(store), console, promote=promote, gene_sets=gene_sets
    )
    if as_json:
        print_json(_training_json_of(loaded, result, version))
    else:
        _print_training(loaded, result)
        _print_version(version, store, promoted=promote)
    if result.interrupted:
        raise typer.Exit(INTERRUPTED)


def _explain_example(store: BundleStore, files: FileSource) -> Explanations:
    from models.explanation import explain
    from training.cohort import load_cohort
    from training.quickstart import EXAMPLE_DRUG, EXAMPLE_LINEAGE, EXAMPLE_SCALE, EXAMPLE_SERIES

    series = load_cohort(EXAMPLE_SERIES, files=files, scale=EXAMPLE_SCALE)
    return explain(
        store.load(), series.expression, drugs=[EXAMPLE_DRUG], lineage=EXAMPLE_LINEAGE, top=None
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


def _print_version(version: str | None, store: str, *, promoted: bool) -> None:
    if version is None:
        return
    where = "" if store == "var" else f" --store {store}"
    if promoted:
        typer.echo(f"\nRegistered as version {version}; it is the champion.")
        return
    typer.echo(f"\nRegistered as version {version}, the challenger. To make it the champion:")
    typer.echo(f"  cupromark models promote {version}{where}")


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


def _print_next_steps(version: str | None, store: str, *, simulated: bool) -> None:
    where = "" if store == "var" else f" --store {store}"
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
