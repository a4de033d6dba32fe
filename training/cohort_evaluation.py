"""Learning all drugs of a cohort in folds that they share, and on all lines.

In every fold the reference and the features are learned once, from all training lines; then the
scores of all drugs. A line of the test fold brings none of its responses, of any drug, to anything
that the fold learns. Lineage alone goes through the same procedure, with the same targets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from features.transformer import GeneSetFeatures
from training.evaluation import EvaluationSettings
from training.metrics import BoolArray, FloatArray
from training.processes import results_of
from training.shared_folds import SharedCohort, SharedFold
from training.shared_learning import CohortLines, LearnedShared, SharedProblem
from training.shared_score import SharedSettings
from training.splits import Fold

COVARIATES = ("lineage:", "covariate:")


@dataclass(frozen=True, slots=True)
class CohortTask:
    """All drugs of a cohort that share folds.

    Attributes
    ----------
    samples
        Lines x the columns that features are made of.
    lines
        Their responses to `drugs`, labels, patients and lineage.
    """

    drugs: tuple[str, ...]
    samples: pd.DataFrame
    lines: CohortLines


def learn_cohort(
    task: CohortTask,
    features: GeneSetFeatures,
    matrix: FloatArray,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
    shared: SharedSettings,
    *,
    n_jobs: int = 1,
) -> SharedCohort:
    """Learn all drugs in every outer fold, and from all lines.

    Parameters
    ----------
    features, matrix
        Fitted to the whole cohort, and (n_lines, n_features) of it: what the bundle serves.
    make_features
        Gives an unfitted transformer; called in every fold.
    settings, shared
        Folds and seeds; what is tried.
    n_jobs
        Processes; their number changes no result.
    """
    jobs = [
        joblib.delayed(_run_fold)(task, fold, make_features, settings, shared, repetition)
        for repetition, seed in enumerate(settings.seeds)
        for fold in task.lines.folds(n_folds=settings.n_folds, seed=seed)
    ]
    on_all = joblib.delayed(_learn)(
        task.lines, matrix, weighted_features(features), settings, shared, seed=settings.seeds[0]
    )
    with results_of([on_all, *jobs], n_jobs=n_jobs, in_order=True) as results:
        final, *folds = results
    return SharedCohort(shared.name, task.drugs, tuple(folds), final)


def _learn(
    lines: CohortLines,
    matrix: FloatArray,
    is_weighted: BoolArray,
    settings: EvaluationSettings,
    shared: SharedSettings,
    *,
    seed: int,
) -> LearnedShared:
    with threadpool_limits(limits=1):
        problem = SharedProblem.of(lines, shared, n_folds=settings.n_inner_folds, seed=seed)
        return problem.learn(matrix, is_weighted)


def _run_fold(
    task: CohortTask,
    fold: Fold,
    make_features: Callable[[], GeneSetFeatures],
    settings: EvaluationSettings,
    shared: SharedSettings,
    repetition: int,
) -> SharedFold:
    with threadpool_limits(limits=1):
        features = make_features().fit(task.samples.iloc[fold.train])
        train, test = (
            features.transform(task.samples.iloc[one]) for one in (fold.train, fold.test)
        )
        problem = SharedProblem.of(
            task.lines.take(fold.train),
            shared,
            n_folds=settings.n_inner_folds,
            seed=settings.seeds[repetition],
        )
        learned = problem.learn(train, weighted_features(features))
        lineage = np.char.startswith(features.feature_names_, "lineage:")
        alone = problem.learn(train[:, lineage], np.zeros(lineage.sum(), dtype=np.bool_))
        return SharedFold(
            repetition=repetition,
            lines=fold,
            test_scores=learned.fit.scores(test),
            lineage_scores=alone.fit.scores(test[:, lineage]),
            out_of_fold_scores=learned.out_of_fold_scores,
            lineage_known=int(lineage.sum()) > 1,  # a lone lineage is a constant column
            choices=learned.choices,
        )


def weighted_features(features: GeneSetFeatures) -> BoolArray:
    """(n_features,): features whose reach may go by relevance; False for covariates."""
    names: npt.NDArray[np.str_] = features.feature_names_
    covariate = np.zeros(len(names), dtype=np.bool_)
    for prefix in COVARIATES:
        covariate |= np.char.startswith(names, prefix)
    return ~covariate
