"""From scores to probabilities and conformal sets, for many drugs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration import sigmoid
from models.conformal import TIE_TOLERANCE, checked_level
from models.drug_model import DrugModel

FloatArray = NDArray[np.float64]
FEW = 8


@dataclass(frozen=True, slots=True, eq=False)
class Calibrations:
    """Slope and intercept of each drug."""

    slope: FloatArray
    intercept: FloatArray

    @classmethod
    def of(cls, models: Sequence[DrugModel]) -> Calibrations:
        """Join those of drugs."""
        pairs = [(model.calibration.slope, model.calibration.intercept) for model in models]
        slope, intercept = np.array(pairs, dtype=np.float64).reshape(-1, 2).T.copy()
        return cls(slope, intercept)

    def probability(self, scores: FloatArray) -> FloatArray:
        """(n, n_drugs) probabilities of being sensitive, of (n, n_drugs) scores."""
        return sigmoid(self.slope * scores + self.intercept)


@dataclass(frozen=True, slots=True, eq=False)
class ConformalCuts:
    """The conformal sets of drugs at one level, as cuts.

    A class is in the set where its nonconformity is at most the cut: a p-value is a step function
    of it that never rises, so one number says all about a level.

    Attributes
    ----------
    sensitive, resistant
        (n_drugs,) largest nonconformity that keeps the class; infinite where any does, minus
        infinity where none does.
    """

    sensitive: FloatArray
    resistant: FloatArray

    @classmethod
    def of(cls, models: Sequence[DrugModel], level: float) -> ConformalCuts:
        """Find the cuts of drugs at a level between 0 and 1."""
        beyond = 1 - checked_level(level) + TIE_TOLERANCE
        return cls(
            np.array([_cut(model.conformal.sensitive, beyond) for model in models]),
            np.array([_cut(model.conformal.resistant, beyond) for model in models]),
        )

    def pick(self, drugs: NDArray[np.intp]) -> ConformalCuts:
        """Keep some drugs."""
        return ConformalCuts(self.sensitive[drugs], self.resistant[drugs])

    def set_codes(self, probability: FloatArray) -> NDArray[np.int8]:
        """(n, n_drugs) places in `models.conformal.CONFORMAL_SETS`."""
        sensitive = (1 - probability) - TIE_TOLERANCE <= self.sensitive
        resistant = probability - TIE_TOLERANCE <= self.resistant
        codes: NDArray[np.int8] = resistant.view(np.int8) << 1
        codes |= sensitive.view(np.int8)
        return codes


def _cut(calibration: FloatArray, beyond: float) -> float:
    """Largest nonconformity whose p-value is above `beyond`."""
    n_samples = len(calibration)
    n_below = np.arange(n_samples + 1)
    kept = int(np.count_nonzero((n_samples - n_below + 1) / (n_samples + 1) > beyond))
    if kept == 0:
        return -np.inf
    return float(calibration[kept - 1]) if kept <= n_samples else np.inf


def count_opposite(probability: FloatArray, codes: NDArray[np.int8]) -> int:
    """How many labels are not the more probable class."""
    # 1 is sensitive alone, the less probable class up to 0.5; 2 is resistant alone.
    if codes.size <= FEW:  # three operations on arrays cost more than so many numbers
        pairs = zip(codes.ravel().tolist(), probability.ravel().tolist(), strict=True)
        return sum([code == (2 if one > 0.5 else 1) for code, one in pairs])
    less_probable = (probability > 0.5).view(np.int8) + np.int8(1)
    return int(np.count_nonzero(codes == less_probable))
