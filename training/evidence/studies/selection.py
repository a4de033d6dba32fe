"""The drugs of a study, laid out on the same lines, and what keeps a cohort from being studied."""

from __future__ import annotations

import numpy as np

from features.gene_sets import GeneSetCollection
from training.cohort import Cohort
from training.drug_tasks import response_of
from training.errors import TrainingError
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlData, ControlSettings
from training.settings import TrainingSettings, choose_training_drugs


def lay_out(
    cohort: Cohort,
    gene_sets: GeneSetCollection,
    settings: TrainingSettings,
    controls: ControlSettings,
) -> tuple[ControlData, dict[str, str]]:
    """Label the drugs of a study.

    Parameters
    ----------
    settings
        Its `drugs` and labels are read.
    controls
        Its folds are read.

    Returns
    -------
    tuple
        The data of the drugs that have two classes, and why each of the others has none.

    Raises
    ------
    TrainingError
        No response, an unknown drug, fewer patients than folds, or no drug with two classes.
    """
    drugs = choose_training_drugs(response_of(cohort), settings)
    n_patients = cohort.split_group.nunique()
    if n_patients < controls.n_folds:
        raise TrainingError(
            f"The cohort {cohort.name} holds {n_patients} patients.",
            needed=f"at least {controls.n_folds}, one for each fold.",
            remedy="use a larger cohort.",
        )
    data, left_out = control_data(cohort, gene_sets, drugs, settings)
    skipped = {drug: one.reason for drug, one in left_out.items()}
    if not data.drugs:
        raise TrainingError(
            f"None of {len(drugs)} drugs can be studied; {next(iter(skipped.values()))}",
            needed="a drug with two classes of lines.",
            remedy="name other drugs, or use a larger cohort.",
        )
    return data, skipped


def constant_genes(data: ControlData) -> tuple[str, ...]:
    """Panel genes that do not vary over the lines: nothing can depend on them."""
    values = data.expression[list(data.plan.gene_panel)].to_numpy(dtype=np.float64)
    flat = np.ptp(values, axis=0) == 0
    return tuple(gene for gene, is_flat in zip(data.plan.gene_panel, flat, strict=True) if is_flat)
