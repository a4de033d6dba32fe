"""Patients: what ten cuproptosis genes add to cancer type for the response of tumours.

A cohort of its own, trained and tested within itself. Treatments were chosen by physicians and
combined, and responses were recorded as they came: an association here is not an effect.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from features.gene_sets import GeneSetCollection
from features.transformer import GeneSetFeatures
from training.cohort import Cohort
from training.drug_tasks import DrugTasks, response_of
from training.drug_training import SkippedDrug
from training.errors import LabelError, TrainingError
from training.evaluation import evaluate_drug
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.settings import TrainingSettings

FEWEST_OF_EACH = 20
"""Responders and non-responders below which no figure is given."""

NO_CANCER_TYPE = NotEstimable("no two cancer types have enough patients")

RESPONDER, NON_RESPONDER = 0.0, 1.0
"""Values of `clinical_response`."""

NOTE = (
    "Cross-validated within the cohort, grouped by patient; labels are complete or partial "
    "response against stable or progressive disease. A patient may have had several drugs."
)


@dataclass(frozen=True, slots=True)
class PatientFigures:
    """One drug in patients.

    Attributes
    ----------
    roc_auc
        Of the genes with cancer type, on patients that were held out.
    cancer_type
        Of cancer type alone, on the same folds.
    gain
        Their difference, paired over patients.
    seed_band
        Lowest and highest roc_auc over the seeds; None where there is none.
    """

    drug: str
    n_responders: int
    n_non_responders: int
    n_patients: int
    roc_auc: Figure
    cancer_type: Figure
    gain: Figure
    seed_band: tuple[float, float] | None

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        return {
            "n_responders": self.n_responders,
            "n_non_responders": self.n_non_responders,
            "n_patients": self.n_patients,
            "roc_auc": figure_json(self.roc_auc),
            "cancer_type": figure_json(self.cancer_type),
            "gain": figure_json(self.gain),
            "seed_band": None if self.seed_band is None else list(self.seed_band),
        }


@dataclass(frozen=True, slots=True)
class PatientEvidence:
    """All drugs of a cohort of patients, most patients first.

    Attributes
    ----------
    genes
        Genes of the panel that the cohort holds.
    """

    cohort: str
    genes: tuple[str, ...]
    drugs: tuple[PatientFigures, ...]
    note: str = NOTE

    def to_json(self) -> dict[str, Any]:
        """Every drug by name."""
        return {
            "cohort": self.cohort,
            "genes": list(self.genes),
            "note": self.note,
            "drugs": {one.drug: one.to_json() for one in self.drugs},
        }


def evaluate_patients(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    *,
    drugs: Sequence[str] | None = None,
    fewest_of_each: int = FEWEST_OF_EACH,
    progress: Callable[[int, int], None] | None = None,
) -> PatientEvidence:
    """Evaluate every drug of a cohort of patients, as the drugs of cell lines are evaluated.

    Parameters
    ----------
    cohort
        With clinical response, and the cancer type as lineage.
    settings
        Its `evaluation` holds folds, seeds and families; its `drugs` are not read.
    drugs
        Names of drugs of the cohort; every drug without them.
    fewest_of_each
        Responders and non-responders that a drug needs.
    progress
        Told how many drugs are done, of how many.

    Raises
    ------
    TrainingError
        The cohort holds no clinical response.
    """
    response = response_of(cohort)
    if response.kind != "clinical_response":
        raise TrainingError(
            f"The cohort {cohort.name} holds {response.kind}.",
            needed="the clinical response of patients.",
            remedy="use the cohort tcga, or a table of labels of your own.",
        )
    make_features = partial(
        GeneSetFeatures,
        gene_sets,
        expression_scale=cohort.expression.scale,
        lineage_minimum=settings.lineage_minimum,
        lineage_weight=settings.lineage_weight,
        with_quantiles=False,
    )
    features = make_features()
    tasks = DrugTasks.of(cohort, settings, features)
    counts = response.values.notna().sum().sort_values(ascending=False, kind="stable")
    chosen = [str(drug) for drug in counts.index if drugs is None or drug in drugs]
    figures = []
    for done, drug in enumerate(chosen, start=1):
        figures.append(_figures(tasks, drug, make_features, fewest_of_each))
        if progress:
            progress(done, len(chosen))
    return PatientEvidence(cohort.name, features.gene_panel_, tuple(figures))


def _figures(
    tasks: DrugTasks, drug: str, make_features: Callable[[], GeneSetFeatures], fewest: int
) -> PatientFigures:
    nothing = _without_figures(tasks, drug)
    if min(nothing.n_responders, nothing.n_non_responders) < fewest:
        reason = (
            f"{nothing.n_responders} responders and {nothing.n_non_responders} non-responders, "
            f"at least {fewest} of each are needed"
        )
        return _with_reason(nothing, reason)
    task, _ = tasks.task(drug)
    if isinstance(task, SkippedDrug):
        return _with_reason(nothing, task.reason)
    try:
        evaluation = evaluate_drug(task, make_features, tasks.settings.evaluation)
    except LabelError as error:
        return _with_reason(nothing, error.found)
    return replace(
        nothing,
        roc_auc=evaluation.roc_auc,
        cancer_type=evaluation.lineage_roc_auc if evaluation.lineage_known else NO_CANCER_TYPE,
        gain=evaluation.gain_over_lineage if evaluation.lineage_known else NO_CANCER_TYPE,
        seed_band=evaluation.seed_band,
    )


def _without_figures(tasks: DrugTasks, drug: str) -> PatientFigures:
    labels = tasks.response.values[drug]
    patients = tasks.cohort.split_group[labels.notna().to_numpy()]
    missing = NotEstimable("not run")
    return PatientFigures(
        drug=drug,
        n_responders=int((labels == RESPONDER).sum()),
        n_non_responders=int((labels == NON_RESPONDER).sum()),
        n_patients=int(patients.nunique()),
        roc_auc=missing,
        cancer_type=missing,
        gain=missing,
        seed_band=None,
    )


def _with_reason(figures: PatientFigures, reason: str) -> PatientFigures:
    missing = NotEstimable(reason)
    return replace(figures, roc_auc=missing, cancer_type=missing, gain=missing)
