"""Study `null`: labels that were shuffled, learned from as if they were real."""

from __future__ import annotations

from collections.abc import Callable

from features.gene_sets import GeneSetCollection
from training.cohort import Cohort
from training.evidence.controls import ControlSettings
from training.evidence.studies.forest import Forest
from training.evidence.studies.selection import lay_out
from training.evidence.studies.shuffled_labels import (
    ESTIMATORS,
    Estimator,
    NullFigures,
    shuffle_and_learn,
)
from training.evidence.studies.study import Study, about_cohort
from training.evidence.studies.tables import StudyTable, number_text
from training.metrics import Interval
from training.settings import TrainingSettings

NOTE = (
    "Folds, features and estimator are those of the controls; every seed has a shuffle and folds "
    "of its own. The standard error is over seeds."
)
COLUMNS = (
    "estimator",
    "shuffled",
    "mean roc_auc",
    "standard error",
    "over seeds",
    "within 0.01 of 0.5",
)


def study_null(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    training: TrainingSettings,
    settings: ControlSettings,
    *,
    estimators: tuple[Estimator, ...] = ESTIMATORS,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Shuffle the labels of a cohort, once a seed, and learn from them as if they were real.

    Raises
    ------
    TrainingError
        As `lay_out`, or so many lines of few patients that nothing can be shuffled.
    """
    data, skipped = lay_out(cohort, gene_sets, training, settings)
    found = shuffle_and_learn(data, settings, estimators=estimators, progress=progress)
    title = f"Mean roc_auc over {len(data.drugs)} drugs and {len(settings.seeds)} seeds."
    return Study(
        name="null",
        title=f"Shuffled labels on {cohort.name}",
        about=about_cohort(cohort, seeds=list(settings.seeds), n_folds=settings.n_folds),
        figures={"n_drugs": len(data.drugs), "nulls": [one.to_json() for one in found]},
        tables=(StudyTable(title, COLUMNS, tuple(map(_row, found))),),
        notes=(NOTE,),
        forest=Forest(
            f"Shuffled labels on {cohort.name}",
            "mean roc_auc over drugs and seeds, with 1.96 standard errors over seeds",
            0.5,
            tuple((f"{one.estimator}, {one.shuffle}", _spread(one)) for one in found),
        ),
        skipped=skipped,
    )


def _row(one: NullFigures) -> tuple[str, ...]:
    return (
        one.estimator.replace("_", " "),
        one.shuffle,
        number_text(one.mean, digits=4),
        number_text(one.standard_error, digits=4),
        f"{one.by_seed.min():.3f} to {one.by_seed.max():.3f}",
        "yes" if one.is_chance else "no",
    )


def _spread(one: NullFigures) -> Interval | float:
    if len(one.by_seed) < 2:
        return one.mean
    half = 1.96 * one.standard_error
    return Interval(one.mean, one.mean - half, one.mean + half)
