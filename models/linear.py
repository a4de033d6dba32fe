"""A linear score: what ridge and logistic regression come down to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelsError


@dataclass(frozen=True, slots=True)
class LinearScore:
    """score = features @ coefficients + intercept; higher = more sensitive.

    Attributes
    ----------
    coefficients
        (n_features,) float64, on the features as `GeneSetFeatures.transform` gives them.
    intercept
        Score of a sample whose features are all 0.
    """

    coefficients: NDArray[np.float64]
    intercept: float

    def __post_init__(self) -> None:
        whole = self.coefficients.ndim == 1 and np.isfinite(self.coefficients).all()
        if not (whole and np.isfinite(self.intercept)):
            raise ModelsError(
                f"Linear coefficients of shape {self.coefficients.shape}, not all of them finite.",
                needed="one finite number a feature and a finite intercept.",
                remedy="check the estimator that they were taken from.",
            )

    @property
    def n_features(self) -> int:
        """How many features it reads."""
        return len(self.coefficients)

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) scores of (n, n_features)."""
        scores: NDArray[np.float64] = features @ self.coefficients + self.intercept
        return scores
