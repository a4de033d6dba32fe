"""Controls of drugs that learn together run through what is served."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from training.cohort import Cohort
from training.evaluation import EvaluationSettings
from training.evidence.cohort_data import control_data
from training.evidence.control_estimator import FoldEstimator, weighted_columns
from training.evidence.control_gains import measure_control_gains
from training.evidence.controls import (
    FIXED_CONTROLS,
    ControlData,
    Controls,
    ControlSettings,
    choices_of_panel,
    count_pairs,
    fixed_scores,
    run_controls,
)
from training.evidence.second_labels import judge_second_labels
from training.evidence.shared_ridge import predict_held_out, rank_targets
from training.run import train
from training.settings import TrainingSettings
from training.shared_score import SharedSettings
from training.simulated import simulate_cohort

GENE_SETS = load_gene_sets().subset(
    ["cuproptosis_promoting", "mitochondrial_fission", "mitochondrial_fusion", "copper_export"]
)
DRUGS = [f"Drug {number}" for number in range(12)]
SHARED = SharedSettings(n_factors=(3,), blends=(0.4,), penalties=(1000.0, 300.0, 100.0))
TRAINING = TrainingSettings(
    evaluation=EvaluationSettings(
        n_folds=3, n_inner_folds=3, seeds=(0,), n_bootstrap=20, shared=SHARED
    ),
    n_jobs=1,
)
SETTINGS = ControlSettings(n_random_sets=19, seeds=(0,), n_folds=3, n_jobs=1)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    genes = {name: one.genes for name, one in GENE_SETS.items()}
    return simulate_cohort(0, 120, DRUGS, gene_sets=genes)


@pytest.fixture(scope="module")
def data(cohort: Cohort) -> ControlData:
    return control_data(cohort, GENE_SETS, DRUGS[:4], TRAINING)[0]


@pytest.fixture(scope="module")
def figures(data: ControlData) -> Controls:
    return run_controls(data, SETTINGS)


def test_the_panel_is_what_the_training_measured(cohort: Cohort, figures: Controls) -> None:
    trained = train(cohort, GENE_SETS, replace(TRAINING, drugs=DRUGS[:4])).trained
    measured = [trained[drug].evaluation.roc_auc.value for drug in DRUGS[:4]]
    np.testing.assert_allclose(figures.fixed["panel"], measured, atol=1e-12)


def test_a_planted_signal_beats_random_panels_and_lineage(figures: Controls) -> None:
    panel = figures.fixed["panel"].mean()
    assert panel > figures.random.mean(axis=1).max()
    assert panel > figures.fixed["lineage"].mean()
    assert abs(figures.fixed["shuffled_labels"].mean() - 0.5) < 0.08


def test_random_panels_know_nothing_of_the_panel(data: ControlData, figures: Controls) -> None:
    # Choices tuned for the panel would favour it; neither they nor its genes may reach the others.
    generator = np.random.default_rng(1)
    expression = data.expression.copy()
    for gene in data.plan.gene_panel:  # the same values, so the same panels are matched to it
        expression[gene] = generator.permutation(expression[gene].to_numpy())
    other = run_controls(replace(data, expression=expression), SETTINGS)
    assert (other.fixed["panel"] != figures.fixed["panel"]).any()
    np.testing.assert_array_equal(other.random, figures.random)


def test_the_panel_takes_what_the_training_chose(data: ControlData) -> None:
    chosen = choices_of_panel(data, SETTINGS)
    assert set(chosen) == {(0, fold) for fold in range(3)}
    assert all(len(choices) == SHARED.n_averaged for choices in chosen.values())


def test_fixed_controls_choose_their_penalty_alone(data: ControlData) -> None:
    chosen = choices_of_panel(data, SETTINGS)[0, 0]
    fold = data.folds(n_folds=3, seed=0)[0]
    scores = fixed_scores(data, SETTINGS, chosen, fold, seed=0)
    assert scores.shape == (len(FIXED_CONTROLS), len(fold.test), 4)
    held = np.isfinite(scores).all(axis=(1, 2))
    assert held[FIXED_CONTROLS.index("panel")]
    assert not held[FIXED_CONTROLS.index("proliferation")]


def test_a_drug_that_learns_by_itself_goes_through_rank_ridge(data: ControlData) -> None:
    assert data.together is not None
    mixed = replace(data.together, columns=(data.together.columns[0], -1, 2, 3))
    chosen = choices_of_panel(data, SETTINGS)[0, 0]
    fold = data.folds(n_folds=3, seed=0)[0]
    features = np.random.default_rng(0).normal(size=(len(data.groups), 9))
    weighted = weighted_columns(9, 2)
    estimator = FoldEstimator.of(data.response, fold, mixed, chosen, seed=0)
    alone = predict_held_out(
        features[fold.train], features[fold.test], rank_targets(data.response[fold.train])
    )
    scores = estimator.scores(features, weighted)
    np.testing.assert_allclose(scores[:, 1], alone[:, 1])
    together = FoldEstimator.of(data.response, fold, data.together, chosen, seed=0)
    np.testing.assert_allclose(scores[:, 0], together.scores(features, weighted)[:, 0])


def test_second_labels_say_what_gave_the_scores(data: ControlData) -> None:
    assert data.together is not None
    mixed = replace(data, together=replace(data.together, columns=(0, -1, 2, 3)))
    gains = measure_control_gains(mixed, SETTINGS, n_bootstrap=5)
    found = judge_second_labels(mixed, gains.panel_scores, SETTINGS, n_bootstrap=5)
    said = ["shared", "rank_ridge", "shared", "shared"]
    assert [one.estimator for one in found.values()] == said


def test_pairs_are_those_of_the_shared_folds(data: ControlData, figures: Controls) -> None:
    assert (count_pairs(data, SETTINGS) > 0).all()
    assert data.together is not None
    ours, theirs = data.folds(n_folds=3, seed=0), data.together.lines.folds(n_folds=3, seed=0)
    assert all((a.test == b.test).all() for a, b in zip(ours, theirs, strict=True))
    assert figures.random.shape == (19, 4)


def test_what_the_scores_depend_on_is_in_the_fingerprint(data: ControlData) -> None:
    assert data.together is not None
    other = replace(data.together, settings=replace(SHARED, n_averaged=2))
    assert other.fingerprint() != data.together.fingerprint()
    assert replace(data.together).fingerprint() == data.together.fingerprint()


@pytest.mark.parametrize(("first", "expected"), [(False, [1, 1, 0]), (True, [0, 1, 1])])
def test_lineage_columns_keep_their_reach(first: bool, expected: list[int]) -> None:
    assert weighted_columns(3, 1, lineage_first=first).astype(int).tolist() == expected
    assert weighted_columns(3, 0).all()
