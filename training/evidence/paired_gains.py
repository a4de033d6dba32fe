"""Gains between two ways of scoring the same held-out lines, for all drugs, with intervals.

Scores are kept per fold, and every comparison is drawn over the same patients: a difference that a
few patients make has a wide interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.evidence.controls import ControlData
from training.evidence.figures import Figure, NotEstimable
from training.metrics import FloatArray, IntArray, group_bootstrap_weights, interval_of

NO_PAIR = "no fold tests a sensitive and a resistant line"


@dataclass(frozen=True, slots=True)
class HeldOutScores:
    """Scores of one fold's test lines.

    Attributes
    ----------
    lines
        (n_test,) positions of the lines in the cohort.
    scores
        (n_test, n_drugs), higher = more sensitive.
    """

    lines: IntArray
    scores: FloatArray


@dataclass(frozen=True, slots=True)
class DrawnRocAuc:
    """roc_auc on held-out lines, compared within folds only.

    Attributes
    ----------
    value
        (n_drugs,): NaN where no fold has a pair.
    draws
        (n_draws, n_drugs): the same with whole patients drawn with replacement.
    """

    value: FloatArray
    draws: FloatArray


def draw_roc_auc(
    folds: Sequence[HeldOutScores], data: ControlData, *, n_bootstrap: int, random_state: int
) -> DrawnRocAuc:
    """roc_auc of every drug, plain and over draws of patients.

    The same `random_state` gives the same draws, so that differences of two results are paired.

    Parameters
    ----------
    folds
        Scores of every fold of every seed.
    data
        Labels and patients.
    """
    generator = np.random.default_rng(random_state)
    drawn = group_bootstrap_weights(data.groups, n_bootstrap, generator)
    weights = np.vstack([np.ones(len(data.groups)), drawn])
    won = np.zeros((len(weights), len(data.drugs)))
    pairs = np.zeros_like(won)
    measured = np.isfinite(data.response)
    for fold in folds:
        for drug in range(len(data.drugs)):
            known = measured[fold.lines, drug]
            lines, scores = fold.lines[known], fold.scores[known, drug]
            label = data.is_sensitive[lines, drug]
            sensitive, resistant = weights[:, lines[label]], weights[:, lines[~label]]
            ranked = 0.5 * (np.sign(scores[label][:, None] - scores[~label][None, :]) + 1.0)
            won[:, drug] += ((sensitive @ ranked) * resistant).sum(axis=1)
            pairs[:, drug] += sensitive.sum(axis=1) * resistant.sum(axis=1)
    share = np.divide(won, pairs, out=np.full_like(won, np.nan), where=pairs > 0)
    return DrawnRocAuc(share[0], share[1:])


def intervals_of(value: FloatArray, draws: FloatArray) -> tuple[Figure, ...]:
    """Figures of (n_drugs,) values and (n_draws, n_drugs) draws."""
    return tuple(
        interval_of(float(one), draws[:, drug]) if np.isfinite(one) else NotEstimable(NO_PAIR)
        for drug, one in enumerate(value)
    )


def gains(first: DrawnRocAuc, second: DrawnRocAuc) -> tuple[Figure, ...]:
    """How much higher the roc_auc of the first is than that of the second, for every drug."""
    return intervals_of(first.value - second.value, first.draws - second.draws)


def mean_gain(first: DrawnRocAuc, second: DrawnRocAuc) -> Figure:
    """Mean of the gain over the drugs that have one; patients are drawn for all drugs at once."""
    value = first.value - second.value
    estimable = np.isfinite(value)
    if not estimable.any():
        return NotEstimable(NO_PAIR)
    draws = (first.draws - second.draws)[:, estimable]
    finite = np.isfinite(draws)
    counts = np.maximum(finite.sum(axis=1), 1)
    means = np.where(finite, draws, 0.0).sum(axis=1) / counts
    return interval_of(float(value[estimable].mean()), means[finite.any(axis=1)])


def mean_roc_auc(drawn: DrawnRocAuc) -> Figure:
    """Mean over the drugs that have a roc_auc."""
    nothing = DrawnRocAuc(np.zeros_like(drawn.value), np.zeros_like(drawn.draws))
    return mean_gain(drawn, nothing)
