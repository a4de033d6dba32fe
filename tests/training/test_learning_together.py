"""A training whose drugs learn together, from the cohort to the bundle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.bundle_files import write_bundle
from training.shared_score import SharedSettings

DRUGS = [f"Drug {number}" for number in range(11)]
SHARED = SharedSettings(n_factors=(3,), blends=(0.4,), penalties=(1000.0, 300.0, 100.0))


@pytest.fixture(scope="module")
def cohort(training):
    return training.simulate(0, DRUGS)


@pytest.fixture(scope="module")
def evaluation(training):
    return training.evaluation(shared=SHARED)


@pytest.fixture(scope="module")
def together(training, cohort, evaluation):
    return training.run(cohort, evaluation=evaluation)


def test_drugs_that_learn_together_are_served_as_linear_scores(together):
    assert list(together.bundle.drugs) == DRUGS
    for model in together.bundle.drugs.values():
        assert model.estimator == "shared_ridge"
        assert model.linear is not None
        assert len(model.parameters["averaged"]) == SHARED.n_averaged
        assert set(model.evidence_card["estimators_in_folds"]) == {"shared_ridge"}
    assert len(together.shared_choices) == 3 + 1


def test_the_same_seed_gives_the_same_bundle_in_one_process_and_in_two(
    training, cohort, evaluation, together, tmp_path
):
    in_two = training.run(cohort, evaluation=evaluation, n_jobs=2)
    written = [
        write_bundle(one.bundle, tmp_path / str(number))
        for number, one in enumerate((together, in_two))
    ]
    assert written[0] == written[1]


def test_a_drug_does_not_depend_on_which_others_were_asked_for(
    training, cohort, evaluation, together
):
    alone = training.run(cohort, evaluation=evaluation, drugs=[DRUGS[4]])
    assert list(alone.trained) == [DRUGS[4]]
    assert alone.trained[DRUGS[4]].evaluation.metrics == (
        together.trained[DRUGS[4]].evaluation.metrics
    )
    one, other = (result.bundle.drugs[DRUGS[4]].linear for result in (alone, together))
    assert (one.coefficients == other.coefficients).all()


def test_a_drug_with_too_few_lines_learns_by_itself(training, cohort, evaluation):
    values = cohort.response.values.copy()
    values.iloc[32:, 0] = np.nan
    few = replace(cohort, response=replace(cohort.response, values=values))
    wide = replace(evaluation, n_folds=8)  # some shared fold then lacks a sensitive line
    result = training.run(few, evaluation=wide, drugs=DRUGS[:2])
    estimators = [model.estimator for model in result.bundle.drugs.values()]
    assert estimators == ["rank_ridge", "shared_ridge"]


@pytest.mark.parametrize("change", ["few drugs", "nothing shared", "patients"])
def test_other_cohorts_learn_drug_by_drug(training, cohort, evaluation, change):
    if change == "few drugs":
        evaluation = replace(evaluation, shared=replace(SHARED, fewest_drugs=12))
    elif change == "nothing shared":
        evaluation = replace(evaluation, shared=None)
    else:
        values = cohort.response.values
        classes = (values > values.median()).astype(float).where(values.notna())
        clinical = replace(cohort.response, kind="clinical_response", values=classes)
        cohort = replace(cohort, response=clinical)
    result = training.run(cohort, evaluation=evaluation, drugs=DRUGS[:1])
    assert {model.estimator for model in result.bundle.drugs.values()} == {"rank_ridge"}
    assert result.shared_choices == ()


def test_an_interrupt_while_drugs_learn_together_leaves_nothing(
    training, cohort, evaluation, monkeypatch
):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("training.run.learn_cohort", interrupted)
    result = training.run(cohort, evaluation=evaluation)
    assert result.interrupted
    assert result.bundle is None
    assert not result.trained
