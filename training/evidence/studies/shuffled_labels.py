"""What the estimator makes of labels that were shuffled, over many seeds.

Responses change places between whole patients with as many lines, so that lines of one patient
stay alike: were a patient on both sides of a split, shuffled labels would do better than chance.
Shuffled for all drugs alike, drugs stay as alike as they are, which is what shared factors could
leak by, but one shuffle moves all drugs together; shuffled for each drug on its own, the mean over
drugs is a finer test of chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from training.errors import TrainingError
from training.evidence.controls import ControlData, ControlSettings
from training.evidence.multi_task import MultiTaskSettings, panel_in_folds, score_together
from training.evidence.shared_ridge import predict_held_out, rank_targets
from training.metrics import FloatArray, IntArray
from training.pairs import pairs_in_folds, pairs_won
from training.splits import Fold

Estimator = Literal["rank_ridge", "shared_factors"]
Shuffle = Literal["each drug on its own", "all drugs alike"]
ESTIMATORS: tuple[Estimator, ...] = ("rank_ridge", "shared_factors")
SHUFFLES: tuple[Shuffle, ...] = ("each drug on its own", "all drugs alike")
TOLERANCE = 0.01
FEWEST_PATIENTS = 5
"""Patients of one size below which they have too few to change places with; they are left out."""


@dataclass(frozen=True, slots=True)
class NullFigures:
    """roc_auc of shuffled labels.

    Attributes
    ----------
    by_seed
        (n_seeds,) mean over drugs.
    """

    estimator: Estimator
    shuffle: Shuffle
    by_seed: FloatArray

    @property
    def mean(self) -> float:
        """Mean over seeds and drugs."""
        return float(self.by_seed.mean())

    @property
    def standard_error(self) -> float:
        """Of the mean, over seeds; NaN for a single one."""
        n_seeds = len(self.by_seed)
        return float(self.by_seed.std(ddof=1) / np.sqrt(n_seeds)) if n_seeds > 1 else float("nan")

    @property
    def is_chance(self) -> bool:
        """Whether the mean is within 0.01 of 0.5."""
        return abs(self.mean - 0.5) <= TOLERANCE

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        several = len(self.by_seed) > 1
        return {
            "estimator": self.estimator,
            "shuffle": self.shuffle,
            "mean_roc_auc": self.mean,
            "standard_error": self.standard_error if several else "not estimable: one seed",
            "lowest_seed": float(self.by_seed.min()),
            "highest_seed": float(self.by_seed.max()),
            "within_0.01_of_chance": self.is_chance,
            "by_seed": self.by_seed.tolist(),
        }


def shuffle_and_learn(
    data: ControlData,
    settings: ControlSettings,
    *,
    estimators: tuple[Estimator, ...] = ESTIMATORS,
    progress: Callable[[int, int], None] | None = None,
) -> list[NullFigures]:
    """Mean roc_auc over drugs, by estimator and way of shuffling, one figure a seed."""
    kinds = [(estimator, shuffle) for shuffle in SHUFFLES for estimator in estimators]
    jobs = [
        joblib.delayed(_one_seed)(data, settings, seed, *kind)
        for kind in kinds
        for seed in settings.seeds
    ]
    figures = []
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        parallel = joblib.Parallel(n_jobs=settings.n_jobs, return_as="generator", batch_size=1)
        for done, mean in enumerate(parallel(jobs), start=1):
            figures.append(mean)
            if progress:
                progress(done, len(jobs))
    by_kind = np.array(figures).reshape(len(kinds), len(settings.seeds))
    return [NullFigures(*kind, row) for kind, row in zip(kinds, by_kind, strict=True)]


def shuffle_patients(
    groups: np.ndarray[Any, np.dtype[np.str_]], generator: np.random.Generator
) -> IntArray:
    """Give every line the place of the line whose response it gets; -1 where it gets none.

    Whole patients change places with patients of as many lines.
    """
    _, patient = np.unique(groups, return_inverse=True)
    lines_of = [np.flatnonzero(patient == one) for one in range(patient.max() + 1)]
    sizes = np.array([len(lines) for lines in lines_of])
    source = np.full(len(groups), -1, dtype=np.int64)
    for size in np.unique(sizes):
        alike = np.flatnonzero(sizes == size)
        if len(alike) < FEWEST_PATIENTS:
            continue
        for receiver, giver in zip(alike, generator.permutation(alike), strict=True):
            source[lines_of[receiver]] = lines_of[giver]
    if (source < 0).mean() > 0.5:
        raise TrainingError(
            f"{int((source < 0).sum())} of {len(groups)} lines belong to patients who share their "
            "number of lines with too few others to change places with.",
            needed=f"{FEWEST_PATIENTS} patients with as many lines, for most of the lines.",
            remedy="use a cohort with more patients.",
        )
    return source


def shuffled(data: ControlData, shuffle: Shuffle, generator: np.random.Generator) -> ControlData:
    """Let responses and labels change places between patients."""
    n_drugs = len(data.drugs)
    if shuffle == "all drugs alike":
        source = np.repeat(shuffle_patients(data.groups, generator)[:, None], n_drugs, axis=1)
    else:
        columns = [shuffle_patients(data.groups, generator) for _ in range(n_drugs)]
        source = np.stack(columns, axis=1)
    taken = np.maximum(source, 0)
    response = np.where(source >= 0, np.take_along_axis(data.response, taken, axis=0), np.nan)
    label = (source >= 0) & np.take_along_axis(data.is_sensitive, taken, axis=0)
    return replace(data, response=response, is_sensitive=label)


def _one_seed(
    data: ControlData,
    settings: ControlSettings,
    seed: int,
    estimator: Estimator,
    shuffle: Shuffle,
) -> float:
    generator = np.random.default_rng([settings.random_state, seed])
    null = shuffled(data, shuffle, generator)
    won, folds = np.zeros(len(data.drugs)), []
    with threadpool_limits(limits=1):
        for _, fold, features, n_lineages in panel_in_folds(null, replace(settings, seeds=(seed,))):
            scores = _scores(null, features, n_lineages, fold, estimator, seed)
            measured = np.isfinite(null.response[fold.test])
            won += pairs_won(scores, null.is_sensitive[fold.test], measured)
            folds.append(fold)
    pairs = pairs_in_folds(null.is_sensitive, np.isfinite(null.response), folds)
    return float((won[pairs > 0] / pairs[pairs > 0]).mean())


def _scores(
    data: ControlData,
    features: FloatArray,
    n_lineages: int,
    fold: Fold,
    estimator: Estimator,
    seed: int,
) -> FloatArray:
    if estimator == "rank_ridge":
        targets = rank_targets(data.response[fold.train])
        return predict_held_out(features[fold.train], features[fold.test], targets)
    asked = MultiTaskSettings()
    scores, _ = score_together(
        data,
        features,
        n_lineages,
        fold,
        asked.shared,
        n_inner_folds=asked.n_inner_folds,
        seed=seed,
    )
    return scores
