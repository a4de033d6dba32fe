"""What a bundle keeps of its training lines: where they lie, and what was predicted of them."""

from __future__ import annotations

import numpy as np

from features.transformer import GeneSetFeatures
from models.domain import N_NEIGHBOURS, DomainReference
from models.held_out import HeldOutPredictions
from training.cohort import Cohort
from training.evaluation import DrugEvaluation, DrugTask
from training.metrics import FloatArray


def domain_of(
    cohort: Cohort, features: GeneSetFeatures, matrix: FloatArray
) -> DomainReference | None:
    """Keep the training lines by z of the panel genes, one patient's lines not near each other.

    Parameters
    ----------
    features
        Fitted to the whole cohort.
    matrix
        (n_samples, n_features) of the cohort under them.

    Returns
    -------
    DomainReference or None
        None without gene features, and where some line has too few lines of other patients.
    """
    groups = cohort.split_group.to_numpy(dtype=np.str_)
    _, sizes = np.unique(groups, return_counts=True)
    if "genes" not in features.levels or len(groups) - sizes.max() < N_NEIGHBOURS:
        return None
    return DomainReference.fit(
        matrix[:, : len(features.gene_panel_)],
        cohort.expression.samples,
        cohort.lineage.tolist(),
        groups=groups.tolist(),
    )


def held_out_of(task: DrugTask, evaluation: DrugEvaluation) -> HeldOutPredictions:
    """Keep what each fold of each repetition said of the lines that it held out."""
    score = np.zeros(evaluation.probability.shape, dtype=np.float32)
    place = np.zeros(evaluation.probability.shape, dtype=np.int16)
    n_seen = [0] * len(score)
    for fold in evaluation.folds:
        score[fold.repetition, fold.lines.test] = fold.test_scores
        place[fold.repetition, fold.lines.test] = n_seen[fold.repetition]
        n_seen[fold.repetition] += 1
    return HeldOutPredictions(
        samples=tuple(str(sample) for sample in task.samples.index),
        groups=tuple(str(group) for group in task.groups),
        is_sensitive=task.is_sensitive,
        probability=evaluation.probability.astype(np.float32),
        score=score,
        fold=place,
    )
