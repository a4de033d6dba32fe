"""Learning all drugs together: it helps where drugs are alike, and finds nothing in noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.metrics import FloatArray
from training.pairs import pairs_in_folds, pairs_won
from training.shared_learning import CohortLines, LearnedShared, SharedProblem
from training.shared_score import SharedSettings
from training.shared_targets import Elsewhere

N_LINES, N_FEATURES, N_DRUGS = 150, 30, 25
SETTINGS = SharedSettings(penalties=(1000.0, 300.0, 100.0), n_factors=(2,))
NO_SHARING = replace(
    SETTINGS, n_factors=(), relevances=(0.0,), elsewhere=(0.0,), use_elsewhere=False
)
ALL = np.ones(N_FEATURES, dtype=np.bool_)
FEATURES = np.random.default_rng(0).normal(size=(N_LINES, N_FEATURES))


def make_lines(signal: FloatArray, *, noise: float = 2.0, missing: float = 0.3) -> CohortLines:
    generator = np.random.default_rng(1)
    response = signal + generator.normal(scale=noise, size=(N_LINES, N_DRUGS))
    response[generator.random(response.shape) < missing] = np.nan
    return CohortLines(
        response=response,
        is_sensitive=response <= np.nanquantile(response, 1 / 3, axis=0),
        groups=np.array([f"patient {at // 2}" for at in range(N_LINES)]),
        lineage=np.array(["Lung", "Skin", "Bowel"] * (N_LINES // 3)),
        elsewhere=None,
    )


def held_out(lines: CohortLines, settings: SharedSettings) -> tuple[float, list[LearnedShared]]:
    """Mean roc_auc over drugs and folds, and what was learned in the folds."""
    won, learned = np.zeros(N_DRUGS), []
    folds = lines.folds(n_folds=3, seed=0)
    for fold in folds:
        problem = SharedProblem.of(lines.take(fold.train), settings, n_folds=3, seed=0)
        learned.append(problem.learn(FEATURES[fold.train], ALL))
        scores = learned[-1].fit.scores(FEATURES[fold.test])
        measured = np.isfinite(lines.response[fold.test])
        won += pairs_won(scores, lines.is_sensitive[fold.test], measured)
    pairs = pairs_in_folds(lines.is_sensitive, np.isfinite(lines.response), folds)
    return float((won / pairs).mean()), learned


def test_drugs_with_one_signal_help_one_another() -> None:
    weights = np.random.default_rng(2).normal(size=(N_FEATURES, 1)) / np.sqrt(N_FEATURES)
    alike = make_lines(FEATURES @ weights)
    together, learned = held_out(alike, SETTINGS)
    assert together > held_out(alike, NO_SHARING)[0] + 0.01
    assert all(one.choices[0].n_factors > 0 for one in learned)


def test_noise_is_worth_one_half() -> None:
    found, _ = held_out(make_lines(np.zeros((N_LINES, 1))), SETTINGS)
    assert abs(found - 0.5) < 0.03


def test_a_lineage_is_learned_from_lines_elsewhere() -> None:
    lines = make_lines(np.zeros((N_LINES, 1)), missing=0.0)
    places = np.unique(lines.lineage, return_inverse=True)[1]
    response = lines.response + 0.7 * places[:, None]
    lines = replace(
        lines, response=response, is_sensitive=response <= np.quantile(response, 1 / 3, axis=0)
    )
    generator = np.random.default_rng(3)
    many = np.arange(600) % 3
    elsewhere = Elsewhere(
        0.7 * many[:, None] + generator.normal(scale=2.0, size=(600, N_DRUGS)),
        np.unique(lines.lineage)[many],
    )
    columns = (places[:, None] == np.arange(3)) * 6.0
    none = np.zeros(3, dtype=np.bool_)
    figures = []
    for given in (lines, replace(lines, elsewhere=elsewhere)):
        problem = SharedProblem.of(given, SETTINGS, n_folds=3, seed=0)
        figures.append(problem.learn(columns, none))
    assert any(choice.elsewhere for choice in figures[1].choices)
    assert np.nanmean(figures[1].inner_roc_auc) > np.nanmean(figures[0].inner_roc_auc)


def test_of_equal_choices_those_that_share_less_are_taken() -> None:
    lines = make_lines(np.zeros((N_LINES, 1)))
    problem = SharedProblem.of(lines, SETTINGS, n_folds=3, seed=0)
    learned = problem.learn(np.zeros((N_LINES, N_FEATURES)), ALL)
    first = SETTINGS.choices(with_relevance=True, with_elsewhere=False)
    assert learned.choices == tuple(first[: SETTINGS.n_averaged])


def test_out_of_fold_scores_come_from_other_patients() -> None:
    weights = np.random.default_rng(2).normal(size=(N_FEATURES, 1))
    lines = make_lines(FEATURES @ weights)
    inner = lines.folds(n_folds=3, seed=0)[0].test
    response = lines.response.copy()
    response[inner] = np.nanmax(response) - response[inner]
    turned = replace(lines, response=response)
    before, after = (
        SharedProblem.of(
            one, replace(SETTINGS, penalties=(300.0,), n_averaged=1), n_folds=3, seed=0
        )
        for one in (lines, turned)
    )
    for (fold, first), (_, second) in zip(before.inner[:1], after.inner[:1], strict=True):
        assert (fold.test == inner).all()
        np.testing.assert_array_equal(first.completed, second.completed)


@pytest.mark.parametrize("n_kept", [1, 4])
def test_drugs_can_be_cut_out(n_kept: int) -> None:
    lines = make_lines(np.zeros((N_LINES, 1))).of_drugs(range(n_kept))
    learned = SharedProblem.of(lines, SETTINGS, n_folds=3, seed=0).learn(FEATURES, ALL)
    assert learned.fit.coefficients.shape == (N_FEATURES, n_kept)
    assert np.isfinite(learned.out_of_fold_scores).all()
