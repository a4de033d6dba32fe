import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from features.coverage import cover
from features.errors import (
    CellError,
    CoverageError,
    FormatError,
    GeneIdError,
    GeneSetError,
    SampleError,
)
from features.gene_sets import Balance, GeneSet, GeneSetCollection, GeneSetMember, load_gene_sets
from features.proliferation import PROLIFERATION_MARKERS
from features.transformer import GeneSetFeatures

SCORE_NAMES = ("mean_z", "rank", "enrichment")
ALL_LEVELS = ("genes", "sets", "balances")


def gene_set(name, *genes):
    members = tuple(GeneSetMember(gene, "made up for a test") for gene in genes)
    return GeneSet(name, name, "", "user", members)


SETS = GeneSetCollection(
    [
        gene_set("fission", "DNM1L", "FIS1", "MFF"),
        gene_set("fusion", "OPA1", "MFN1", "NOT_MEASURED"),
        gene_set("copper_import", "SLC31A1"),
        gene_set("nowhere", "ABSENT1", "ABSENT2"),
    ],
    [
        Balance("fission_against_fusion", "fission", "fusion", "", ""),
        Balance("nowhere_against_fusion", "nowhere", "fusion", "", ""),
    ],
)
PANEL = ["DNM1L", "FIS1", "MFF", "MFN1", "OPA1", "SLC31A1"]
GENES = [*PANEL, "MCM2", "MKI67", "PCNA", *[f"OTHER{i}" for i in range(20)]]


def make_cohort(n_samples=24, *, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.normal(rng.uniform(4, 10, len(GENES)), 1.0, (n_samples, len(GENES)))
    cohort = pd.DataFrame(
        values.astype(np.float32), columns=GENES, index=[f"line{i}" for i in range(n_samples)]
    )
    lineages = ["Lung", "Skin", "Skin", None, "Rare" if seed == 0 else "Elsewhere", "Lung"]
    return cohort.assign(**{"covariate:lineage": (lineages * n_samples)[:n_samples]})


COHORT = make_cohort()
FITTED = {
    score: GeneSetFeatures(SETS, score=score, covariates=("lineage", "proliferation")).fit(COHORT)
    for score in SCORE_NAMES
}


def test_names_of_the_features():
    assert FITTED["mean_z"].get_feature_names_out().tolist() == [
        *[f"gene:{gene}" for gene in PANEL],
        "set:fission",
        "set:fusion",
        "set:copper_import",
        "balance:fission_against_fusion",
        "lineage:Lung",
        "lineage:Skin",
        "covariate:proliferation",
    ]


def test_fitted_attributes_say_what_the_cohort_allows():
    fitted = FITTED["mean_z"]
    assert fitted.gene_panel_ == tuple(PANEL)
    assert fitted.empty_sets_ == ("nowhere",)
    assert fitted.lineages_ == ("Lung", "Skin")
    assert fitted.proliferation_genes_ == ("MCM2", "MKI67", "PCNA")
    assert fitted.required_genes_ == tuple(sorted([*PANEL, "MCM2", "MKI67", "PCNA"]))
    assert fitted.left_out_ == {
        "balance:nowhere_against_fusion": "the cohort holds no gene of nowhere"
    }


def test_values_by_hand():
    genes = COHORT[GENES].astype(np.float64)
    z = (genes - genes.mean()) / genes.std()
    fission = z[["DNM1L", "FIS1", "MFF"]].mean(axis=1)
    fusion = z[["OPA1", "MFN1"]].mean(axis=1)
    fitted = FITTED["mean_z"]
    features = pd.DataFrame(
        fitted.transform(COHORT), columns=fitted.feature_names_, index=COHORT.index
    )
    expected = {
        "gene:FIS1": z["FIS1"],
        "set:fission": fission,
        "set:copper_import": z["SLC31A1"],
        "balance:fission_against_fusion": fission - fusion,
        "covariate:proliferation": z[["MKI67", "PCNA", "MCM2"]].mean(axis=1),
    }
    for name, values in expected.items():
        np.testing.assert_allclose(features[name], values, atol=1e-9)
    # Lung and Skin have eight samples each, and lineages of fewer than five none.
    assert features.loc["line0", ["lineage:Lung", "lineage:Skin"]].tolist() == [0.5, -0.5]
    assert features.loc["line3", ["lineage:Lung", "lineage:Skin"]].tolist() == [0.0, 0.0]


def test_every_column_has_training_mean_zero():
    features = FITTED["mean_z"].transform(COHORT)
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-9)


@pytest.mark.parametrize("score", SCORE_NAMES)
@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(8)), keep=st.integers(1, 8), seed=st.integers(0, 999))
def test_no_sample_order_gene_order_or_extra_gene_matters(score, order, keep, seed):
    fresh = make_cohort(8, seed=4)
    expected = FITTED[score].transform(fresh)[order[:keep]]
    mixed = fresh.iloc[order[:keep]].assign(EXTRA=-99.0, **{"covariate:note": "text"})
    mixed = mixed.sample(frac=1, axis=1, random_state=seed)
    np.testing.assert_allclose(FITTED[score].transform(mixed), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("score", SCORE_NAMES)
def test_extra_columns_of_text_do_not_reach_the_universe(score):
    assert not [g for g in FITTED[score].reference_.genes if g.startswith("covariate:")]


@pytest.mark.parametrize("score", SCORE_NAMES)
def test_features_are_the_same_without_quantiles(score):
    full = GeneSetFeatures(SETS, score=score).fit(COHORT)
    lean = GeneSetFeatures(SETS, score=score, with_quantiles=False).fit(COHORT)
    assert full.reference_.has_quantiles
    assert full.reference_.genes == tuple(sorted(GENES))
    assert not lean.reference_.has_quantiles
    np.testing.assert_array_equal(full.transform(COHORT), lean.transform(COHORT))


@pytest.mark.parametrize(
    ("levels", "covariates", "prefixes"),
    [
        (("genes",), (), {"gene"}),
        (("sets",), (), {"set"}),
        (("balances",), (), {"balance"}),
        ((), ("lineage",), {"lineage"}),
        ((), ("proliferation",), {"covariate"}),
    ],
)
def test_levels_and_covariates_can_stand_alone(levels, covariates, prefixes):
    features = GeneSetFeatures(SETS, levels=levels, covariates=covariates, with_quantiles=False)
    values = features.fit(COHORT).transform(COHORT)
    assert {name.partition(":")[0] for name in features.feature_names_} == prefixes
    assert values.shape == (len(COHORT), len(features.feature_names_))


def test_a_lineage_only_control_needs_no_gene():
    lineage = COHORT[["covariate:lineage"]]
    features = GeneSetFeatures(SETS, levels=(), with_quantiles=False).fit(lineage)
    assert features.required_genes_ == ()
    assert features.transform(lineage).shape == (len(COHORT), 2)


def test_unknown_and_missing_lineages_are_told():
    fresh = make_cohort(6, seed=4)
    fitted = FITTED["mean_z"]
    assert fitted.unknown_lineages(fresh) == ("line3", "line4")
    without = fresh.drop(columns="covariate:lineage")
    assert fitted.unknown_lineages(without) == tuple(fresh.index)
    at_mean = fitted.transform(without)[
        :, [n.startswith("lineage:") for n in fitted.feature_names_]
    ]
    assert not at_mean.any()
    assert GeneSetFeatures(SETS, covariates=()).fit(COHORT).unknown_lineages(without) == ()


def test_proliferation_with_fewer_than_three_markers_is_left_out_and_said():
    few = COHORT.drop(columns="PCNA")
    features = GeneSetFeatures(SETS, covariates=("proliferation",)).fit(few)
    assert "covariate:proliferation" not in features.feature_names_
    reason = features.left_out_["covariate:proliferation"]
    assert f"2 of {len(PROLIFERATION_MARKERS)} markers" in reason


@pytest.mark.parametrize(("score", "gene"), [("mean_z", "OPA1"), ("rank", "OTHER3")])
def test_a_missing_gene_is_named_and_never_filled_in(score, gene):
    with pytest.raises(CoverageError, match=f"missing: {gene}"):
        FITTED[score].transform(COHORT.drop(columns=gene))


@pytest.mark.parametrize("score", SCORE_NAMES)
def test_cover_gives_what_is_required(score):
    fitted = FITTED[score]
    covered, coverage = cover(
        COHORT.drop(columns=["OPA1", "OTHER3"]),
        fitted.reference_,
        fitted.required_genes_,
        minimum=0.8,
    )
    assert "OPA1" in coverage.missing
    features = pd.DataFrame(fitted.transform(covered), columns=fitted.feature_names_)
    np.testing.assert_array_equal(features["gene:OPA1"], 0.0)


def test_nan_is_refused_in_fit_and_in_transform():
    damaged = COHORT.copy()
    damaged.loc["line2", "FIS1"] = np.nan
    with pytest.raises(CellError, match="gene FIS1 of sample line2"):
        GeneSetFeatures(SETS).fit(damaged)
    with pytest.raises(CellError, match="gene FIS1 of sample line2"):
        FITTED["mean_z"].transform(damaged)


@pytest.mark.parametrize(
    ("arguments", "cohort", "error", "message"),
    [
        ({"levels": ("pathways",)}, COHORT, GeneSetError, "pathways"),
        ({"score": "gsva"}, COHORT, GeneSetError, "gsva"),
        ({"covariates": ("age",)}, COHORT, GeneSetError, "age"),
        ({"levels": (), "covariates": ()}, COHORT, GeneSetError, "No feature"),
        ({}, COHORT.drop(columns=PANEL), CoverageError, "no gene of any of 4"),
        ({}, COHORT.drop(columns="covariate:lineage"), SampleError, "covariate:lineage"),
        ({}, COHORT.iloc[:1], SampleError, "1 samples"),
        ({}, COHORT.to_numpy(), GeneIdError, "ndarray"),
    ],
)
def test_what_cannot_be_fitted_is_refused(arguments, cohort, error, message):
    with pytest.raises(error, match=message):
        GeneSetFeatures(SETS, **arguments).fit(cohort)


def test_unfitted_features_refuse_to_transform():
    with pytest.raises(FormatError, match="not fitted"):
        GeneSetFeatures(SETS).transform(COHORT)


@pytest.mark.parametrize("score", SCORE_NAMES)
def test_round_trip_through_npz_and_sorted_json_is_exact(tmp_path, score):
    fitted = FITTED[score]
    arrays, meta = fitted.state()
    np.savez(tmp_path / "features.npz", **arrays)
    with np.load(tmp_path / "features.npz", allow_pickle=False) as stored:
        restored = GeneSetFeatures.from_state(
            dict(stored), json.loads(json.dumps(meta, sort_keys=True))
        )
    again, meta_again = restored.state()
    assert meta_again == meta
    assert {n: a.tobytes() for n, a in again.items()} == {n: a.tobytes() for n, a in arrays.items()}
    assert restored.left_out_ == fitted.left_out_
    fresh = make_cohort(5, seed=9)
    np.testing.assert_array_equal(restored.transform(fresh), fitted.transform(fresh))


def test_a_damaged_state_is_refused():
    arrays, meta = FITTED["mean_z"].state()
    with pytest.raises(FormatError, match="other features"):
        GeneSetFeatures.from_state(arrays, meta | {"feature_names": ["gene:TP53"]})
    with pytest.raises(FormatError, match="lineage means"):
        GeneSetFeatures.from_state(arrays | {"lineage_means": np.ones(3)}, meta)
    with pytest.raises(FormatError, match="reference_scale"):
        GeneSetFeatures.from_state(
            {name: array for name, array in arrays.items() if name != "reference_scale"}, meta
        )


def test_scikit_learn_clones_it_unfitted():
    copy = clone(FITTED["rank"])
    assert copy.get_params() == FITTED["rank"].get_params()
    assert not hasattr(copy, "feature_names_")
    assert copy.set_params(score="mean_z").score == "mean_z"
    assert FITTED["rank"].score == "rank"
    with pytest.raises(ValueError, match="scores"):
        copy.set_params(scores="mean_z")


def test_it_works_in_a_pipeline_and_inside_folds():
    """A response that is a sum of panel genes is found again in samples that were held out."""
    cohort = make_cohort(90)
    response = cohort["OPA1"] - cohort["DNM1L"]
    pipeline = make_pipeline(GeneSetFeatures(SETS, with_quantiles=False), Ridge(1.0))
    assert cross_val_score(pipeline, cohort, response, cv=3).min() > 0.95
    pipeline.fit(cohort, response)
    check_is_fitted(pipeline[0])
    assert pipeline[:-1].get_feature_names_out()[0] == "gene:DNM1L"
    changed = pipeline.set_params(genesetfeatures__levels=("sets",)).fit(cohort, response)
    assert changed[:-1].get_feature_names_out()[0] == "set:fission"


def test_answering_requests_does_not_import_scikit_learn():
    code = "import sys, features.transformer; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_the_shipped_gene_sets_fit():
    gene_sets = load_gene_sets()
    rng = np.random.default_rng(0)
    panel = gene_sets.gene_panel
    cohort = pd.DataFrame(rng.normal(7, 1, (12, len(panel))), columns=panel)
    features = GeneSetFeatures(gene_sets, covariates=()).fit(cohort)
    assert features.gene_panel_ == panel
    assert features.empty_sets_ == ()
    n_features = len(panel) + len(gene_sets) + len(gene_sets.balances)
    assert features.transform(cohort).shape == (12, n_features)
