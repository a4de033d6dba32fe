"""Explanations of a compiled bundle are those of `models.attribution`."""

from dataclasses import replace

import numpy as np
import pytest

from features.feature_arrays import FeatureArrays
from models.attribution import Attributor
from models.compiled import CompiledBundle
from models.compiled.explanations import largest
from models.errors import AttributionError

ALL = ("Cisplatin", "Elesclomol", "Bleomycin (50 uM)", "5-Fluorouracil")


@pytest.fixture(name="explained")
def fixture_explained(bundle, profiles):
    return CompiledBundle(bundle).explain(
        profiles.columns, profiles, scale="rma_log2", drugs=ALL, lineage="Lung", top=5
    )


def test_they_are_those_of_the_features(bundle, profiles, explained):
    features = bundle.features.transform(profiles.assign(**{"covariate:lineage": "Lung"}))
    for by, found in (("gene", explained.genes), ("set", explained.sets)):
        expected = Attributor.of(bundle).attribute(features, by=by)
        np.testing.assert_allclose(found.log_odds, expected.log_odds, rtol=0, atol=1e-9)
        np.testing.assert_allclose(found.values, expected.values, rtol=0, atol=1e-9)
        assert found.names == expected.names
        assert found.drugs == ALL


def test_they_add_up_to_the_answers(explained):
    probability = explained.answers.probability_sensitive
    logit = np.log(probability / (1 - probability))
    for part in (explained.genes, explained.sets):
        total = part.base_log_odds + part.log_odds.sum(axis=2)
        np.testing.assert_allclose(total, logit, rtol=0, atol=1e-4)


def test_answers_are_those_of_predict(bundle, profiles, explained):
    answers = CompiledBundle(bundle).predict(
        profiles.columns, profiles, scale="rma_log2", drugs=ALL, lineage="Lung"
    )
    np.testing.assert_array_equal(
        explained.answers.probability_sensitive, answers.probability_sensitive
    )
    assert explained.answers.notes == answers.notes


def test_the_largest_come_first_with_name_and_value(bundle, profiles, explained):
    names = explained.genes.names
    n, d = 3, 1
    by_size = sorted(range(len(names)), key=lambda at: -abs(explained.genes.log_odds[n, d, at]))
    assert explained.top_names()[n][d] == [names[at] for at in by_size[:5]]
    given = [explained.genes.log_odds[n, d, at] for at in by_size[:5]]
    assert explained.top_log_odds()[n, d].tolist() == given
    values = [explained.genes.values[n, at] for at in by_size[:5]]
    np.testing.assert_array_equal(explained.top_values()[n, d], values)
    gene = next(at for at in by_size if names[at] in profiles.columns)
    arrays: FeatureArrays = bundle.features.arrays_
    at = arrays.genes.index(names[gene])
    z = (profiles[names[gene]].iloc[n] - arrays.location[at]) / arrays.scale[at]
    assert explained.genes.values[n, gene] == pytest.approx(z)


def test_one_drug_alone_is_explained_as_among_all(bundle, profiles, explained):
    for at, drug in enumerate(ALL):
        alone = CompiledBundle(bundle).explain(
            profiles.columns, profiles, scale="rma_log2", drugs=[drug], lineage="Lung"
        )
        np.testing.assert_allclose(
            alone.genes.log_odds[:, 0], explained.genes.log_odds[:, at], rtol=0, atol=1e-9
        )


def test_of_equal_ones_the_first_comes_first():
    log_odds = np.array([[[0.0, 1.0, -2.0, 2.0, -1.0]]])
    assert largest(log_odds, 4).tolist() == [[[2, 3, 1, 4]]]
    assert largest(log_odds, 50).tolist() == [[[2, 3, 1, 4, 0]]]


def test_a_bundle_without_background_says_that_it_cannot(bundle, profiles):
    compiled = CompiledBundle(replace(bundle, background=None))
    assert CompiledBundle(bundle).can_explain
    assert not compiled.can_explain
    with pytest.raises(AttributionError):
        compiled.explain(profiles.columns, profiles, scale="rma_log2")
