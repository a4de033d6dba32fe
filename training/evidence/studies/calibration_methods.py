"""Study `calibration`: how often held-out lines prefer Venn-Abers to a sigmoid, over many drugs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from features.gene_sets import GeneSetCollection
from features.transformer import GeneSetFeatures
from training.cohort import Cohort
from training.drug_tasks import DrugTasks, response_of
from training.drug_training import SkippedDrug
from training.errors import LabelError
from training.evaluation import DrugTask, EvaluationSettings, evaluate_drug
from training.evidence.calibration_choice import CalibrationChoice, choose_calibration
from training.evidence.studies.forest import Forest
from training.evidence.studies.study import Study, about_cohort
from training.evidence.studies.tables import StudyTable, figure_text
from training.metrics import group_bootstrap_weights
from training.settings import TrainingSettings, choose_training_drugs

N_SHOWN = 10
NOTE = (
    "Both calibrations are learned from the same inner scores of every outer fold, and judged by "
    "the Brier score on held-out lines. Venn-Abers is chosen where it is better by more than one "
    "standard error, which pure chance would do for about 16% of drugs."
)


def study_calibration(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Let the held-out lines of every drug choose a calibration.

    Raises
    ------
    TrainingError
        No response, or an unknown drug.
    """
    drugs = choose_training_drugs(response_of(cohort), settings)
    found: dict[str, CalibrationChoice] = {}
    skipped: dict[str, str] = {}
    for done, (drug, one) in enumerate(_choices(cohort, gene_sets, settings, drugs), start=1):
        if isinstance(one, SkippedDrug):
            skipped[drug] = one.reason
        else:
            found[drug] = one
        if progress:
            progress(done, len(drugs))
    ordered = sorted(found.items(), key=lambda row: row[1].difference.value)
    return Study(
        name="calibration",
        title=f"Sigmoid or Venn-Abers on {cohort.name}",
        about=about_cohort(
            cohort,
            seeds=list(settings.evaluation.seeds),
            families=[one.name for one in settings.evaluation.families],
        ),
        figures=_figures(found),
        tables=(_table(ordered),),
        notes=(_summary(found), NOTE),
        forest=Forest(
            f"Venn-Abers against sigmoid on {cohort.name}",
            "Brier score of Venn-Abers minus that of sigmoid (below 0: Venn-Abers is better)",
            0.0,
            tuple((drug, one.difference) for drug, one in ordered),
        ),
        skipped=skipped,
    )


def _choices(
    cohort: Cohort, gene_sets: GeneSetCollection, settings: TrainingSettings, drugs: list[str]
) -> Iterator[tuple[str, CalibrationChoice | SkippedDrug]]:
    make_features = partial(
        GeneSetFeatures,
        gene_sets,
        expression_scale=cohort.expression.scale,
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
        with_quantiles=False,
    )
    tasks = DrugTasks.of(cohort, settings, make_features())
    jobs = (
        joblib.delayed(_choose)(tasks.task(drug)[0], make_features, settings.evaluation)
        for drug in drugs
    )
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = joblib.Parallel(
            n_jobs=settings.n_jobs, return_as="generator", batch_size=1, pre_dispatch="2*n_jobs"
        )
        yield from zip(drugs, parallel(jobs), strict=True)


def _choose(
    task: DrugTask | SkippedDrug,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
) -> CalibrationChoice | SkippedDrug:
    if isinstance(task, SkippedDrug):
        return task
    with threadpool_limits(limits=1):
        try:
            evaluation = evaluate_drug(task, make_features, settings)
        except LabelError as error:
            return SkippedDrug(task.drug, error.found)
    generator = np.random.default_rng(settings.seeds[0])
    draws = group_bootstrap_weights(task.groups, settings.n_bootstrap, generator)
    return choose_calibration(task.is_sensitive, evaluation.folds, draws)


def _figures(found: dict[str, CalibrationChoice]) -> dict[str, Any]:
    counts = Counter(one.chosen for one in found.values())
    surely = [one.difference for one in found.values()]
    return {
        "chosen": {name: counts[name] for name in ("sigmoid", "venn_abers")},
        "surely_better": {
            "sigmoid": sum(one.low > 0 for one in surely),
            "venn_abers": sum(one.high < 0 for one in surely),
        },
        "mean_brier": _mean_brier(found),
        "drugs": {drug: one.to_json() for drug, one in found.items()},
    }


def _mean_brier(found: dict[str, CalibrationChoice]) -> dict[str, float | str]:
    if not found:
        return dict.fromkeys(("sigmoid", "venn_abers"), "not estimable: no drug was evaluated")
    return {
        "sigmoid": float(np.mean([one.sigmoid_brier.value for one in found.values()])),
        "venn_abers": float(np.mean([one.venn_abers_brier.value for one in found.values()])),
    }


def _summary(found: dict[str, CalibrationChoice]) -> str:
    figures = _figures(found)
    chosen, surely, brier = (figures[n] for n in ("chosen", "surely_better", "mean_brier"))
    if not found:
        return "No drug was evaluated."
    return (
        f"Of {len(found)} drugs, the data chose the sigmoid for {chosen['sigmoid']} and Venn-Abers "
        f"for {chosen['venn_abers']}. The 95% interval of the difference favours the sigmoid for "
        f"{surely['sigmoid']} drugs and Venn-Abers for {surely['venn_abers']}. Mean Brier score: "
        f"sigmoid {brier['sigmoid']:.4f}, Venn-Abers {brier['venn_abers']:.4f}."
    )


def _table(ordered: list[tuple[str, CalibrationChoice]]) -> StudyTable:
    rows = tuple(
        (
            drug,
            one.chosen.replace("_", "-"),
            figure_text(one.sigmoid_brier),
            figure_text(one.venn_abers_brier),
            figure_text(one.difference, sign="+", digits=4),
        )
        for drug, one in ordered[:N_SHOWN]
    )
    columns = ("drug", "chosen", "Brier, sigmoid", "Brier, Venn-Abers", "difference")
    return StudyTable(f"The {len(rows)} drugs that favour Venn-Abers most.", columns, rows)
