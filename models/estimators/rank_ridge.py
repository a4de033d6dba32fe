"""Ridge regression on the rank of the response, read as a classifier.

The rank keeps the order of all lines and forgets the tails of the dose-response fits; on the
cohorts at hand it tells sensitive from resistant better than a classifier that sees the binary
label alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from models.estimators.family import Fitted, FloatArray, Parameters, Target
from models.linear import LinearScore


@dataclass(frozen=True, slots=True)
class RankRidge:
    """Ridge on the standardised rank of the response.

    The penalty is the strongest whose leave-one-out error is within one standard error of the
    smallest. Hundreds of squared errors tell penalties apart better than the roc_auc of a few
    inner folds: on 70 drugs of ccle-gdsc2, mean roc_auc 0.730 against 0.723.
    """

    penalties: tuple[float, ...] = (10000, 5000, 3000, 2000, 1000, 500, 300, 100)
    name: str = "rank_ridge"

    @property
    def settings(self) -> Sequence[Parameters]:
        """One: the penalty is chosen while learning."""
        return [{}]

    def fit_settings(
        self,
        features: FloatArray,
        target: Target,
        settings: Sequence[Parameters],
        *,
        seed: int,
    ) -> list[Fitted]:
        """One score; its parameters name the penalty."""
        centre = features.mean(axis=0)
        coefficient, penalty = fit_ridge(
            features - centre, rank_of_sensitivity(target.response), np.array(self.penalties)
        )
        score = LinearScore(coefficient, -float(centre @ coefficient))
        return [Fitted(score, {"penalty": penalty}) for _ in settings]


def rank_of_sensitivity(response: FloatArray) -> FloatArray:
    """Ranks of the response turned round (high = sensitive), mean 0 and variance 1."""
    ranks = -np.asarray(rankdata(response), dtype=np.float64)
    deviation = ranks - ranks.mean()
    spread = float(deviation.std())
    standardised: FloatArray = deviation / spread if spread > 0 else deviation
    return standardised


def fit_ridge(
    centred: FloatArray, target: FloatArray, penalties: FloatArray
) -> tuple[FloatArray, float]:
    """Ridge coefficients under the penalty that leave-one-out errors choose.

    Parameters
    ----------
    centred
        (n_lines, n_features), columns of mean zero.
    target
        (n_lines,) of mean zero.
    penalties
        (n_penalties,) weights of the squared norm, strongest first.

    Returns
    -------
    tuple
        (n_features,) coefficients, and the penalty.
    """
    values, vectors = np.linalg.eigh(centred @ centred.T)
    values = np.maximum(values, 0.0)
    errors = leave_one_out_errors(values, vectors, target, penalties)
    penalty = float(penalties[strongest_within_one_standard_error(errors)])
    weights = vectors @ ((vectors.T @ target) / (values + penalty))
    return centred.T @ weights, penalty


def leave_one_out_errors(
    values: FloatArray, vectors: FloatArray, target: FloatArray, penalties: FloatArray
) -> FloatArray:
    """Squared error of every line when it is left out, for every penalty.

    Parameters
    ----------
    values, vectors
        Eigenvalues (n_lines,) and eigenvectors (n_lines, n_lines) of the centred lines' products.
    target
        (n_lines,) of mean zero.

    Returns
    -------
    FloatArray
        (n_penalties, n_lines), from the diagonal of the hat matrix, intercept included
        (Allen 1974, doi:10.1080/00401706.1974.10489157).
    """
    shrinkage = values / (values + penalties[:, None])
    fitted = (shrinkage * (vectors.T @ target)) @ vectors.T
    leverage = 1 / len(target) + shrinkage @ (vectors**2).T
    errors: FloatArray = ((target - fitted) / np.maximum(1 - leverage, 1e-12)) ** 2
    return errors


def strongest_within_one_standard_error(errors: FloatArray) -> int:
    """Position of the first row whose mean is within one SE (paired) of the smallest mean."""
    means = errors.mean(axis=1)
    best = int(np.argmin(means))
    standard_error = (errors - errors[best]).std(axis=1) / np.sqrt(errors.shape[1])
    return int(np.flatnonzero(means <= means[best] + standard_error)[0])
