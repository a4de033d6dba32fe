"""Linear scores on shared targets: what they come down to, and that all ways to them agree."""

from __future__ import annotations

import numpy as np
import pytest

from training.metrics import BoolArray, FloatArray
from training.shared_score import (
    SharedChoice,
    SharedSettings,
    average_scores,
    feature_reach,
    fit_shared,
    scores_of_choices,
    smoothers,
)
from training.shared_targets import Elsewhere, SharedTargets

N_LINES, N_FEATURES, N_DRUGS = 50, 8, 6
ALL = np.ones(N_FEATURES, dtype=np.bool_)
LINEAGE = np.array(["Lung", "Skin"] * (N_LINES // 2))
CHOICES = [
    SharedChoice(0, 0.0, 10.0),
    SharedChoice(2, 0.4, 30.0, relevance=1.0),
    SharedChoice(2, 0.8, 30.0, relevance=1.0, elsewhere=1.0),
    SharedChoice(4, 0.8, 10.0, elsewhere=0.5),
]


@pytest.fixture
def features() -> FloatArray:
    return np.random.default_rng(0).normal(size=(N_LINES, N_FEATURES)) + 3.0


@pytest.fixture
def targets(features: FloatArray) -> SharedTargets:
    generator = np.random.default_rng(1)
    response = features @ generator.normal(size=(N_FEATURES, N_DRUGS))
    response += generator.normal(scale=3.0, size=response.shape)
    response[generator.random(response.shape) < 0.1] = np.nan
    elsewhere = Elsewhere(generator.normal(size=(30, N_DRUGS)), LINEAGE[:30])
    return SharedTargets.of(response, LINEAGE, elsewhere, (2, 4))


def test_no_sharing_is_plain_ridge(features: FloatArray, targets: SharedTargets) -> None:
    fit = fit_shared(features, targets, CHOICES[:1], ALL)
    centred = features - features.mean(axis=0)
    ranks = targets.ranks[:N_LINES]
    by_hand = np.linalg.solve(centred.T @ centred + 10 * np.eye(N_FEATURES), centred.T @ ranks)
    np.testing.assert_allclose(fit.coefficients, by_hand)
    np.testing.assert_allclose(fit.scores(features).mean(axis=0), ranks.mean(axis=0), atol=1e-12)


def test_lines_elsewhere_are_ridge_with_so_many_more_rows(
    features: FloatArray, targets: SharedTargets
) -> None:
    fit = fit_shared(features, targets, [SharedChoice(4, 0.8, 10.0, elsewhere=1.0)], ALL)
    blended = targets.blended(4, 0.8)
    repeats = np.r_[np.ones(N_LINES, dtype=int), targets.n_elsewhere.astype(int)]
    rows = np.repeat(np.vstack([features, targets.of_lineage @ features]), repeats, axis=0)
    goal = np.repeat(blended, repeats, axis=0)
    centred, level = rows - rows.mean(axis=0), goal.mean(axis=0)
    slope = np.linalg.solve(
        centred.T @ centred + 10 * np.eye(N_FEATURES), centred.T @ (goal - level)
    )
    np.testing.assert_allclose(fit.coefficients, slope)
    np.testing.assert_allclose(fit.intercepts, level - rows.mean(axis=0) @ slope)


def test_all_ways_to_the_scores_agree(features: FloatArray, targets: SharedTargets) -> None:
    test = np.random.default_rng(2).normal(size=(7, N_FEATURES))
    some = ALL.copy()
    some[-2:] = False
    fitted = fit_shared(features, targets, CHOICES, some).scores(test)
    smoother = smoothers(features, test, targets, some, CHOICES)
    each = list(scores_of_choices(smoother, targets, CHOICES))
    np.testing.assert_allclose(np.mean(each, axis=0), fitted)
    np.testing.assert_allclose(average_scores(features, test, targets, some, CHOICES), fitted)


def test_a_feature_that_goes_with_many_drugs_reaches_further(features: FloatArray) -> None:
    generator = np.random.default_rng(3)
    response = features[:, [2]] + generator.normal(size=(N_LINES, N_DRUGS))
    targets = SharedTargets.of(response, LINEAGE, None, (2,))
    fixed: BoolArray = ALL.copy()
    fixed[0] = False
    reach = feature_reach(features, targets, fixed, 1.0)
    assert np.argmax(reach) == 2
    assert reach[0] == 1.0
    assert np.mean(reach[1:] ** 2) == pytest.approx(1.0)
    assert (feature_reach(features, targets, fixed, 0.0) == 1.0).all()


def test_choices_that_share_less_come_first() -> None:
    settings = SharedSettings()
    choices = settings.choices(with_relevance=True, with_elsewhere=True)
    assert len(set(choices)) == len(choices)
    shared = [(one.elsewhere, one.relevance, one.n_factors) for one in choices]
    assert shared == sorted(shared)
    plain = settings.choices(with_relevance=False, with_elsewhere=False)
    assert plain == choices[: len(plain)]
