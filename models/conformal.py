"""Class-conditional conformal prediction: which labels cannot be ruled out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.errors import ModelsError

Label = Literal["sensitive", "resistant", "no call"]
ConformalSet = Literal["none", "sensitive", "resistant", "both"]

# Indexed by 1 * (sensitive is in the set) + 2 * (resistant is in the set).
CONFORMAL_SETS: tuple[ConformalSet, ...] = ("none", "sensitive", "resistant", "both")
LABELS: tuple[Label, ...] = ("no call", "sensitive", "resistant", "no call")

# Scores this close are ties, so that the last bits of a matrix product cannot change an answer.
TIE_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class ClassConditionalConformal:
    """Mondrian conformal predictor with one category a class.

    Attributes
    ----------
    sensitive, resistant
        Ascending nonconformity scores of the calibration samples of each class: 1 minus the
        probability of their own class.

    Notes
    -----
    For a new sample exchangeable with the calibration samples of its class, the chance that the
    set at `level` holds its class is at least `level`, in each class by itself (Vovk, Gammerman
    and Shafer 2005, Algorithmic Learning in a Random World, doi:10.1007/b106715, section 4.5).
    A class without calibration samples can never be ruled out.
    """

    sensitive: NDArray[np.float64]
    resistant: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("sensitive", "resistant"):
            scores = getattr(self, name)
            whole = scores.ndim == 1 and bool(((scores >= 0) & (scores <= 1)).all())
            if not whole or bool((np.diff(scores) < 0).any()):
                raise ModelsError(
                    f"Nonconformity scores of the {name} class that are out of order or range.",
                    needed="a one-dimensional ascending array of numbers from 0 to 1.",
                    remedy="make it with ClassConditionalConformal.from_probabilities.",
                )

    @classmethod
    def from_probabilities(
        cls, probability: ArrayLike, is_sensitive: ArrayLike
    ) -> ClassConditionalConformal:
        """Take the out-of-fold calibrated probabilities and labels of the calibration samples."""
        probability_sensitive = np.asarray(probability, dtype=np.float64)
        sensitive = np.asarray(is_sensitive).astype(bool)
        return cls(
            np.sort(1 - probability_sensitive[sensitive]),
            np.sort(probability_sensitive[~sensitive]),
        )

    def p_values(self, probability: ArrayLike) -> NDArray[np.float64]:
        """(n, 2) conformal p-values of sensitive and of resistant, from (n,) probabilities."""
        probability_sensitive = np.asarray(probability, dtype=np.float64)
        return np.column_stack(
            [
                _p_value(self.sensitive, 1 - probability_sensitive),
                _p_value(self.resistant, probability_sensitive),
            ]
        )

    def set_codes(self, probability: ArrayLike, level: float) -> NDArray[np.int8]:
        """(n,) positions in `CONFORMAL_SETS` and `LABELS` at a level between 0 and 1."""
        # The tolerance keeps 1 - 0.8 = 0.19999999999999996 from letting in a p-value of 0.2.
        kept = self.p_values(probability) > 1 - checked_level(level) + TIE_TOLERANCE
        codes: NDArray[np.int8] = (kept[:, 0] + 2 * kept[:, 1]).astype(np.int8)
        return codes

    def prediction_set(self, probability: ArrayLike, level: float) -> list[ConformalSet]:
        """Name the set of each sample: "sensitive", "resistant", "both" or "none".

        "both" means that neither class can be ruled out, "none" that the sample is unlike the
        calibration samples of either class.
        """
        return [CONFORMAL_SETS[code] for code in self.set_codes(probability, level)]

    def label(self, probability: ArrayLike, level: float) -> list[Label]:
        """Label of each sample: the one class of its set, "no call" for both and none."""
        return [LABELS[code] for code in self.set_codes(probability, level)]


def checked_level(level: float) -> float:
    """Return the level, or refuse one outside (0, 1)."""
    if not 0 < level < 1:
        raise ModelsError(
            f"A conformal level of {level}.",
            needed="a number between 0 and 1, such as 0.8.",
            remedy="pass the fraction of samples whose set must hold their class.",
        )
    return float(level)


def _p_value(
    calibration: NDArray[np.float64], nonconformity: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(r + 1) / (n + 1), r = how many calibration samples are at least as strange."""
    n_below = np.searchsorted(calibration, nonconformity - TIE_TOLERANCE, side="left")
    p_value: NDArray[np.float64] = (len(calibration) - n_below + 1) / (len(calibration) + 1)
    return p_value
