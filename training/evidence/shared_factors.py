"""Ridge on response ranks that drugs complete for one another: one linear score a drug."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from training.evidence.shared_ridge import RankTargets, rank_targets
from training.metrics import FloatArray


@dataclass(frozen=True, slots=True)
class SharedChoice:
    """How drugs share; `n_factors` 0 shares nothing but the penalty.

    Attributes
    ----------
    n_factors
        Rank of the completed matrix.
    blend
        Share of the low-rank part in the targets.
    penalty
        Of the squared norm of the coefficients, the same for all drugs.
    """

    n_factors: int
    blend: float
    penalty: float


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
    features: FloatArray, targets: RankTargets, choices: Sequence[SharedChoice]
) -> SharedFit:
    """Learn the scores of all drugs, averaged over choices.

    Parameters
    ----------
    features
        (n_lines, n_features).
    targets
        Of the same lines.
    """
    centre = features.mean(axis=0)
    centred = features - centre
    values, vectors = np.linalg.eigh(centred @ centred.T)
    values = np.maximum(values, 0.0)[:, None]
    parts = _completed(targets, choices)
    weights, levels = np.zeros_like(targets.ranks), np.zeros(targets.ranks.shape[1])
    for choice in choices:
        blended = _blended(parts, choice)
        weights += vectors @ ((vectors.T @ blended) / (values + choice.penalty)) / len(choices)
        levels += blended.mean(axis=0) / len(choices)
    coefficients: FloatArray = centred.T @ weights
    return SharedFit(coefficients, levels - centre @ coefficients)


def complete_ranks(
    targets: RankTargets, *, n_factors: int, shrinkage: float = 0.15, n_iterations: int = 30
) -> tuple[FloatArray, FloatArray]:
    """Fill in what was not measured from the drugs that were.

    Parameters
    ----------
    n_factors
        Largest rank of the low-rank part.
    shrinkage
        By how much singular values are lowered, as a share of the largest one that noise alone
        would be expected to have.

    Returns
    -------
    tuple
        (n_lines, n_drugs) ranks, the low-rank part standing where nothing was measured; and the
        low-rank part everywhere.

    References
    ----------
    Mazumder, Hastie and Tibshirani 2010, https://jmlr.org/papers/v11/mazumder10a.html
    (soft-impute).
    """
    n_lines, n_drugs = targets.ranks.shape
    threshold = shrinkage * (np.sqrt(n_lines) + np.sqrt(n_drugs))
    completed = low_rank = targets.ranks
    for _ in range(n_iterations):
        left, values, right = np.linalg.svd(completed, full_matrices=False)
        kept = np.maximum(values - threshold, 0.0)[:n_factors]
        low_rank = (left[:, :n_factors] * kept) @ right[:n_factors]
        completed = np.where(targets.measured, targets.ranks, low_rank)
    return completed, low_rank


def scores_of_choices(
    choices: Sequence[SharedChoice], train: FloatArray, test: FloatArray, response: FloatArray
) -> Iterator[FloatArray]:
    """Score the test lines under every choice, with one factorisation of the training lines."""
    targets = rank_targets(response)
    centre = train.mean(axis=0)
    values, vectors = np.linalg.eigh((train - centre) @ (train - centre).T)
    values = np.maximum(values, 0.0)[:, None]
    reach = (test - centre) @ (train - centre).T @ vectors
    parts = _completed(targets, choices)
    for choice in choices:
        blended = _blended(parts, choice)
        yield reach @ ((vectors.T @ blended) / (values + choice.penalty)) + blended.mean(axis=0)


def _completed(
    targets: RankTargets, choices: Sequence[SharedChoice]
) -> dict[int, tuple[FloatArray, FloatArray]]:
    """Completed ranks and their low-rank part, by number of factors."""
    parts = {0: (targets.ranks, targets.ranks)}
    for n_factors in {choice.n_factors for choice in choices} - {0}:
        parts[n_factors] = complete_ranks(targets, n_factors=n_factors)
    return parts


def _blended(parts: dict[int, tuple[FloatArray, FloatArray]], choice: SharedChoice) -> FloatArray:
    completed, low_rank = parts[choice.n_factors]
    blended: FloatArray = (1 - choice.blend) * completed + choice.blend * low_rank
    return blended
