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
from training.labels import label_response
from training.metrics import FloatArray
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
        measured = self.response.values[drug].notna().to_numpy()
        values = self.response.values.loc[measured, drug].to_numpy(dtype=np.float64)
        columns = ["minimum_ln_um", "maximum_ln_um"]
        tested = self.response.tested_range.loc[[drug], columns].to_numpy(dtype=np.float64)[0]
        try:
            is_sensitive, card = label_response(
                values,
                drug=drug,
                kind=self.response.kind,
                method=self.settings.label_method,
                threshold=self.settings.threshold,
                tested_range=(float(tested[0]), float(tested[1])),
            )
        except LabelError as error:
            return SkippedDrug(drug, str(error)), self.matrix[:0]
        task = DrugTask(
            drug=drug,
            samples=self.samples.loc[measured],
            response=values,
            is_sensitive=is_sensitive,
            groups=self.cohort.split_group[measured].to_numpy(dtype=np.str_),
            label_card=card,
        )
        return task, self.matrix[measured]
