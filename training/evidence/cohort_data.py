"""A cohort in the shape in which controls are run: all drugs on the same lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.feature_plan import plan_features
from features.gene_sets import GeneSetCollection
from training.cohort import Cohort
from training.drug_tasks import drugs_together, label_drug, response_of
from training.drug_training import SkippedDrug
from training.errors import LabelError
from training.evidence.control_estimator import LearnedTogether
from training.evidence.controls import ControlData
from training.settings import TrainingSettings
from training.shared_folds import SharedCohort


def control_data(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    drugs: Sequence[str],
    settings: TrainingSettings,
    *,
    shared: SharedCohort | None = None,
) -> tuple[ControlData, dict[str, SkippedDrug]]:
    """Label every drug and lay the cohort out for the controls.

    Parameters
    ----------
    shared
        What the training of this cohort learned under the same settings, so that its choices need
        not be made again.

    Returns
    -------
    tuple
        The data of the drugs that have two classes, and the drugs that have not, with the reason.

    Raises
    ------
    CoverageError
        The cohort holds no gene of any set.
    """
    response = response_of(cohort)
    shape = (len(cohort.expression.samples), len(drugs))
    values, labels = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    skipped: dict[str, SkippedDrug] = {}
    for column, drug in enumerate(drugs):
        try:
            labelled = label_drug(response, drug, settings)
        except LabelError as error:
            skipped[drug] = SkippedDrug(drug, str(error))
            continue
        values[labelled.measured, column] = labelled.response
        labels[labelled.measured, column] = labelled.is_sensitive
    kept = [column for column, drug in enumerate(drugs) if drug not in skipped]
    plan = plan_features(
        gene_sets,
        cohort.expression.values.columns,
        levels=("genes", "sets", "balances"),
        covariates=(),
    )
    data = ControlData(
        expression=cohort.expression.values,
        lineage=cohort.lineage,
        groups=cohort.split_group.to_numpy(dtype=np.str_),
        drugs=tuple(drugs[column] for column in kept),
        response=values[:, kept],
        is_sensitive=labels[:, kept],
        plan=plan,
        response_kind=response.kind,
        label_method=settings.label_method,
        together=_together(cohort, [drugs[column] for column in kept], settings, shared),
    )
    return data, skipped


def _together(
    cohort: Cohort,
    drugs: Sequence[str],
    settings: TrainingSettings,
    learned: SharedCohort | None,
) -> LearnedTogether | None:
    evaluation, together = settings.evaluation, drugs_together(cohort, settings)
    if evaluation.shared is None or together is None:
        return None
    names, lines = together
    place = {drug: column for column, drug in enumerate(names)}
    columns = tuple(place.get(drug, -1) for drug in drugs)
    if max(columns, default=-1) < 0:
        return None
    controls = settings.controls
    same_folds = controls is not None and controls.n_folds == evaluation.n_folds
    chosen = learned.chosen(evaluation.seeds) if learned and same_folds else {}
    return LearnedTogether(lines, columns, evaluation.shared, evaluation.n_inner_folds, chosen)
