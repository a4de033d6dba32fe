from dataclasses import replace

import numpy as np
import pytest

from models.reports.content import Missing
from models.reports.training_lines import training_lines


def test_features_are_those_that_the_classifiers_learned_from(made):
    bundle, learned_from = made
    lines = training_lines(bundle)
    np.testing.assert_allclose(lines.features, learned_from, atol=1e-6)
    assert lines.samples == bundle.domain.samples
    assert lines.lineage[-1] is None


@pytest.mark.parametrize("options", [{"score": "rank"}, {"score": "enrichment"}])
def test_scores_that_z_values_do_not_give_back_are_refused(bundle_with, options):
    found = training_lines(bundle_with(**options))
    assert isinstance(found, Missing)
    assert options["score"] in found.reason


def test_genes_outside_the_panel_are_missed(bundle_with):
    found = training_lines(bundle_with(covariates=("lineage", "proliferation")))
    assert isinstance(found, Missing)
    assert "proliferation" in found.reason


def test_an_old_bundle_says_what_it_lacks(old_bundle):
    found = training_lines(old_bundle)
    assert isinstance(found, Missing)
    assert "format 1" in found.reason


def test_lines_that_do_not_give_the_stored_mean_are_refused(report_bundle):
    moved = replace(report_bundle, background=report_bundle.background + 1e-4)
    found = training_lines(moved)
    assert isinstance(found, Missing)
    assert "miss the stored mean" in found.reason


def test_a_bundle_without_lines_says_so(report_bundle):
    assert "keeps no training lines" in training_lines(replace(report_bundle, domain=None)).reason
