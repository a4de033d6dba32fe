"""The classifier of one drug, with all that an answer about the drug needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.calibration import SigmoidCalibration
from models.conformal import ClassConditionalConformal
from models.errors import ModelsError
from models.held_out import HeldOutPredictions
from models.linear import LinearScore
from models.trees import FlatTrees

Status = Literal["supported", "exploratory", "withheld"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True)
class DrugModel:
    """What a bundle knows about one drug.

    Attributes
    ----------
    drug
        Name, unique in its bundle.
    estimator, parameters
        Which family was chosen, and its settings (JSON).
    linear, trees
        The score: exactly one of the two.
    calibration, conformal
        From score to probability, and from probability to set.
    label_card, evidence_card
        How the labels were made, and how well the classifier does on unseen samples (JSON).
    status
        What the evidence amounts to; `withheld` drugs are answered only when asked for by name.
    held_out
        What was predicted of each training line while it was held out; None in a bundle of
        format 1.
    """

    drug: str
    estimator: str
    parameters: dict[str, Any]
    linear: LinearScore | None
    trees: FlatTrees | None
    calibration: SigmoidCalibration
    conformal: ClassConditionalConformal
    label_card: dict[str, Any]
    evidence_card: dict[str, Any]
    status: Status
    held_out: HeldOutPredictions | None = None

    def __post_init__(self) -> None:
        if (self.linear is None) == (self.trees is None):
            raise ModelsError(
                f"{self.drug} has both a linear score and trees, or neither.",
                needed="exactly one of the two.",
                remedy="leave the other one None.",
            )
        if self.status not in STATUSES:
            raise ModelsError(
                f"{self.drug} has the status {self.status!r}.",
                needed=f"one of {', '.join(STATUSES)}.",
                remedy="set the status by the rule of the evidence card.",
            )

    @property
    def n_features(self) -> int:
        """How many features the score reads."""
        if self.linear is not None:
            return self.linear.n_features
        return self._trees().n_features

    def score(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) scores of (n, n_features); higher = more sensitive."""
        if self.linear is not None:
            return self.linear.score(features)
        return self._trees().margin(features)

    def probability(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) calibrated probabilities of being sensitive."""
        return self.calibration.probability(self.score(features))

    def _trees(self) -> FlatTrees:
        if self.trees is None:  # __post_init__ saw to it
            raise ModelsError(
                f"{self.drug} has no trees.",
                needed="a linear score or trees.",
                remedy="make the model anew.",
            )
        return self.trees


def score_drugs(models: Sequence[DrugModel], features: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_samples, n_drugs) scores; the linear ones in one matrix product."""
    scores = np.empty((len(features), len(models)), dtype=np.float64)
    linear = [(at, model.linear) for at, model in enumerate(models) if model.linear is not None]
    if linear:
        coefficients = np.stack([score.coefficients for _, score in linear])
        intercepts = np.array([score.intercept for _, score in linear])
        scores[:, [at for at, _ in linear]] = features @ coefficients.T + intercepts
    for at, model in enumerate(models):
        if model.trees is not None:
            scores[:, at] = model.trees.margin(features)
    return scores
