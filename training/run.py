"""A training: a cohort in, a bundle out, every drug evaluated on lines it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from features.gene_sets import GeneSetCollection
from features.symbols import SymbolTable
from features.transformer import GeneSetFeatures
from models.bundle import Bundle
from models.golden import with_golden
from training.bundle_parts import domain_of
from training.cohort import Cohort
from training.cohort_evaluation import learn_cohort
from training.drug_tasks import DrugTasks, response_of
from training.drug_training import SkippedDrug, TrainedDrug, train_drug
from training.evaluation import DrugTask, EvaluationSettings
from training.evidence.cohort_data import control_data
from training.evidence.cohort_wide import CohortWide, measure_cohort
from training.evidence.controls import ControlData, Controls, ControlSettings, run_controls
from training.evidence.judging import with_controls
from training.evidence.other_cohorts import OtherCohorts
from training.kept_drugs import KeptDrugs, training_fingerprint
from training.metrics import FloatArray
from training.processes import results_of
from training.provenance import provenance_of
from training.settings import TrainingObserver, TrainingSettings, choose_training_drugs
from training.shared_folds import SharedCohort, SharedDrug


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
    shared_choices
        What the inner folds of every shared fold chose, and then those of all lines (JSON); empty
        where every drug learned by itself.
    """

    bundle: Bundle | None
    trained: dict[str, TrainedDrug]
    skipped: dict[str, SkippedDrug]
    boosters: dict[str, bytes]
    interrupted: bool
    controls: Controls | None = None
    cohort_wide: CohortWide | None = None
    shared_choices: tuple[dict[str, Any], ...] = ()

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
    keep: Path | None = None,
    only: Collection[str] | None = None,
    others: OtherCohorts | None = None,
) -> TrainingResult:
    """Train and evaluate a classifier for every drug asked for.

    An interrupt (Ctrl-C) ends it cleanly: what is finished is in the result.

    Parameters
    ----------
    keep
        Folder in which finished drugs and parts of the controls are kept, so that a run that was
        stopped goes on there.
    only
        With `keep`: train these of the drugs and leave the others, the controls and the bundle to
        a later call.
    others
        Cohorts whose unseen lines the cards are to speak of.

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
    make_fold_features = partial(make_features, with_quantiles=False)
    kept = _kept(cohort, gene_sets, settings, drugs, keep)
    wanted = [drug for drug in drugs if only is None or drug in only]
    known = kept.finished(wanted) if kept else {}
    try:
        shared = kept.together() if kept else None
        if shared is None and len(known) < len(wanted):
            shared = _learn_together(tasks, features, make_fold_features)
            if kept and shared:
                kept.keep_together(shared)
    except KeyboardInterrupt:
        return TrainingResult(bundle=None, trained={}, skipped={}, boosters={}, interrupted=True)
    jobs = (
        joblib.delayed(_train_one)(
            *tasks.task(drug),
            make_fold_features,
            settings.evaluation,
            shared.of_drug(drug, tasks.measured(drug)) if shared else None,
        )
        for drug in wanted
        if drug not in known
    )
    keeping = [kept, *observers] if kept else observers
    done, interrupted = _collect(jobs, known, keeping, n_jobs=settings.n_jobs)
    ordered = [done[drug] for drug in drugs if drug in done]
    trained = {one.model.drug: one for one in ordered if isinstance(one, TrainedDrug)}
    controls, cohort_wide = None, None
    whole = only is None
    if whole and settings.controls is not None and trained and not interrupted:
        data, _ = control_data(cohort, gene_sets, list(trained), settings, shared=shared)
        asked = partial(measure_cohort, cohort=cohort, gene_sets=gene_sets, others=others)
        found = _control(data, settings, asked, observers, keep=keep)
        interrupted = found is None
        if found is not None:
            controls, cohort_wide = found
            trained = with_controls(trained, controls, cohort_wide)
    return TrainingResult(
        bundle=_bundle(tasks, gene_sets, features, trained) if trained and whole else None,
        trained=trained,
        skipped={one.drug: one for one in ordered if isinstance(one, SkippedDrug)},
        boosters={d: one.booster for d, one in trained.items() if one.booster is not None},
        interrupted=interrupted,
        controls=controls,
        cohort_wide=cohort_wide,
        shared_choices=shared.choices if shared else (),
    )


def _kept(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    drugs: Sequence[str],
    folder: Path | None,
) -> KeptDrugs | None:
    if folder is None:
        return None
    return KeptDrugs(folder, training_fingerprint(cohort, gene_sets, settings, drugs))


def _learn_together(
    tasks: DrugTasks, features: GeneSetFeatures, make_features: Callable[[], GeneSetFeatures]
) -> SharedCohort | None:
    """Learn all drugs of the cohort that can learn together; None where each learns by itself."""
    task, evaluation = tasks.shared(), tasks.settings.evaluation
    if task is None or evaluation.shared is None:
        return None
    return learn_cohort(
        task,
        features,
        tasks.matrix,
        make_features,
        evaluation,
        evaluation.shared,
        n_jobs=tasks.settings.n_jobs,
    )


def _train_one(
    task: DrugTask | SkippedDrug,
    features: FloatArray,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
    shared: SharedDrug | None,
) -> TrainedDrug | SkippedDrug:
    if isinstance(task, SkippedDrug):
        return task
    return train_drug(task, features, make_features, settings, shared)


def _control(
    data: ControlData,
    settings: TrainingSettings,
    measure: Callable[..., CohortWide],
    observers: Sequence[TrainingObserver],
    *,
    keep: Path | None,
) -> tuple[Controls, CohortWide] | None:
    """Run the controls of the trained drugs; None when they were interrupted."""

    def progress(done: int, total: int) -> None:
        for observer in observers:
            observer.finished_controls(done, total)

    asked = replace(
        settings.controls or ControlSettings(),
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
        n_jobs=settings.n_jobs,
    )
    try:
        controls = run_controls(data, asked, keep=keep, progress=progress)
        return controls, measure(data, asked, scored=controls.fixed_scores)
    except KeyboardInterrupt:
        return None


def _collect(
    jobs: Iterator[Any],
    known: Mapping[str, TrainedDrug | SkippedDrug],
    observers: Sequence[TrainingObserver],
    *,
    n_jobs: int,
) -> tuple[dict[str, TrainedDrug | SkippedDrug], bool]:
    """Results by drug, and whether the drugs that lack one were interrupted."""
    done: dict[str, TrainedDrug | SkippedDrug] = {}
    interrupted = False
    try:
        with results_of(jobs, n_jobs=n_jobs) as results:
            for result in chain(known.values(), results):
                name = result.model.drug if isinstance(result, TrainedDrug) else result.drug
                done[name] = result
                for observer in observers:
                    observer.finished_drug(result)
    except KeyboardInterrupt:
        interrupted = True
    return done, interrupted


def _bundle(
    tasks: DrugTasks,
    gene_sets: GeneSetCollection,
    features: GeneSetFeatures,
    trained: dict[str, TrainedDrug],
) -> Bundle:
    cohort, settings = tasks.cohort, tasks.settings
    bundle = Bundle(
        features=features,
        gene_sets=gene_sets,
        symbols=_frozen_symbols(cohort),
        drugs={drug: one.model for drug, one in trained.items()},
        provenance=provenance_of(cohort, settings),
        minimum_gene_coverage=settings.minimum_gene_coverage,
        domain=domain_of(cohort, features, tasks.matrix),
        background=tasks.matrix.mean(axis=0),
    )
    return with_golden(bundle)


def _frozen_symbols(cohort: Cohort) -> SymbolTable:
    return SymbolTable.from_records(cohort.symbols.records_of(cohort.expression.genes))
