"""Figures of how well scores tell sensitive from resistant, and how sure the figures are.

Every fold is compared with itself only: scores of two folds come from two classifiers, and their
scales need not agree. The roc_auc of a cross-validation is therefore the share of (sensitive,
resistant) pairs within one fold that are ranked rightly, over all folds and seeds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95% interval (percentiles of a bootstrap over split groups)."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        """Value and bounds by name."""
        return {"value": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True)
class RankedPairs:
    """The comparable pairs of one fold.

    Attributes
    ----------
    sensitive, resistant
        Positions of the lines in the drug's table, shapes (n_sensitive,) and (n_resistant,).
    won
        (n_sensitive, n_resistant): 1 where the sensitive line scored higher, 0.5 for a tie.
    """

    sensitive: IntArray
    resistant: IntArray
    won: FloatArray


def roc_auc(is_sensitive: BoolArray, scores: FloatArray) -> float:
    """Probability that a sensitive line scores above a resistant one; ties count a half.

    Parameters
    ----------
    is_sensitive, scores
        Shape (n_lines,); a higher score means more sensitive.

    Returns
    -------
    float
        NaN when one of the classes is empty.
    """
    won = _won(scores[is_sensitive], scores[~is_sensitive])
    return float(won.mean()) if won.size else float("nan")


def ranked_pairs(is_sensitive: BoolArray, scores: FloatArray, lines: IntArray) -> RankedPairs:
    """Pairs of one fold, whose test lines are at the positions `lines`."""
    fold_labels, fold_scores = is_sensitive[lines], scores[lines]
    return RankedPairs(
        sensitive=lines[fold_labels],
        resistant=lines[~fold_labels],
        won=_won(fold_scores[fold_labels], fold_scores[~fold_labels]),
    )


def pooled_roc_auc(folds: list[RankedPairs], weights: FloatArray) -> FloatArray:
    """Share of pairs ranked rightly within folds, for every row of line weights.

    Parameters
    ----------
    folds
        Pairs of every fold of every seed.
    weights
        (n_draws, n_lines): how often each line counts; a row of ones gives the plain figure.

    Returns
    -------
    FloatArray
        (n_draws,); NaN for a draw without a single pair.
    """
    won, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for fold in folds:
        sensitive, resistant = weights[:, fold.sensitive], weights[:, fold.resistant]
        won += np.einsum("ds,sr,dr->d", sensitive, fold.won, resistant, optimize=True)
        pairs += sensitive.sum(axis=1) * resistant.sum(axis=1)
    share: FloatArray = np.full(len(weights), np.nan)
    np.divide(won, pairs, out=share, where=pairs > 0)
    return share


def group_bootstrap_weights(
    groups: npt.NDArray[np.str_], n_draws: int, generator: np.random.Generator
) -> FloatArray:
    """How often each line counts in every draw when whole groups are drawn with replacement.

    Parameters
    ----------
    groups
        (n_lines,) split group (patient) of each line.
    n_draws
        Number of bootstrap draws.
    generator
        Source of randomness.

    Returns
    -------
    FloatArray
        (n_draws, n_lines) of whole numbers.
    """
    _, membership = np.unique(groups, return_inverse=True)
    n_groups = int(membership.max()) + 1
    counts = generator.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_draws)
    return counts[:, membership].astype(np.float64)


def interval_of(value: float, draws: FloatArray) -> Interval:
    """95% percentile interval of the finite draws around a figure."""
    finite = draws[np.isfinite(draws)]
    if not finite.size:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.percentile(finite, [2.5, 97.5])
    return Interval(value, float(low), float(high))


def brier_score(is_sensitive: BoolArray, probability_sensitive: FloatArray) -> float:
    """Mean squared distance of the probabilities from what happened; lower is better."""
    return float(np.mean((probability_sensitive - is_sensitive) ** 2))


def expected_calibration_error(
    is_sensitive: BoolArray, probability_sensitive: FloatArray, *, n_bins: int = 10
) -> float:
    """Mean gap between promised and observed share of sensitive lines, in bins of equal count.

    Bins hold equal numbers of lines, because probabilities of a drug fill a narrow range
    (Nixon 2019, arXiv:1904.01685).
    """
    promised, observed, n_lines = reliability(is_sensitive, probability_sensitive, n_bins=n_bins)
    return float(np.average(np.abs(promised - observed), weights=n_lines))


def reliability(
    is_sensitive: BoolArray, probability_sensitive: FloatArray, *, n_bins: int
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Promised and observed share of sensitive lines in bins of about equal count.

    Lines of the same probability share a bin, so that the order of lines does not matter.

    Returns
    -------
    tuple
        Mean probability, share of sensitive lines and number of lines, shape (n_bins_with_lines,).
    """
    middle_rank = np.asarray(rankdata(probability_sensitive), dtype=np.float64) - 0.5
    bins = np.floor(middle_rank * n_bins / len(middle_rank)).astype(np.int64)
    _, membership, n_lines = np.unique(bins, return_inverse=True, return_counts=True)
    promised = np.bincount(membership, weights=probability_sensitive) / n_lines
    observed = np.bincount(membership, weights=is_sensitive.astype(np.float64)) / n_lines
    return promised, observed, n_lines


def _won(sensitive_scores: FloatArray, resistant_scores: FloatArray) -> FloatArray:
    difference = sensitive_scores[:, None] - resistant_scores[None, :]
    return 0.5 * (np.sign(difference) + 1.0)
