"""Studies of a cohort: `evidence ablation`, `factors`, `labels`, `calibration` and `null`."""

from __future__ import annotations

from typing import Annotated

import typer

from cupromark.groups import evidence_app
from cupromark.options import Json, NamedCohort, Store, one_of
from cupromark.stores import n_jobs_here
from cupromark.study_output import (
    DrugNames,
    Jobs,
    Plot,
    Seeds,
    finish_study,
    load_named_cohort,
    some_or_all,
    study_bar,
)


@evidence_app.command(
    "ablation",
    epilog="Example: cupromark evidence ablation --cohort ccle-gdsc2 --drugs Cisplatin,Olaparib",
)
def evidence_ablation(
    cohort: NamedCohort,
    drugs: DrugNames = "all",
    genes: Annotated[
        int, typer.Option(min=0, help="Most attributed genes of each drug to take away; 0: none.")
    ] = 10,
    seeds: Seeds = 1,
    plot: Plot = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Measure what each gene set adds, and what becomes of a drug without a gene."""
    from features.gene_sets import load_gene_sets
    from training.evidence.ablation import AblationSettings
    from training.evidence.controls import ControlSettings
    from training.evidence.studies.gene_sets import study_ablation
    from training.settings import TrainingSettings

    loaded = load_named_cohort(cohort)
    with study_bar("Gene sets and genes") as progress:
        study = study_ablation(
            loaded,
            load_gene_sets(),
            TrainingSettings(drugs=some_or_all(drugs)),
            AblationSettings(ControlSettings(seeds=tuple(range(seeds)))),
            n_genes=genes,
            progress=progress,
        )
    finish_study(study, [cohort], store, plot, as_json=as_json)


@evidence_app.command(
    "factors", epilog="Example: cupromark evidence factors --cohort ccle-gdsc2 --plot factors.svg"
)
def evidence_factors(
    cohort: NamedCohort,
    drugs: DrugNames = "all",
    seeds: Seeds = 1,
    plot: Plot = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Measure whether response factors shared between drugs help on unseen lines."""
    from features.gene_sets import load_gene_sets
    from training.evidence.controls import ControlSettings
    from training.evidence.multi_task import MultiTaskSettings
    from training.evidence.studies.response_factors import study_factors
    from training.settings import TrainingSettings

    loaded = load_named_cohort(cohort)
    with study_bar("Shared factors"):
        study = study_factors(
            loaded,
            load_gene_sets(),
            TrainingSettings(drugs=some_or_all(drugs)),
            MultiTaskSettings(ControlSettings(seeds=tuple(range(seeds)))),
        )
    finish_study(study, [cohort], store, plot, as_json=as_json)


@evidence_app.command(
    "labels",
    epilog="Example: cupromark evidence labels --cohort ccle-gdsc2 --drugs Cisplatin,Olaparib",
)
def evidence_labels(
    cohort: NamedCohort,
    drugs: DrugNames = "all",
    label: Annotated[str, typer.Option(help="tertile or waterfall.")] = "tertile",
    second: Annotated[str, typer.Option(help="The other method, tertile or waterfall.")] = (
        "waterfall"
    ),
    seeds: Seeds = 3,
    plot: Plot = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Measure whether roc_auc depends on how lines are called sensitive."""
    from features.gene_sets import load_gene_sets
    from training.evaluation import EvaluationSettings
    from training.evidence.studies.label_methods import study_labels
    from training.settings import TrainingSettings

    methods = ("tertile", "waterfall")
    settings = TrainingSettings(
        drugs=some_or_all(drugs),
        label_method=one_of("--label", label, methods),
        evaluation=EvaluationSettings(seeds=tuple(range(seeds))),
    )
    second_method = one_of("--second", second, methods)
    loaded = load_named_cohort(cohort)
    with study_bar("Label methods") as progress:
        study = study_labels(
            loaded,
            load_gene_sets(),
            settings,
            second_method=second_method,
            progress=progress,
        )
    finish_study(study, [cohort], store, plot, as_json=as_json)


@evidence_app.command(
    "calibration", epilog="Example: cupromark evidence calibration --cohort ccle-gdsc2"
)
def evidence_calibration(
    cohort: NamedCohort,
    drugs: DrugNames = "all",
    seeds: Seeds = 1,
    jobs: Jobs = None,
    plot: Plot = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Count for how many drugs held-out lines prefer Venn-Abers to a sigmoid (rank ridge)."""
    from features.gene_sets import load_gene_sets
    from models.estimators import RankRidge
    from training.evaluation import EvaluationSettings
    from training.evidence.studies.calibration_methods import study_calibration
    from training.settings import TrainingSettings

    evaluation = EvaluationSettings(seeds=tuple(range(seeds)), families=(RankRidge(),))
    settings = TrainingSettings(
        drugs=some_or_all(drugs), evaluation=evaluation, n_jobs=jobs or n_jobs_here()
    )
    loaded = load_named_cohort(cohort)
    with study_bar("Calibrations") as progress:
        study = study_calibration(loaded, load_gene_sets(), settings, progress=progress)
    finish_study(study, [cohort], store, plot, as_json=as_json)


@evidence_app.command(
    "null", epilog="Example: cupromark evidence null --cohort ccle-gdsc2 --seeds 20"
)
def evidence_null(
    cohort: NamedCohort,
    drugs: DrugNames = "all",
    seeds: Annotated[int, typer.Option(min=1, help="Shuffles, each with folds of its own.")] = 20,
    estimators: Annotated[
        str, typer.Option(help="rank_ridge, shared_factors, or both parted by a comma.")
    ] = "rank_ridge,shared_factors",
    jobs: Jobs = None,
    plot: Plot = None,
    store: Store = "var",
    as_json: Json = False,
) -> None:
    """Learn from shuffled labels: the mean roc_auc must be that of chance."""
    from cupromark.options import split_names
    from features.gene_sets import load_gene_sets
    from training.evidence.controls import ControlSettings
    from training.evidence.studies.null_labels import study_null
    from training.evidence.studies.shuffled_labels import ESTIMATORS
    from training.settings import TrainingSettings

    asked = tuple(one_of("--estimators", one, ESTIMATORS) for one in split_names(estimators))
    loaded = load_named_cohort(cohort)
    with study_bar("Shuffled labels") as progress:
        study = study_null(
            loaded,
            load_gene_sets(),
            TrainingSettings(drugs=some_or_all(drugs)),
            ControlSettings(seeds=tuple(range(seeds)), n_jobs=jobs or n_jobs_here()),
            estimators=asked or ESTIMATORS,
            progress=progress,
        )
    finish_study(study, [cohort], store, plot, as_json=as_json)
