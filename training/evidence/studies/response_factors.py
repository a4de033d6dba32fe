"""Study `factors`: whether factors shared between drugs help on lines that were held out."""

from __future__ import annotations

from collections import Counter

from features.gene_sets import GeneSetCollection
from training.cohort import Cohort
from training.evidence.figures import Figure
from training.evidence.multi_task import (
    ARMS,
    MultiTaskComparison,
    MultiTaskSettings,
    compare_shared_factors,
)
from training.evidence.studies.forest import Forest
from training.evidence.studies.selection import lay_out
from training.evidence.studies.study import Study, about_cohort
from training.evidence.studies.tables import StudyTable, figure_text
from training.metrics import Interval
from training.settings import TrainingSettings

N_BEST = 10
NOTE = (
    "Everything is chosen by inner folds of the training lines; no sharing at all is among the "
    "choices. The folds are shared by all drugs, so that figures differ a little from the cards'."
)


def study_factors(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    training: TrainingSettings,
    settings: MultiTaskSettings,
) -> Study:
    """Learn all drugs with and without shared factors.

    Raises
    ------
    TrainingError
        As `lay_out`.
    """
    data, skipped = lay_out(cohort, gene_sets, training, settings.controls)
    found = compare_shared_factors(data, settings)
    ranked = sorted(zip(found.drugs, found.gain, strict=True), key=_gain, reverse=True)
    return Study(
        name="factors",
        title=f"Response factors shared between {len(found.drugs)} drugs of {cohort.name}",
        about=about_cohort(
            cohort, seeds=list(settings.controls.seeds), n_bootstrap=settings.n_bootstrap
        ),
        figures=found.to_json(),
        tables=(_arms(found), _best(ranked)),
        notes=(_kept(found), _chosen(found), NOTE),
        forest=Forest(
            "What shared factors add, drug by drug",
            "roc_auc with shared factors minus that of ridge drug by drug",
            0.0,
            tuple(ranked),
        ),
        skipped=skipped,
    )


def _arms(found: MultiTaskComparison) -> StudyTable:
    rows = tuple(
        (
            arm.replace("_", " "),
            figure_text(found.mean_roc_auc[arm], digits=4),
            figure_text(found.mean_gain[arm], sign="+", digits=4) if arm in found.mean_gain else "",
        )
        for arm in ARMS
    )
    title = f"Mean roc_auc over {len(found.drugs)} drugs on unseen lines."
    return StudyTable(title, ("arm", "mean roc_auc", "gain of shared factors over it"), rows)


def _best(ranked: list[tuple[str, Figure]]) -> StudyTable:
    rows = tuple((drug, figure_text(gain, sign="+")) for drug, gain in ranked[:N_BEST])
    return StudyTable(f"The {len(rows)} largest gains; the largest of many flatters.", _HEAD, rows)


_HEAD = ("drug", "gain of shared factors")


def _kept(found: MultiTaskComparison) -> str:
    verdict = "are worth keeping" if found.kept else "are not shown to help"
    return (
        f"Shared factors {verdict}: the gain's interval lies above 0 for {len(found.helped)} drugs "
        f"and below 0 for {len(found.harmed)}; chance alone would put about "
        f"{0.025 * len(found.drugs):.0f} drugs on either side."
    )


def _chosen(found: MultiTaskComparison) -> str:
    counts = Counter(chosen[0].n_factors for chosen in found.choices)
    shown = ", ".join(f"{n} factors in {times}" for n, times in sorted(counts.items()))
    return f"First choice of the inner folds, over {len(found.choices)} folds: {shown}."


def _gain(row: tuple[str, Figure]) -> float:
    return row[1].value if isinstance(row[1], Interval) else float("-inf")
