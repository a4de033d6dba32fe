"""Bundles learned again without a part of the patients, drugs that learn together above all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.claims_testing.attribution import BundleLeanings
from training.claims_testing.question import Question
from training.claims_testing.refits import N_PARTS, OTHER_LINES, PatientRefits
from training.cohort import Cohort
from training.evidence.figures import NotEstimable
from training.shared_score import SharedSettings

DRUGS = [f"Drug {number}" for number in range(11)]


@pytest.fixture(scope="module", name="cohort")
def fixture_cohort(training) -> Cohort:
    return training.simulate(0, DRUGS)


@pytest.fixture(scope="module", name="bundle")
def fixture_bundle(training, cohort):
    evaluation = training.evaluation(shared=SharedSettings())
    return training.run(cohort, evaluation=evaluation, drugs=DRUGS[:3]).bundle


@pytest.fixture(scope="module", name="refits")
def fixture_refits(bundle, cohort) -> PatientRefits:
    return PatientRefits.of(bundle, cohort)


def test_every_patient_is_left_out_once(refits, cohort):
    everybody, *parts = refits.kept
    assert everybody.tolist() == list(range(len(cohort.split_group)))
    assert len(parts) == N_PARTS
    left_out = [sorted(set(everybody) - set(part)) for part in parts]
    assert sorted(line for lines in left_out for line in lines) == everybody.tolist()
    patients = [set(cohort.split_group.iloc[lines]) for lines in left_out]
    assert sum(len(some) for some in patients) == cohort.split_group.nunique()


def test_drugs_that_learned_together_are_learned_again_together(refits, bundle):
    for drug, model in bundle.drugs.items():
        assert model.estimator == "shared_ridge"
        found = refits.coefficients(drug)
        assert found.shape == (N_PARTS, len(model.linear.coefficients))
        # Without a twentieth of the lines, coefficients move a little and stay what they were.
        assert np.abs(found.mean(axis=0) - model.linear.coefficients).max() < 0.02
        assert np.corrcoef(found[0], model.linear.coefficients)[0, 1] > 0.9


def test_the_planted_genes_of_a_drug_have_a_firm_sign(bundle, cohort, training):
    leanings = BundleLeanings.of(bundle, cohort)
    planted = next(iter(training.gene_sets.values())).genes
    found = leanings.answer(Question("it", planted, len(planted), (DRUGS[0],)))
    assert found.interval.low < found.log_odds_per_sd < found.interval.high < 0
    assert found.agrees_with("resistance") == "agrees"


def test_intervals_are_about_as_wide_as_those_of_new_cohorts(bundle, training, cohort):
    """The jackknife gives the spread over cohorts, to the factor that 12 cohorts allow."""
    leanings = BundleLeanings.of(bundle, cohort)
    over_cohorts = []
    for seed in range(12):
        again = training.simulate(seed, DRUGS)
        refits = PatientRefits.of(bundle, again)
        choices = bundle.drugs[DRUGS[0]].parameters["averaged"]
        over_cohorts.append(first_fit(refits, choices) @ leanings.shares.weights[:, 0])
    moved = leanings.refits.coefficients(DRUGS[0]) @ leanings.shares.weights[:, 0]
    error = np.sqrt((N_PARTS - 1) * moved.var())
    assert 0.5 < error / np.std(over_cohorts, ddof=1) < 2


def first_fit(refits: PatientRefits, averaged):
    fitted = refits.learned_together(averaged, refits.kept[:1])
    return fitted[DRUGS[0]][0]


def test_other_lines_and_other_labels_are_told(bundle, cohort, training):
    other = PatientRefits.of(bundle, training.simulate(5, DRUGS))
    assert other.coefficients(DRUGS[0]) == NotEstimable(OTHER_LINES)
    few = replace(cohort, response=replace(cohort.response, values=few_drugs(cohort)))
    assert PatientRefits.of(bundle, few).coefficients(DRUGS[0]) == NotEstimable(OTHER_LINES)


def few_drugs(cohort: Cohort):
    return cohort.response.values[DRUGS[:4]]
