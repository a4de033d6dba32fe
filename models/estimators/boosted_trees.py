"""Gradient-boosted trees (XGBoost) on the binary label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xgboost

from models.estimators.family import Fitted, FloatArray, Parameters, Target


@dataclass(frozen=True, slots=True)
class BoosterScore:
    """The margin (log-odds of sensitive) of an XGBoost booster."""

    booster: xgboost.Booster

    def score(self, features: FloatArray) -> FloatArray:
        """(n_samples, n_features) to (n_samples,) log-odds."""
        margin = self.booster.inplace_predict(
            np.asarray(features, dtype=np.float32), predict_type="margin"
        )
        return np.asarray(margin, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Shallow trees; 32 bins, because more cost time and bring nothing at a few hundred lines."""

    name: str = "boosted_trees"
    rounds: tuple[int, ...] = (60,)

    @property
    def settings(self) -> Sequence[Parameters]:
        """One setting a number of rounds, fewest first."""
        return [{"rounds": n_rounds, "depth": 2, "learning_rate": 0.1} for n_rounds in self.rounds]

    def fit_settings(
        self, features: FloatArray, target: Target, settings: Sequence[Parameters], *, seed: int
    ) -> list[Fitted]:
        """One booster a setting."""
        # A QuantileDMatrix gives the same trees, but is built by callbacks that swallow Ctrl-C.
        matrix = xgboost.DMatrix(
            np.asarray(features, dtype=np.float32),
            label=target.is_sensitive.astype(np.float32),
            nthread=1,
        )
        return [
            Fitted(BoosterScore(_train(matrix, setting, seed)), dict(setting))
            for setting in settings
        ]


def _train(matrix: xgboost.DMatrix, setting: Parameters, seed: int) -> xgboost.Booster:
    return xgboost.train(
        _xgboost_parameters(setting, seed), matrix, num_boost_round=int(setting["rounds"])
    )


def _xgboost_parameters(setting: Parameters, seed: int) -> dict[str, float | int | str]:
    return {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "max_bin": 32,
        "max_depth": int(setting["depth"]),
        "learning_rate": setting["learning_rate"],
        "reg_lambda": 5.0,
        "min_child_weight": 3.0,
        "colsample_bytree": 0.5,
        "subsample": 0.8,
        "nthread": 1,
        "seed": seed,
    }
