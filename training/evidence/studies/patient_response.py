"""Study `patients`: what the panel's genes add to cancer type for the response of tumours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from features.gene_sets import GeneSetCollection
from training.cohort import Cohort
from training.drug_tasks import response_of
from training.drugs import match_drugs
from training.evidence.figures import NotEstimable, figure_json, number_or
from training.evidence.intervals import p_of_interval
from training.evidence.p_values import benjamini_hochberg
from training.evidence.patients import PatientFigures, evaluate_patients
from training.evidence.studies.forest import Forest
from training.evidence.studies.study import Study, about_cohort
from training.evidence.studies.tables import StudyTable, figure_text, number_text
from training.metrics import Interval
from training.settings import TrainingSettings


def study_patients(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Evaluate drugs in patients, against cancer type alone.

    Parameters
    ----------
    settings
        `drugs` names some, or all that the cohort holds; `evaluation` holds folds and seeds.

    Raises
    ------
    TrainingError
        The cohort holds no clinical response, or not a drug that is named.
    """
    available = [str(drug) for drug in response_of(cohort).values.columns]
    drugs = None if settings.drugs == "all" else match_drugs(settings.drugs, available)
    found = evaluate_patients(cohort, gene_sets, settings, drugs=drugs, progress=progress)
    tested = [one for one in found.drugs if isinstance(one.gain, Interval)]
    q_values = dict(zip((one.drug for one in tested), _q_values(tested), strict=True))
    figures = found.to_json()
    for drug, of_drug in figures["drugs"].items():
        of_drug["q"] = figure_json(number_or(q_values.get(drug, np.nan), "no gain to test"))
    evaluated = [one for one in found.drugs if not isinstance(one.roc_auc, NotEstimable)]
    return Study(
        name="patients",
        title=f"Patients: {len(found.genes)} genes and cancer type on {cohort.name}",
        about=about_cohort(cohort, seeds=list(settings.evaluation.seeds)),
        figures=figures,
        tables=(_table(evaluated, q_values),),
        notes=(f"Genes: {', '.join(found.genes)}.", found.note, _reasons(found.drugs)),
        forest=Forest(
            "What the genes add to cancer type, drug by drug",
            "roc_auc with the genes minus that of cancer type alone",
            0.0,
            tuple((one.drug, one.gain) for one in tested),
        ),
    )


def _q_values(tested: list[PatientFigures]) -> list[float]:
    intervals = [one.gain for one in tested if isinstance(one.gain, Interval)]
    p_values = np.array([p_of_interval(one) for one in intervals])
    return [float(q_value) for q_value in benjamini_hochberg(p_values)]


def _table(drugs: list[PatientFigures], q_values: dict[str, float]) -> StudyTable:
    rows = tuple(
        (
            one.drug,
            f"{one.n_responders} / {one.n_non_responders}",
            figure_text(one.roc_auc),
            figure_text(one.cancer_type),
            figure_text(one.gain, sign="+"),
            number_text(q_values.get(one.drug, np.nan)),
        )
        for one in drugs
    )
    columns = ("drug", "responders / not", "genes, cancer type", "cancer type", "gain", "q")
    return StudyTable("roc_auc on patients that were held out.", columns, rows)


def _reasons(drugs: tuple[PatientFigures, ...]) -> str:
    without = [one for one in drugs if isinstance(one.roc_auc, NotEstimable)]
    if not without:
        return "Every drug has figures."
    if len(without) > 5:
        first = without[0]
        return f"{len(without)} more drugs are not estimable; {first.drug}: {first.roc_auc}."
    return " ".join(f"{one.drug}: {one.roc_auc}." for one in without)
