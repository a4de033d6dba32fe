"""From a score to a probability without a shape: inductive Venn-Abers calibration, in NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import ModelsError


@dataclass(frozen=True, slots=True)
class VennAbersCalibration:
    """Isotonic calibration with both labels tried on the sample that is asked about.

    Attributes
    ----------
    scores
        (n_scores,) distinct scores of the calibration samples, ascending.
    n_samples, n_sensitive
        (n_scores + 1,) how many calibration samples, and how many sensitive ones, score below
        `scores[i]`; the last entry counts all.

    Notes
    -----
    The isotonic regression of the calibration samples and the new one is read off at the new one,
    once with the new one called resistant (p0) and once called sensitive (p1). One of the two is
    perfectly calibrated under exchangeability (Vovk and Petej 2014, Venn-Abers predictors, UAI,
    arXiv:1211.0025). `probability` merges them into p1 / (1 - p0 + p1), which minimises the largest
    regret in log loss (section 4 there).
    """

    scores: NDArray[np.float64]
    n_samples: NDArray[np.float64]
    n_sensitive: NDArray[np.float64]

    def probability(self, score: ArrayLike) -> NDArray[np.float64]:
        """(n,) probabilities of being sensitive for (n,) scores; never falls with the score."""
        low, high = self.probability_interval(score).T
        merged: NDArray[np.float64] = high / (1 - low + high)
        return merged

    def probability_interval(self, score: ArrayLike) -> NDArray[np.float64]:
        """(n, 2) p0 and p1, p0 < p1, for (n,) scores; wide where calibration samples are few."""
        asked = np.atleast_1d(np.asarray(score, dtype=np.float64))
        below = np.searchsorted(self.scores, asked, side="left")
        up_to = np.searchsorted(self.scores, asked, side="right")
        # Scores in the same gap, or equal to the same score, have the same answer.
        places, answer = np.unique(np.stack([below, up_to], axis=1), axis=0, return_inverse=True)
        pairs = [[self._isotonic(int(a), int(b), label) for label in (0, 1)] for a, b in places]
        return np.array(pairs, dtype=np.float64)[answer.ravel()]

    def _isotonic(self, below: int, up_to: int, label: int) -> float:
        """Isotonic regression at a new sample: the greatest smallest mean of a block around it.

        A block starts at one of the first `below` scores or at the new sample, and ends at the new
        sample or at a score from `up_to` on (Barlow 1972, the max-min formula).
        """
        starts, ends = slice(None, below + 1), slice(up_to, None)
        sensitive = self.n_sensitive[ends] - self.n_sensitive[starts, None] + label
        samples = self.n_samples[ends] - self.n_samples[starts, None] + 1
        return float((sensitive / samples).min(axis=1).max())


def fit_venn_abers(scores: ArrayLike, is_sensitive: ArrayLike) -> VennAbersCalibration:
    """Learn a Venn-Abers calibration from out-of-fold scores.

    Parameters
    ----------
    scores
        (n,) scores of samples that the classifier did not see; higher = more sensitive.
    is_sensitive
        (n,) True for sensitive.

    Raises
    ------
    ModelsError
        No scores, scores that are not finite, or labels of another number.
    """
    score = np.asarray(scores, dtype=np.float64)
    sensitive = np.asarray(is_sensitive).astype(np.float64)
    if score.ndim != 1 or score.shape != sensitive.shape or not score.size:
        raise ModelsError(
            f"Scores {score.shape} and labels {sensitive.shape}.",
            needed="two one-dimensional arrays of the same length, not empty.",
            remedy="pass one score and one label a sample.",
        )
    if not np.isfinite(score).all():
        raise ModelsError(
            f"{int((~np.isfinite(score)).sum())} scores that are not finite.",
            needed="finite scores.",
            remedy="leave out the samples that were not scored.",
        )
    distinct, place = np.unique(score, return_inverse=True)
    return VennAbersCalibration(
        distinct,
        np.concatenate([[0.0], np.cumsum(np.bincount(place))]),
        np.concatenate([[0.0], np.cumsum(np.bincount(place, weights=sensitive))]),
    )
