"""Logistic regression on the binary label, with an L2 or an elastic-net penalty."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from models.estimators.family import Fitted, FloatArray, Parameters, Target
from models.linear import LinearScore


@dataclass(frozen=True, slots=True)
class RidgeLogistic:
    """L2-penalised logistic regression; `inverse_penalty` is scikit-learn's C."""

    inverse_penalties: tuple[float, ...] = (0.0003, 0.001, 0.003, 0.01)
    name: str = "ridge_logistic"

    @property
    def settings(self) -> Sequence[Parameters]:
        """One setting a penalty, strongest first."""
        return [{"inverse_penalty": inverse_penalty} for inverse_penalty in self.inverse_penalties]

    def fit_settings(
        self,
        features: FloatArray,
        target: Target,
        settings: Sequence[Parameters],
        *,
        seed: int,
    ) -> list[Fitted]:
        """One score a penalty, in the coordinates of one factorisation.

        The penalty does not change under a rotation, so the fit runs on the principal coordinates
        of the lines: at most as many as there are lines.
        """
        centre = features.mean(axis=0)
        coordinates, loadings = _principal_coordinates(features - centre)
        fitted: list[Fitted] = []
        for setting in settings:
            classifier = LogisticRegression(
                C=setting["inverse_penalty"], solver="newton-cholesky", max_iter=50
            ).fit(coordinates, target.is_sensitive)
            coefficient = loadings @ classifier.coef_[0]
            score = _centred_score(coefficient, centre, float(classifier.intercept_[0]))
            fitted.append(Fitted(score, dict(setting)))
        return fitted


@dataclass(frozen=True, slots=True)
class ElasticNetLogistic:
    """Logistic regression with half L1, half L2; keeps few features."""

    inverse_penalties: tuple[float, ...] = (0.03, 0.1)
    l1_ratio: float = 0.5
    name: str = "elastic_net_logistic"

    @property
    def settings(self) -> Sequence[Parameters]:
        """One setting a penalty, strongest first."""
        return [
            {"inverse_penalty": inverse_penalty, "l1_ratio": self.l1_ratio}
            for inverse_penalty in self.inverse_penalties
        ]

    def fit_settings(
        self, features: FloatArray, target: Target, settings: Sequence[Parameters], *, seed: int
    ) -> list[Fitted]:
        """One score a penalty, each started from the one before it."""
        centre = features.mean(axis=0)
        classifier = LogisticRegression(
            solver="saga", max_iter=100, tol=1e-2, warm_start=True, random_state=seed
        )
        fitted: list[Fitted] = []
        for setting in settings:
            classifier.set_params(C=setting["inverse_penalty"], l1_ratio=setting["l1_ratio"])
            with warnings.catch_warnings():
                # Stopping early is regularisation too; the figures are those of the score as it is.
                warnings.simplefilter("ignore", ConvergenceWarning)
                classifier.fit(features - centre, target.is_sensitive)
            coefficient = classifier.coef_[0].copy()
            score = _centred_score(coefficient, centre, float(classifier.intercept_[0]))
            fitted.append(Fitted(score, dict(setting)))
        return fitted


def _principal_coordinates(centred: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coordinates (n_lines, rank) and loadings (n_features, rank) with centred @ loadings."""
    left, singular, right = np.linalg.svd(centred, full_matrices=False)
    kept = singular > singular[0] * 1e-9 if singular.size and singular[0] > 0 else singular > 0
    return left[:, kept] * singular[kept], right[kept].T


def _centred_score(coefficient: FloatArray, centre: FloatArray, intercept: float) -> LinearScore:
    return LinearScore(coefficient, intercept - float(centre @ coefficient))
