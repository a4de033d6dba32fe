"""Cutting a cohort into the tasks of its drugs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.lineage import LINEAGE_COLUMN
from features.transformer import GeneSetFeatures
from training.cohort import Cohort, Response
from training.drug_training import SkippedDrug
from training.errors import LabelError, TrainingError
from training.evaluation import DrugTask
from training.labels import LabelCard, label_response
from training.metrics import BoolArray, FloatArray
from training.settings import TrainingSettings


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
