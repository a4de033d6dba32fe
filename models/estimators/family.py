"""What every estimator family has in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
Parameters = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """What a score is learned from.

    Attributes
    ----------
    response
        (n_lines,) measured response, low = sensitive.
    is_sensitive
        (n_lines,) labels.
    """

    response: FloatArray
    is_sensitive: BoolArray

    def take(self, lines: npt.NDArray[np.int64]) -> Target:
        """Give the target of some of the lines."""
        return Target(self.response[lines], self.is_sensitive[lines])


class FittedScore(Protocol):
    """A learned score."""

    def score(self, features: FloatArray) -> FloatArray:
        """(n_samples, n_features) to (n_samples,); higher = more sensitive."""
        ...


@dataclass(frozen=True, slots=True)
class Fitted:
    """A learned score and the setting that it was learned with, as it is recorded."""

    score: FittedScore
    parameters: dict[str, float]


class EstimatorFamily(Protocol):
    """One kind of classifier with its settings, simplest (most regularised) first."""

    @property
    def name(self) -> str:
        """Name as it stands in bundles and runs."""
        ...

    @property
    def settings(self) -> Sequence[Parameters]:
        """Settings to choose from, simplest first."""
        ...

    def fit_settings(
        self, features: FloatArray, target: Target, settings: Sequence[Parameters], *, seed: int
    ) -> list[Fitted]:
        """Learn one score a setting, sharing what the settings have in common.

        What a family chooses by itself while it learns stands in the parameters of the result.
        """
        ...
