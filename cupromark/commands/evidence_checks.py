"""Checks beyond a cohort: `evidence platforms`, `patients`, `external` and `compare`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cupromark.groups import evidence_app
from cupromark.options import BundleName, Json, Store
from cupromark.printing import progress_console
from cupromark.stores import files_at_hand, load_named_bundle
from cupromark.study_output import (
    DrugNames,
    Plot,
    Seeds,
    finish_study,
    load_named_cohort,
    some_or_all,
    study_bar,
)

if TYPE_CHECKING:
    from training.files import FileSource


@evidence_app.command(
    "platforms", epilog="Example: cupromark evidence platforms --drugs Cisplatin,Venetoclax"
)
def evidence_platforms(
    trained_on: Annotated[
        str, typer.Option(help="Cohort that the model is learned from.")
    ] = "ccle-gdsc2",
    asked_on: Annotated[
        str, typer.Option(help="Cohort whose profiles of the same lines are asked about.")
    ] = "depmap-gdsc2",
    drugs: DrugNames = "all",
    plot: Plot = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Ask one model about the same lines on a microarray and by RNA-seq."""
    from features.gene_sets import load_gene_sets
    from training.cell_line_models import read_models
    from training.cohort import load_cohort
    from training.drug_tasks import response_of
    from training.evidence.platforms import PlatformSettings
    from training.evidence.studies.platform_robustness import study_platforms
    from training.settings import TrainingSettings, choose_training_drugs

    settings = TrainingSettings(drugs=some_or_all(drugs))
    with files_at_hand(progress_console()) as files:
        first, second = (load_cohort(name, files=files) for name in (trained_on, asked_on))
        models = read_models(files.fetch(files.catalogue.file("depmap_models")).path)
    with study_bar("Platforms") as progress:
        study = study_platforms(
            first,
            second,
            models,
            load_gene_sets(),
            choose_training_drugs(response_of(first), settings),
            PlatformSettings(settings),
            progress=progress,
        )
    finish_study(study, [trained_on, asked_on], store, plot, as_json=as_json)


@evidence_app.command("patients", epilog="Example: cupromark evidence patients --drugs Cisplatin")
def evidence_patients(
    cohort: Annotated[str, typer.Option(help="A cohort with clinical response.")] = "tcga",
    drugs: DrugNames = "all",
    seeds: Seeds = 3,
    plot: Plot = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Measure in patients what the genes add to cancer type alone."""
    from features.gene_sets import load_gene_sets
    from training.evaluation import EvaluationSettings
    from training.evidence.studies.patient_response import study_patients
    from training.settings import TrainingSettings

    settings = TrainingSettings(
        drugs=some_or_all(drugs), evaluation=EvaluationSettings(seeds=tuple(range(seeds)))
    )
    loaded = load_named_cohort(cohort)
    with study_bar("Patients") as progress:
        study = study_patients(loaded, load_gene_sets(), settings, progress=progress)
    finish_study(study, [cohort], store, plot, as_json=as_json)


@evidence_app.command(
    "external", epilog="Example: cupromark evidence external --bundle champion --json"
)
def evidence_external(
    bundle: BundleName = "champion", store: Store = "var", as_json: Json = False
) -> None:
    """Ask a bundle about the cisplatin-resistant cells of GSE15709."""
    from training.cohort import load_cohort
    from training.evidence.studies.external_check import study_external
    from training.quickstart import EXAMPLE_SCALE, EXAMPLE_SERIES

    loaded = load_named_bundle(bundle, store)
    with files_at_hand(progress_console()) as files:
        series = load_cohort(EXAMPLE_SERIES, files=files, scale=EXAMPLE_SCALE)
        lines = _training_lines(loaded.cohort, files)
    study = study_external(loaded, series.expression, lines)
    finish_study(study, [loaded.cohort], store, None, as_json=as_json)


@evidence_app.command(
    "compare", epilog="Example: cupromark evidence compare champion challenger --plot compare.svg"
)
def evidence_compare(
    first: Annotated[
        str, typer.Argument(metavar="A", help="Folder, version or alias of a bundle.")
    ],
    second: Annotated[
        str, typer.Argument(metavar="B", help="Bundle to hold against A: folder, version or alias.")
    ],
    draws: Annotated[int, typer.Option(min=100, help="Draws of patients behind intervals.")] = 1000,
    plot: Plot = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Put two bundles side by side, and say which differences are real."""
    from training.evidence.studies.bundle_comparison import compare_bundles
    from training.evidence.studies.side_by_side import comparison_study

    here, there = (load_named_bundle(name, store) for name in (first, second))
    with study_bar("Differences") as progress:
        comparison = compare_bundles(here, there, n_draws=draws, progress=progress)
    names = [one.name.removeprefix("sha256:") for one in (here, there)]
    finish_study(comparison_study(comparison), names, store, plot, as_json=as_json)


def _training_lines(cohort: str, files: FileSource) -> tuple[str, ...] | None:
    """Names of a cohort's lines; None for a cohort that the catalogue does not hold."""
    from training.cell_line_models import read_models
    from training.cohort import load_cohort
    from training.evidence.external import line_names

    if cohort not in files.catalogue.cohorts:
        return None
    source = files.find(files.catalogue.file("depmap_models"))
    models = read_models(source.path) if source is not None else None
    return line_names(load_cohort(cohort, files=files), models)
