"""Challenger and champion are asked about the same profiles, and differences are summed up."""

from dataclasses import replace

import pytest

from models.compiled import CompiledBundle
from training.errors import TrainingError
from training.jobs.work_gate import _profiles, shadow_figures


@pytest.fixture(scope="module")
def bundle(training):
    return training.run().bundle


def test_a_bundle_does_not_differ_from_itself(bundle):
    figures = shadow_figures(bundle, bundle)
    assert figures["shadow_n_profiles"] == len(bundle.domain.samples)
    assert figures["shadow_n_drugs"] == len(bundle.drugs)
    assert figures["shadow_largest_difference"] == 0
    assert figures["shadow_share_other_call"] == 0


def test_another_training_differs_and_the_drug_is_named(bundle, training):
    other = training.run(training.simulate(5)).bundle
    figures = shadow_figures(bundle, other)
    assert 0 < figures["shadow_mean_difference"] <= figures["shadow_largest_difference"] <= 1
    assert figures["shadow_most_changed_drug"] in bundle.drugs


def test_the_profiles_are_the_training_lines(bundle, training):
    genes, values = _profiles(bundle, [0, 3])
    asked = {"scale": bundle.features.reference_.expression_scale, "is_log2": True}
    expression = training.cohort.expression.values
    lines = [bundle.domain.samples[0], bundle.domain.samples[3]]
    compiled = CompiledBundle(bundle)
    rebuilt = compiled.predict(genes, values, **asked).probability_sensitive
    original = compiled.predict(genes, expression.loc[lines, genes].to_numpy(), **asked)
    assert rebuilt == pytest.approx(original.probability_sensitive, abs=1e-5)


def test_without_a_drug_in_common_nothing_is_compared(bundle):
    renamed = {f"new {d}": replace(one, drug=f"new {d}") for d, one in bundle.drugs.items()}
    with pytest.raises(TrainingError, match="no drug in common"):
        shadow_figures(bundle, replace(bundle, drugs=renamed))
