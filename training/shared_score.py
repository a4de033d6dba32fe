"""Ridge on targets that drugs share: one linear score a drug, all drugs in one factorisation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any

import numpy as np

from training.metrics import BoolArray, FloatArray
from training.shared_targets import SharedTargets

Smoothers = dict[tuple[float, float, float], FloatArray]


@dataclass(frozen=True, slots=True)
class SharedChoice:
    """How drugs share; `n_factors` 0 shares nothing but the penalty.

    Attributes
    ----------
    n_factors
        Rank of the low-rank part of the targets.
    blend
        Its share in the targets.
    penalty
        Of the squared norm of the coefficients, the same for all drugs.
    relevance
        How much further a feature reaches that goes with the response to many drugs: its column is
        multiplied by the size of its covariance with all targets, raised to this; 0 treats all
        features alike.
    elsewhere
        Weight of a line without expression, which stands at the mean of its lineage; a training
        line weighs 1.
    """

    n_factors: int
    blend: float
    penalty: float
    relevance: float = 0.0
    elsewhere: float = 0.0


@dataclass(frozen=True, slots=True)
class SharedSettings:
    """What is tried in the inner folds, for all drugs of a cohort at once.

    Attributes
    ----------
    n_factors, blends, penalties, relevances, elsewhere
        Every combination is tried; those that share least come first.
    n_averaged
        How many of the best choices are averaged: inner folds can hardly tell them apart.
    fewest_drugs
        A cohort of fewer drugs shares nothing, and each of them learns by itself.
    use_elsewhere
        Whether lines without expression take part at all.
    """

    n_factors: tuple[int, ...] = (5, 20)
    blends: tuple[float, ...] = (0.4, 0.8)
    penalties: tuple[float, ...] = (4000.0, 2000.0, 1000.0, 500.0, 250.0, 100.0)
    relevances: tuple[float, ...] = (0.0, 1.0)
    elsewhere: tuple[float, ...] = (0.0, 1.0)
    n_averaged: int = 5
    fewest_drugs: int = 10
    use_elsewhere: bool = True
    name: str = field(default="shared_ridge", init=False)

    def to_json(self) -> dict[str, Any]:
        """Everything that is tried, by name."""
        return asdict(self)

    def choices(self, *, with_relevance: bool, with_elsewhere: bool) -> list[SharedChoice]:
        """Every choice, those without factors, relevance and other lines first."""
        shared = [(0, 0.0), *product(self.n_factors, self.blends)]
        relevances = self.relevances if with_relevance else (0.0,)
        elsewhere = self.elsewhere if with_elsewhere else (0.0,)
        return [
            SharedChoice(n_factors, blend, penalty, relevance, weight)
            for weight, relevance, (n_factors, blend), penalty in product(
                elsewhere, relevances, shared, self.penalties
            )
        ]


@dataclass(frozen=True, slots=True)
class SharedFit:
    """Linear scores of all drugs: features @ coefficients + intercepts, higher = more sensitive.

    Attributes
    ----------
    coefficients
        (n_features, n_drugs).
    intercepts
        (n_drugs,).
    """

    coefficients: FloatArray
    intercepts: FloatArray

    def scores(self, features: FloatArray) -> FloatArray:
        """(n_lines, n_features) to (n_lines, n_drugs)."""
        scores: FloatArray = features @ self.coefficients + self.intercepts
        return scores


def fit_shared(
    features: FloatArray,
    targets: SharedTargets,
    choices: Sequence[SharedChoice],
    is_weighted: BoolArray,
) -> SharedFit:
    """Learn the scores of all drugs, averaged over choices.

    Parameters
    ----------
    features
        (n_lines, n_features).
    targets
        Of the same lines.
    is_weighted
        (n_features,): features whose reach goes by their relevance; covariates keep theirs.
    """
    coefficients = np.zeros((features.shape[1], targets.ranks.shape[1]))
    intercepts = np.zeros(targets.ranks.shape[1])
    for choice in choices:
        rows = _Rows.of(features, targets, is_weighted, choice.relevance, choice.elsewhere)
        blended = targets.blended(choice.n_factors, choice.blend)
        level = rows.shares @ blended
        products = rows.centred @ rows.centred.T + choice.penalty * np.eye(len(rows.centred))
        weights = np.linalg.solve(products, rows.roots[:, None] * (blended - level))
        slopes = rows.reach[:, None] * (rows.centred.T @ weights)
        coefficients += slopes / len(choices)
        intercepts += (level - rows.centre @ slopes) / len(choices)
    return SharedFit(coefficients, intercepts)


def feature_reach(
    features: FloatArray, targets: SharedTargets, is_weighted: BoolArray, relevance: float
) -> FloatArray:
    """(n_features,) by what each column is multiplied; mean square 1 over the weighted ones."""
    reach = np.ones(features.shape[1])
    if relevance == 0 or not is_weighted.any():
        return reach
    centred = features[:, is_weighted] - features[:, is_weighted].mean(axis=0)
    # The norm over drugs of a feature's products with their ranks, without a column a drug.
    squared = ((targets.line_products @ centred) * centred).sum(axis=0)
    size = np.maximum(squared, 0.0) ** (relevance / 2)
    spread = float(np.sqrt(np.mean(size**2)))
    reach[is_weighted] = size / spread if spread > 0 else 1.0
    return reach


def smoothers(
    train: FloatArray,
    test: FloatArray,
    targets: SharedTargets,
    is_weighted: BoolArray,
    choices: Sequence[SharedChoice],
) -> Smoothers:
    """Give what each row of the targets weighs in the score of each test line.

    Returns
    -------
    dict
        (relevance, elsewhere, penalty) of every choice -> (n_test, n_rows).
    """
    found: Smoothers = {}
    for relevance, elsewhere in dict.fromkeys((one.relevance, one.elsewhere) for one in choices):
        rows = _Rows.of(train, targets, is_weighted, relevance, elsewhere)
        values, vectors = np.linalg.eigh(rows.centred @ rows.centred.T)
        values = np.maximum(values, 0.0)
        projected = (((test - rows.centre) * rows.reach) @ rows.centred.T) @ vectors
        alike = (c for c in choices if (c.relevance, c.elsewhere) == (relevance, elsewhere))
        for penalty in dict.fromkeys(choice.penalty for choice in alike):
            weights = ((projected / (values + penalty)) @ vectors.T) * rows.roots
            level = (1 - weights.sum(axis=1))[:, None] * rows.shares
            found[relevance, elsewhere, penalty] = weights + level
    return found


def scores_of_choices(
    smoother: Smoothers, targets: SharedTargets, choices: Sequence[SharedChoice]
) -> Iterator[FloatArray]:
    """(n_test, n_drugs) scores under every choice."""
    parts: dict[tuple[float, float, float, int], tuple[FloatArray, FloatArray]] = {}
    for choice in choices:
        place = (choice.relevance, choice.elsewhere, choice.penalty)
        key = (*place, choice.n_factors)
        if key not in parts:
            both = (targets.blended(choice.n_factors, share) for share in (0.0, 1.0))
            completed, low_rank = (smoother[place] @ one for one in both)
            parts[key] = completed, low_rank
        completed, low_rank = parts[key]
        yield (1 - choice.blend) * completed + choice.blend * low_rank


def average_scores(
    train: FloatArray,
    test: FloatArray,
    targets: SharedTargets,
    is_weighted: BoolArray,
    choices: Sequence[SharedChoice],
) -> FloatArray:
    """(n_test, n_drugs) scores of `fit_shared`, without the coefficients."""
    smoother = smoothers(train, test, targets, is_weighted, choices)
    blended: dict[tuple[float, float, float], FloatArray] = {}
    for choice in choices:
        place = (choice.relevance, choice.elsewhere, choice.penalty)
        one = targets.blended(choice.n_factors, choice.blend) / len(choices)
        blended[place] = blended[place] + one if place in blended else one
    scores = np.zeros((len(test), targets.ranks.shape[1]))
    for place, one in blended.items():
        scores += smoother[place] @ one
    return scores


@dataclass(frozen=True, slots=True)
class _Rows:
    """Weighted rows of a ridge: training lines, then lineages as lines elsewhere know them.

    Attributes
    ----------
    reach, centre
        (n_features,) weight, and weighted mean, of each feature.
    centred
        (n_rows, n_features) centred, times reach and root of the weight.
    roots, shares
        (n_rows,) root of each row's weight, and its share of all weights.
    """

    reach: FloatArray
    centre: FloatArray
    centred: FloatArray
    roots: FloatArray
    shares: FloatArray

    @classmethod
    def of(
        cls,
        features: FloatArray,
        targets: SharedTargets,
        is_weighted: BoolArray,
        relevance: float,
        elsewhere: float,
    ) -> _Rows:
        reach = feature_reach(features, targets, is_weighted, relevance)
        weights = np.concatenate([np.ones(len(features)), elsewhere * targets.n_elsewhere])
        shares = weights / weights.sum()
        stacked = np.vstack([features, targets.of_lineage @ features])
        centre, roots = shares @ stacked, np.sqrt(weights)
        return cls(reach, centre, (stacked - centre) * reach * roots[:, None], roots, shares)
