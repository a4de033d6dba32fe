"""The question of a job changes with everything that its bundle depends on."""

from dataclasses import replace

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from models.jobs.spec import JobSpec
from training.files import SourceFile
from training.jobs.drill import with_shuffled_labels
from training.jobs.question import question_of, settings_of
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin", "Venetoclax"]


@pytest.fixture(scope="module")
def cohort():
    return simulate_cohort(0, 60, DRUGS)


def ask(cohort, spec=None, drugs=DRUGS, sets=None):
    spec = spec or JobSpec(kind="retrain", cohort="simulated")
    return question_of(cohort, sets or load_gene_sets(), settings_of(spec, 1), drugs)


def test_the_same_question_twice(cohort):
    assert ask(cohort) == ask(simulate_cohort(0, 60, DRUGS))
    spec = JobSpec(kind="retrain", cohort="simulated", batch_drugs=3, reason="drift")
    assert ask(cohort, spec) == ask(cohort)


def test_every_change_asks_another_question(cohort, tmp_path):
    source = SourceFile("x", tmp_path, "a" * 64, 1, "user", None, "c", "l")
    sets = load_gene_sets()
    asked = [
        ask(cohort),
        ask(simulate_cohort(1, 60, DRUGS)),
        ask(replace(cohort, sources=(source,))),
        ask(replace(cohort, sources=(replace(source, sha256="b" * 64),))),
        ask(cohort, drugs=DRUGS[:1]),
        ask(cohort, sets=sets.subset(list(sets)[:2])),
        ask(cohort, JobSpec(kind="retrain", cohort="simulated", n_folds=3)),
        ask(cohort, JobSpec(kind="retrain", cohort="simulated", seed=1)),
        ask(cohort, JobSpec(kind="retrain", cohort="simulated", random_sets=10)),
        ask(with_shuffled_labels(cohort, random_state=0)),
    ]
    assert len(set(asked)) == len(asked)


def test_a_drill_moves_whole_lines_of_responses(cohort):
    drilled = with_shuffled_labels(cohort, random_state=3)
    before, after = cohort.response.values, drilled.response.values
    assert list(after.index) == list(before.index)
    np.testing.assert_array_equal(
        np.sort(after.to_numpy(), axis=0), np.sort(before.to_numpy(), axis=0)
    )
    rows = {tuple(np.nan_to_num(row)) for row in before.to_numpy()}
    assert {tuple(np.nan_to_num(row)) for row in after.to_numpy()} == rows
    moved = (np.nan_to_num(before.to_numpy()) != np.nan_to_num(after.to_numpy())).mean()
    assert moved > 0.9
