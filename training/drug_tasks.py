"""Cutting a cohort into the tasks of its drugs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.lineage import LINEAGE_COLUMN
from features.transformer import GeneSetFeatures
from training.cohort import Cohort, Response
from training.cohort_evaluation import CohortTask
from training.drug_training import SkippedDrug
from training.errors import LabelError, TrainingError
from training.evaluation import DrugTask, EvaluationSettings
from training.labels import LabelCard, label_response
from training.metrics import BoolArray, FloatArray
from training.settings import TrainingSettings
from training.shared_learning import CohortLines
from training.shared_targets import Elsewhere


def response_of(cohort: Cohort) -> Response:
    """Response of a cohort; TrainingError when it has none."""
    if cohort.response is None:
        raise TrainingError(
            f"The cohort {cohort.name} holds no response.",
            needed="a cohort with drug response.",
            remedy="train on one of `cupromark data list`, or give a table of your own.",
        )
    return cohort.response


@dataclass(frozen=True, slots=True)
class DrugTasks:
    """What the training of every drug is cut from.

    Attributes
    ----------
    samples
        Samples x the columns that features are made of, so that little travels to the processes.
    matrix
        (n_samples, n_features) under the reference of the whole cohort.
    """

    cohort: Cohort
    response: Response
    settings: TrainingSettings
    samples: pd.DataFrame
    matrix: FloatArray

    @classmethod
    def of(cls, cohort: Cohort, settings: TrainingSettings, features: GeneSetFeatures) -> DrugTasks:
        """Fit the features to the whole cohort and keep what the drugs need."""
        samples = cohort.expression.values.assign(**{LINEAGE_COLUMN: cohort.lineage})
        matrix = features.fit(samples).transform(samples)
        needed = samples[[*features.required_genes_, LINEAGE_COLUMN]]
        return cls(cohort, response_of(cohort), settings, needed, matrix)

    def task(self, drug: str) -> tuple[DrugTask | SkippedDrug, FloatArray]:
        """Give the task of one drug, and the features of its samples."""
        try:
            labelled = label_drug(self.response, drug, self.settings)
        except LabelError as error:
            return SkippedDrug(drug, str(error)), self.matrix[:0]
        measured = labelled.measured
        task = DrugTask(
            drug=drug,
            samples=self.samples.loc[measured],
            response=labelled.response,
            is_sensitive=labelled.is_sensitive,
            groups=self.cohort.split_group[measured].to_numpy(dtype=np.str_),
            label_card=labelled.card,
        )
        return task, self.matrix[measured]

    def shared(self) -> CohortTask | None:
        """Give the task of all drugs that learn together; None where they are too few."""
        together = drugs_together(self.cohort, self.settings)
        return together and CohortTask(together[0], self.samples, together[1])

    def measured(self, drug: str) -> BoolArray:
        """(n_samples,) whether the drug was measured in each sample of the cohort."""
        measured: BoolArray = self.response.values[drug].notna().to_numpy()
        return measured


def drugs_together(
    cohort: Cohort, settings: TrainingSettings
) -> tuple[tuple[str, ...], CohortLines] | None:
    """Name the drugs that learn together, with all lines; None where they are too few.

    Every drug of the cohort has its part, whether it was asked for or not. A drug has none when it
    has no two classes, or when some shared fold would lack one of them.
    """
    response, shared = response_of(cohort), settings.evaluation.shared
    if shared is None or response.kind == "clinical_response":
        return None
    labelled = _labelled_drugs(response, settings)
    lines = _cohort_lines(cohort, response, labelled)
    try:
        kept = _drugs_of_all_folds(lines, settings.evaluation)
    except LabelError:  # too few patients for the folds, which every drug will say by itself
        return None
    if len(kept) < shared.fewest_drugs:
        return None
    names = list(labelled)
    return tuple(names[column] for column in kept), lines.of_drugs(kept)


@dataclass(frozen=True, slots=True)
class LabelledDrug:
    """The samples on which a drug was measured, and their classes.

    Attributes
    ----------
    measured
        (n_samples,) over all samples of the cohort.
    response, is_sensitive
        (n_measured,).
    """

    measured: BoolArray
    response: FloatArray
    is_sensitive: BoolArray
    card: LabelCard


def label_drug(response: Response, drug: str, settings: TrainingSettings) -> LabelledDrug:
    """Label one drug of a cohort; LabelError where no two classes can be made."""
    measured = response.values[drug].notna().to_numpy()
    values = response.values.loc[measured, drug].to_numpy(dtype=np.float64)
    columns = ["minimum_ln_um", "maximum_ln_um"]
    tested = response.tested_range.loc[[drug], columns].to_numpy(dtype=np.float64)[0]
    is_sensitive, card = label_response(
        values,
        drug=drug,
        kind=response.kind,
        method=settings.label_method,
        threshold=settings.threshold,
        tested_range=(float(tested[0]), float(tested[1])),
    )
    return LabelledDrug(measured, values, is_sensitive, card)


def _labelled_drugs(response: Response, settings: TrainingSettings) -> dict[str, LabelledDrug]:
    """Every drug of the cohort that has two classes."""
    labelled = {}
    for drug in map(str, response.values.columns):
        with suppress(LabelError):
            labelled[drug] = label_drug(response, drug, settings)
    return labelled


def _cohort_lines(
    cohort: Cohort, response: Response, labelled: dict[str, LabelledDrug]
) -> CohortLines:
    is_sensitive = np.zeros((len(response.values), len(labelled)), dtype=np.bool_)
    for column, one in enumerate(labelled.values()):
        is_sensitive[one.measured, column] = one.is_sensitive
    drugs, others = list(labelled), response.elsewhere
    return CohortLines(
        response=response.values[drugs].to_numpy(dtype=np.float64),
        is_sensitive=is_sensitive,
        groups=cohort.split_group.to_numpy(dtype=np.str_),
        lineage=cohort_lineage(cohort),
        elsewhere=None
        if others is None
        else Elsewhere(
            others.values.reindex(columns=drugs).to_numpy(dtype=np.float64), _text(others.lineage)
        ),
    )


def cohort_lineage(cohort: Cohort) -> npt.NDArray[np.str_]:
    """(n_samples,) lineage of each sample; "" where it is not known."""
    return _text(cohort.lineage)


def _text(values: pd.Series[str]) -> npt.NDArray[np.str_]:
    text: npt.NDArray[np.str_] = values.astype(object).where(values.notna(), "").to_numpy(np.str_)
    return text


def _drugs_of_all_folds(lines: CohortLines, settings: EvaluationSettings) -> list[int]:
    """Columns of the drugs of which every fold has both classes on both sides."""
    sensitive = lines.is_sensitive
    resistant = np.isfinite(lines.response) & ~sensitive
    kept = np.ones(sensitive.shape[1], dtype=np.bool_)
    for seed in settings.seeds:
        for fold in lines.folds(n_folds=settings.n_folds, seed=seed):
            for side in (fold.train, fold.test):
                kept &= sensitive[side].any(axis=0) & resistant[side].any(axis=0)
    return np.flatnonzero(kept).tolist()
