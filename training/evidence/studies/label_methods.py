"""Study `labels`: whether roc_auc depends on where sensitive ends and resistant begins."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from features.gene_sets import GeneSetCollection
from features.transformer import GeneSetFeatures
from training.cohort import Cohort
from training.drug_tasks import DrugTasks, response_of
from training.drug_training import SkippedDrug
from training.errors import LabelError
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.evidence.label_robustness import LabelRobustness, measure_label_robustness
from training.evidence.studies.forest import Forest
from training.evidence.studies.study import Study, about_cohort
from training.evidence.studies.tables import StudyTable, figure_text
from training.labels import LabelMethod
from training.metrics import Interval
from training.settings import TrainingSettings, choose_training_drugs

NOTE = (
    "Rank ridge reads the rank of the response and never a label: the scores are the same under "
    "both methods, and only the pairs of lines that count differ."
)


def study_labels(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    *,
    second_method: LabelMethod,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Judge the same held-out scores by two ways of making labels.

    Raises
    ------
    TrainingError
        No response, or an unknown drug.
    """
    drugs = choose_training_drugs(response_of(cohort), settings)
    found: dict[str, LabelRobustness] = {}
    skipped: dict[str, str] = {}
    make_features = partial(
        GeneSetFeatures,
        gene_sets,
        expression_scale=cohort.expression.scale,
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
        with_quantiles=False,
    )
    tasks = DrugTasks.of(cohort, settings, make_features())
    for done, drug in enumerate(drugs, start=1):
        task, _ = tasks.task(drug)
        if isinstance(task, SkippedDrug):
            skipped[drug] = task.reason
            continue
        try:
            found[drug] = measure_label_robustness(
                task, make_features, settings.evaluation, second_method=second_method
            )
        except LabelError as error:
            skipped[drug] = error.found
        if progress:
            progress(done, len(drugs))
    return _study(cohort, settings, second_method, found, skipped)


def _study(
    cohort: Cohort,
    settings: TrainingSettings,
    second_method: LabelMethod,
    found: dict[str, LabelRobustness],
    skipped: dict[str, str],
) -> Study:
    methods = f"{settings.label_method} and {second_method}"
    return Study(
        name="labels",
        title=f"Labels by {methods} on {cohort.name}",
        about=about_cohort(
            cohort,
            label_method=settings.label_method,
            second_method=second_method,
            seeds=list(settings.evaluation.seeds),
        ),
        figures={
            "mean_difference": figure_json(_mean_difference(found)),
            "drugs": {drug: one.to_json() for drug, one in found.items()},
        },
        tables=(_table(found, settings.label_method, second_method),),
        notes=(f"Mean difference over drugs: {_mean_text(found)}.", *_reasons(found), NOTE),
        forest=Forest(
            f"How roc_auc changes from {methods}",
            f"roc_auc under {second_method} minus that under {settings.label_method}",
            0.0,
            tuple((drug, one.difference) for drug, one in found.items()),
        ),
        skipped=skipped,
    )


def _mean_difference(found: dict[str, LabelRobustness]) -> float | NotEstimable:
    figures = [one.difference for one in found.values()]
    values = [one.value for one in figures if isinstance(one, Interval)]
    return float(np.mean(values)) if values else NotEstimable("no drug has both labels")


def _mean_text(found: dict[str, LabelRobustness]) -> str:
    return figure_text(_mean_difference(found), sign="+")


def _reasons(found: dict[str, LabelRobustness]) -> tuple[str, ...]:
    """Say why drugs have no figure under the second method."""
    return tuple(
        f"{drug}: {one.difference}"
        for drug, one in found.items()
        if isinstance(one.difference, NotEstimable)
    )


def _shown(figure: Figure, *, sign: str = "", digits: int = 3) -> str:
    """Give a dash where a note says why there is no figure."""
    return (
        "-" if isinstance(figure, NotEstimable) else figure_text(figure, sign=sign, digits=digits)
    )


def _table(found: dict[str, LabelRobustness], first: str, second: str) -> StudyTable:
    rows = tuple(
        (
            drug,
            f"{one.n_sensitive} / {one.second_n_sensitive or '-'}",
            _shown(one.agreement, digits=2),
            figure_text(one.roc_auc),
            _shown(one.second_roc_auc),
            _shown(one.difference, sign="+"),
        )
        for drug, one in found.items()
    )
    columns = ("drug", "sensitive lines", "same label", first, second, "difference")
    return StudyTable("roc_auc on unseen lines under two label methods.", columns, rows)
