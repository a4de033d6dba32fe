"""Boosters on made-up rows with missing values, and a bundle whose drugs all have a slope."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import xgboost

from models.calibration import SigmoidCalibration
from models.trees import FlatTrees


def make_rows(n=200, n_features=8, seed=0, missing=0.05):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(n, n_features)).astype(np.float32)
    rows[random.random(rows.shape) < missing] = np.nan
    return rows


def make_booster(rows, n_trees=12, **parameters):
    random = np.random.default_rng(1)
    labels = np.nansum(rows[:, :3], axis=1) + random.normal(size=len(rows)) > 0
    settings = {"objective": "binary:logistic", "max_depth": 3, "nthread": 1, **parameters}
    return xgboost.train(
        settings, xgboost.DMatrix(rows, labels.astype(float)), num_boost_round=n_trees
    )


@pytest.fixture(scope="session", name="bundle")
def fixture_bundle(bundle):
    """Overrides the shared one: there a made-up drug has slope 0, which leaves nothing to test."""
    name = "Bleomycin (50 uM)"
    drug = replace(bundle.drugs[name], calibration=SigmoidCalibration(0.8, -0.3))
    return replace(bundle, drugs={**bundle.drugs, name: drug}, golden=None)


@pytest.fixture(scope="session")
def shap():
    with warnings.catch_warnings():
        # Its plots call what matplotlib will deprecate.
        warnings.simplefilter("ignore")
        import shap
    return shap


@pytest.fixture(scope="session", name="make_rows")
def fixture_make_rows():
    return make_rows


@pytest.fixture(scope="session", name="make_booster")
def fixture_make_booster():
    return make_booster


@pytest.fixture(scope="session")
def flat():
    rows = make_rows()
    return FlatTrees.from_booster(make_booster(rows), check_on=rows)
