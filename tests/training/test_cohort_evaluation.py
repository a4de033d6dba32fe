"""Drugs that learn together: what a test line brings to its fold, and what the bundle gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from features.transformer import GeneSetFeatures
from training.cohort import Cohort
from training.cohort_evaluation import CohortTask, learn_cohort
from training.drug_tasks import DrugTasks
from training.evaluation import EvaluationSettings, evaluate_in_shared_folds
from training.metrics import pooled_roc_auc, ranked_pairs
from training.response import ScreenedElsewhere
from training.settings import TrainingSettings
from training.shared_folds import SharedCohort
from training.shared_score import SharedSettings
from training.simulated import simulate_cohort

GENE_SETS = load_gene_sets().subset(
    ["mitochondrial_fission", "mitochondrial_fusion", "copper_import", "copper_export"]
)
DRUGS = [f"Drug {number}" for number in range(12)]
SHARED = SharedSettings(n_factors=(3,), blends=(0.4,), penalties=(1000.0, 300.0, 100.0))
EVALUATION = EvaluationSettings(
    n_folds=3, n_inner_folds=3, seeds=(0, 1), n_bootstrap=20, shared=SHARED
)
make_features = partial(GeneSetFeatures, GENE_SETS, lineage_weight=6.0, with_quantiles=False)


def simulate(n_lines: int = 120, seed: int = 0) -> Cohort:
    genes = {name: one.genes for name, one in GENE_SETS.items()}
    cohort = simulate_cohort(seed, n_lines + 60, DRUGS, gene_sets=genes)
    return with_elsewhere(cohort, n_lines)


def with_elsewhere(cohort: Cohort, n_lines: int) -> Cohort:
    """Keep the expression of the first lines; the patients of the others are other ones."""
    if cohort.response is None:
        pytest.fail("the cohort has no response")
    kept = cohort.expression.samples[:n_lines]
    patients = set(cohort.split_group[kept])
    others = cohort.split_group.index[~cohort.split_group.isin(patients)]
    values = cohort.response.values
    elsewhere = ScreenedElsewhere(values.loc[others], cohort.lineage[others])
    expression = replace(cohort.expression, values=cohort.expression.values.loc[kept])
    return replace(
        cohort,
        expression=expression,
        response=replace(cohort.response, values=values.loc[kept], elsewhere=elsewhere),
        lineage=cohort.lineage[kept],
        split_group=cohort.split_group[kept],
    )


def tasks_of(cohort: Cohort) -> tuple[DrugTasks, GeneSetFeatures]:
    features = make_features()
    return DrugTasks.of(cohort, TrainingSettings(evaluation=EVALUATION), features), features


def learn(task: CohortTask, tasks: DrugTasks, features: GeneSetFeatures) -> SharedCohort:
    return learn_cohort(task, features, tasks.matrix, make_features, EVALUATION, SHARED)


@pytest.fixture(scope="module")
def tasks() -> tuple[DrugTasks, GeneSetFeatures]:
    return tasks_of(simulate())


@pytest.fixture(scope="module")
def task(tasks: tuple[DrugTasks, GeneSetFeatures]) -> CohortTask:
    found = tasks[0].shared()
    assert found is not None
    assert found.drugs == tuple(DRUGS)
    assert found.lines.elsewhere is not None
    return found


@pytest.fixture(scope="module")
def learned(task: CohortTask, tasks: tuple[DrugTasks, GeneSetFeatures]) -> SharedCohort:
    return learn(task, *tasks)


def folds_that_test(learned: SharedCohort, line: int) -> Iterator[int]:
    for at, fold in enumerate(learned.folds):
        if line in fold.lines.test:
            yield at


def test_a_test_line_brings_none_of_its_responses_to_its_fold(
    task: CohortTask, tasks: tuple[DrugTasks, GeneSetFeatures], learned: SharedCohort
) -> None:
    line = 17
    response, label = task.lines.response.copy(), task.lines.is_sensitive.copy()
    response[line] = np.random.default_rng(0).normal(scale=50, size=len(DRUGS))
    response[line, 3] = np.nan
    label[line] = ~label[line]
    label[line, 3] = False
    changed = replace(task, lines=replace(task.lines, response=response, is_sensitive=label))
    other = learn(changed, *tasks)
    tested = list(folds_that_test(learned, line))
    assert len(tested) == len(EVALUATION.seeds)
    for at, (before, after) in enumerate(zip(learned.folds, other.folds, strict=True)):
        same = np.array_equal(before.test_scores, after.test_scores)
        assert same == (at in tested)
        if at in tested:
            np.testing.assert_array_equal(before.out_of_fold_scores, after.out_of_fold_scores)
            np.testing.assert_array_equal(before.lineage_scores, after.lineage_scores)
            assert before.choices == after.choices


def test_the_profile_of_a_test_line_moves_its_own_scores_alone(
    task: CohortTask, tasks: tuple[DrugTasks, GeneSetFeatures], learned: SharedCohort
) -> None:
    line, genes = 17, list(tasks[1].gene_panel_)
    samples = task.samples.copy()
    samples.loc[samples.index[line], genes] += 3.0
    other = learn(replace(task, samples=samples), *tasks)
    for at in folds_that_test(learned, line):
        before, after = learned.folds[at], other.folds[at]
        np.testing.assert_array_equal(before.out_of_fold_scores, after.out_of_fold_scores)
        is_line = before.lines.test == line
        others = before.test_scores[~is_line], after.test_scores[~is_line]
        np.testing.assert_allclose(*others, rtol=0, atol=1e-12)
        assert (before.test_scores[is_line] != after.test_scores[is_line]).all()


def test_no_patient_is_on_both_sides(task: CohortTask, learned: SharedCohort) -> None:
    for fold in learned.folds:
        sides = (set(task.lines.groups[one]) for one in (fold.lines.train, fold.lines.test))
        assert not set.intersection(*sides)


def test_a_planted_signal_is_found_beyond_lineage(
    tasks: tuple[DrugTasks, GeneSetFeatures], learned: SharedCohort
) -> None:
    figures = []
    for drug in DRUGS[:4]:
        one, _ = tasks[0].task(drug)
        shared = learned.of_drug(drug, tasks[0].measured(drug))
        assert shared is not None
        evaluation = evaluate_in_shared_folds(one, shared, EVALUATION)
        figures.append((evaluation.roc_auc.value, evaluation.lineage_roc_auc.value))
        assert evaluation.estimator_counts == {"shared_ridge": 6}
    classifier, lineage = np.mean(figures, axis=0)
    assert classifier > lineage + 0.05


def test_a_drug_is_cut_out_as_it_was_measured(
    task: CohortTask, tasks: tuple[DrugTasks, GeneSetFeatures], learned: SharedCohort
) -> None:
    drug = DRUGS[5]
    one, matrix = tasks[0].task(drug)
    shared = learned.of_drug(drug, tasks[0].measured(drug))
    assert shared is not None
    column = task.lines.response[:, 5]
    for fold, whole in zip(shared.folds, learned.folds, strict=True):
        known = np.isfinite(column[whole.lines.test])
        np.testing.assert_array_equal(
            one.response[fold.lines.test], column[whole.lines.test][known]
        )
        np.testing.assert_array_equal(fold.test_scores, whole.test_scores[known, 5])
        assert len(fold.out_of_fold_scores) == len(fold.lines.train)
    scores = matrix @ shared.coefficients + shared.intercept
    on_all = learned.final.fit.scores(tasks[0].matrix)[tasks[0].measured(drug), 5]
    np.testing.assert_allclose(scores, on_all)
    assert learned.of_drug("no such drug", tasks[0].measured(drug)) is None


def test_shuffled_responses_are_worth_one_half() -> None:
    cohort = simulate()
    if cohort.response is None:
        pytest.fail("the cohort has no response")
    won = []
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(len(cohort.response.values))
        values = cohort.response.values.iloc[order].set_axis(cohort.response.values.index)
        null = replace(cohort, response=replace(cohort.response, values=values))
        tasks, features = tasks_of(null)
        task = tasks.shared()
        assert task is not None
        found = learn(task, tasks, features)
        won.append(np.mean([_roc_auc(task, found, column) for column in range(len(DRUGS))]))
    # The drugs share the lines that were shuffled: the six means spread by about 0.03.
    assert abs(np.mean(won) - 0.5) < 0.035


def _roc_auc(task: CohortTask, learned: SharedCohort, column: int) -> float:
    pairs = []
    known = np.isfinite(task.lines.response[:, column])
    for fold in learned.folds:
        scores = np.zeros(len(known))
        scores[fold.lines.test] = fold.test_scores[:, column]
        lines = fold.lines.test[known[fold.lines.test]]
        pairs.append(ranked_pairs(task.lines.is_sensitive[:, column], scores, lines))
    return float(pooled_roc_auc(pairs, np.ones((1, len(known))))[0])
