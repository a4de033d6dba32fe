import numpy as np
import pandas as pd
import pytest

from features.gene_sets import Balance, GeneSet, GeneSetCollection, GeneSetMember
from features.transformer import GeneSetFeatures

SETS = {"one": ("A", "B", "C"), "two": ("C", "D"), "three": ("E",)}
MARKERS = ("MKI67", "PCNA", "TOP2A", "MCM2")
GENES = [*"ABCDE", *MARKERS, "OTHER1", "OTHER2"]
LEVELS = [("genes", "sets", "balances"), ("genes",), ("sets",), ("balances",), ()]


def make_cohort(n_samples=25, seed=0):
    random = np.random.default_rng(seed)
    cohort = pd.DataFrame(random.normal(6, 2, size=(n_samples, len(GENES))), columns=GENES)
    cohort["covariate:lineage"] = ["Lung", "Skin", "Bone", None, "Skin"] * (n_samples // 5)
    return cohort


def fit(levels, **parameters):
    sets = [
        GeneSet(name, name, "", "g", tuple(GeneSetMember(gene, "test") for gene in genes))
        for name, genes in SETS.items()
    ]
    balances = [Balance("one_two", "one", "two", "", ""), Balance("two_one", "two", "one", "", "")]
    collection = GeneSetCollection(sets, balances)
    covariates = ("lineage", "proliferation")
    features = GeneSetFeatures(collection, levels=levels, covariates=covariates, **parameters)
    return features.fit(make_cohort())


@pytest.mark.parametrize("levels", LEVELS)
@pytest.mark.parametrize("score", ["mean_z", "rank", "enrichment"])
def test_they_are_the_features_of_the_table(levels, score):
    features, fresh = fit(levels, score=score), make_cohort(seed=1)
    arrays = features.arrays_
    values = fresh[list(features.required_genes_)].to_numpy()
    places = features.lineage_coding_.places(fresh["covariate:lineage"])
    found = arrays.features(values, places)
    np.testing.assert_array_equal(found, features.transform(fresh))
    assert arrays.n_features == found.shape[1] == len(features.feature_names_)
    names = features.feature_names_[arrays.lineage_columns].tolist()
    assert names == [f"lineage:{name}" for name in features.lineages_]


@pytest.mark.parametrize("levels", LEVELS)
def test_under_mean_z_all_but_lineage_are_sums_of_z(levels):
    features, fresh = fit(levels, lineage_weight=2.5), make_cohort(seed=2)
    arrays = features.arrays_
    assert arrays.is_affine
    expected = features.transform(fresh)
    z = arrays.z(fresh[list(features.required_genes_)].to_numpy())
    sums = z @ arrays.z_map()
    assert not sums[:, arrays.lineage_columns].any()
    sums[:, arrays.lineage_columns] = expected[:, arrays.lineage_columns]
    np.testing.assert_allclose(sums, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("levels", "is_affine"), [(("sets",), False), (("genes",), True)])
def test_other_scores_are_no_sums_of_z(levels, is_affine):
    assert fit(levels, score="rank").arrays_.is_affine == is_affine
