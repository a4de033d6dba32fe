"""A training: a cohort in, a bundle out, every drug evaluated on lines it has not seen."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import joblib
import numpy as np

from features.gene_sets import GeneSetCollection
from features.symbols import SymbolTable
from features.transformer import GeneSetFeatures
from models.bundle import Bundle
from models.golden import with_golden
from training.cohort import Cohort
from training.drug_tasks import DrugTasks, response_of
from training.drug_training import SkippedDrug, TrainedDrug, train_drug
from training.evaluation import DrugTask, EvaluationSettings
from training.evidence.cohort_data import control_data
from training.evidence.cohort_wide import CohortWide, measure_cohort
from training.evidence.controls import Controls, ControlSettings, run_controls
from training.evidence.judging import with_controls
from training.metrics import FloatArray
from training.provenance import provenance_of
from training.settings import TrainingObserver, TrainingSettings, choose_training_drugs


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What a training leaves.

    Attributes
    ----------
    bundle
        With golden answers; None when no drug could be trained.
    trained, skipped
        By name of the drug.
    boosters
        UBJ by drug, for the drugs whose classifier is made of trees.
    interrupted
        True when it was stopped; it then holds the drugs that were finished.
    controls
        Figures of every control and random gene set, where they were asked for.
    cohort_wide
        Figures of the cohort as a whole, where controls were asked for.
    """

    bundle: Bundle | None
    trained: dict[str, TrainedDrug]
    skipped: dict[str, SkippedDrug]
    boosters: dict[str, bytes]
    interrupted: bool
    controls: Controls | None = None
    cohort_wide: CohortWide | None = None

    @property
    def mean_roc_auc(self) -> float:
        """Mean over drugs of the roc_auc on unseen lines."""
        return float(np.mean([one.evaluation.roc_auc.value for one in self.trained.values()]))

    @property
    def mean_lineage_roc_auc(self) -> float:
        """The same for lineage alone, on the same folds; chance (0.5) where no lineage is known."""
        figures = [one.evaluation.lineage_roc_auc.value for one in self.trained.values()]
        return float(np.mean(figures))


def train(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    *,
    observers: Sequence[TrainingObserver] = (),
) -> TrainingResult:
    """Train and evaluate a classifier for every drug asked for.

    An interrupt (Ctrl-C) ends it cleanly: what is finished is in the result.

    Raises
    ------
    TrainingError
        The cohort has no response, or an unknown drug is named.
    """
    drugs = choose_training_drugs(response_of(cohort), settings)
    make_features = partial(
        GeneSetFeatures,
        gene_sets,
        expression_scale=cohort.expression.scale,
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
    )
    features = make_features(with_quantiles=True)
    tasks = DrugTasks.of(cohort, settings, features)
    for observer in observers:
        observer.started(cohort, settings, drugs)
    jobs = (
        joblib.delayed(_train_one)(
            *tasks.task(drug), partial(make_features, with_quantiles=False), settings.evaluation
        )
        for drug in drugs
    )
    done, interrupted = _collect(jobs, observers, n_jobs=settings.n_jobs)
    ordered = [done[drug] for drug in drugs if drug in done]
    trained = {one.model.drug: one for one in ordered if isinstance(one, TrainedDrug)}
    controls, cohort_wide = None, None
    if settings.controls is not None and trained and not interrupted:
        found = _control(cohort, gene_sets, settings, list(trained), observers)
        interrupted = found is None
        if found is not None:
            controls, cohort_wide = found
            trained = with_controls(trained, controls, cohort_wide)
    return TrainingResult(
        bundle=_bundle(cohort, gene_sets, settings, features, trained) if trained else None,
        trained=trained,
        skipped={one.drug: one for one in ordered if isinstance(one, SkippedDrug)},
        boosters={d: one.booster for d, one in trained.items() if one.booster is not None},
        interrupted=interrupted,
        controls=controls,
        cohort_wide=cohort_wide,
    )


def _train_one(
    task: DrugTask | SkippedDrug,
    features: FloatArray,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
) -> TrainedDrug | SkippedDrug:
    if isinstance(task, SkippedDrug):
        return task
    return train_drug(task, features, make_features, settings)


def _control(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    drugs: list[str],
    observers: Sequence[TrainingObserver],
) -> tuple[Controls, CohortWide] | None:
    """Run the controls of the trained drugs; None when they were interrupted."""

    def progress(done: int, total: int) -> None:
        for observer in observers:
            observer.finished_controls(done, total)

    data, _ = control_data(cohort, gene_sets, drugs, settings)
    asked = replace(
        settings.controls or ControlSettings(),
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
        n_jobs=settings.n_jobs,
    )
    try:
        return run_controls(data, asked, progress=progress), measure_cohort(data, asked)
    except KeyboardInterrupt:
        return None


def _collect(
    jobs: Iterator[Any], observers: Sequence[TrainingObserver], *, n_jobs: int
) -> tuple[dict[str, TrainedDrug | SkippedDrug], bool]:
    """Results by drug, and whether the drugs that lack one were interrupted."""
    done: dict[str, TrainedDrug | SkippedDrug] = {}
    interrupted = False
    config = joblib.parallel_config(
        backend="loky", inner_max_num_threads=1, initializer=_leave_interrupts_to_the_parent
    )
    with config:
        parallel = joblib.Parallel(
            n_jobs=n_jobs,
            return_as="generator_unordered",
            batch_size=1,
            pre_dispatch="2*n_jobs",  # beyond that, stopping early makes loky's thread fail
        )
        try:
            with _stopping(parallel(jobs)) as results:
                for result in results:
                    name = result.model.drug if isinstance(result, TrainedDrug) else result.drug
                    done[name] = result
                    for observer in observers:
                        observer.finished_drug(result)
        except KeyboardInterrupt:
            interrupted = True
    return done, interrupted


def _leave_interrupts_to_the_parent() -> None:
    """Ctrl-C reaches every process of a terminal; a worker in compiled code may crash from it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _stopping(results: Any) -> Iterator[Iterator[TrainedDrug | SkippedDrug]]:
    """Stop the drugs that still run when the results are left early."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            # joblib warns of results that nobody fetched; leaving them is what was asked for.
            warnings.simplefilter("ignore", UserWarning)
            results.close()


def _bundle(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    features: GeneSetFeatures,
    trained: dict[str, TrainedDrug],
) -> Bundle:
    bundle = Bundle(
        features=features,
        gene_sets=gene_sets,
        symbols=_frozen_symbols(cohort),
        drugs={drug: one.model for drug, one in trained.items()},
        provenance=provenance_of(cohort, settings),
        minimum_gene_coverage=settings.minimum_gene_coverage,
    )
    return with_golden(bundle)


def _frozen_symbols(cohort: Cohort) -> SymbolTable:
    return SymbolTable.from_records(cohort.symbols.records_of(cohort.expression.genes))
