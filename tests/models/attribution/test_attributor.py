from dataclasses import replace

import numpy as np
import pytest

from features.transformer import GeneSetFeatures
from models.attribution import Attributor
from models.attribution.gene_shares import GeneShares
from models.bundle import Bundle
from models.calibration import SigmoidCalibration
from models.errors import AttributionError
from models.linear import LinearScore

LINEAR = ("Cisplatin", "Bleomycin (50 uM)")


@pytest.fixture(name="features")
def fixture_features(bundle, profiles):
    lineage = np.array(["Lung", "Ovary", None, "Moon", "Lung", "Ovary", "Lung"], dtype=object)
    return bundle.features.transform(profiles.assign(**{"covariate:lineage": lineage}))


def logits(bundle, features):
    probability = np.array([m.probability(features) for m in bundle.drugs.values()]).T
    return np.log(probability / (1 - probability))


@pytest.mark.parametrize("by", ["feature", "gene", "set"])
def test_base_and_attributions_add_up_to_the_answer(bundle, features, by):
    found = Attributor.of(bundle).attribute(features, by=by)
    total = found.base_log_odds + found.log_odds.sum(axis=2)
    np.testing.assert_allclose(total, logits(bundle, features), atol=1e-5)
    np.testing.assert_allclose(found.residual, total - logits(bundle, features), atol=1e-9)
    assert found.log_odds.shape == (7, 4, len(found.names))
    assert found.values.shape == (7, len(found.names))


@pytest.mark.parametrize("drug", LINEAR)
def test_linear_features_equal_shap(shap, bundle, make_profiles, features, drug):

    model = bundle.drugs[drug]
    explainer = shap.LinearExplainer(
        (model.linear.coefficients, model.linear.intercept),
        shap.maskers.Independent(training_features(bundle, make_profiles), max_samples=10**6),
    )
    found = Attributor.of(bundle, drugs=[drug]).attribute(features, by="feature")
    slope, intercept = model.calibration.slope, model.calibration.intercept
    expected = slope * explainer.shap_values(features)
    np.testing.assert_allclose(found.log_odds[:, 0], expected, atol=1e-5)
    base = slope * explainer.expected_value + intercept
    np.testing.assert_allclose(found.base_log_odds[0], base, atol=1e-5)


def training_features(bundle, make_profiles):
    profiles = make_profiles()
    lineage = np.where(np.arange(len(profiles)) % 3 == 0, "Lung", "Ovary").astype(object)
    return bundle.features.transform(profiles.assign(**{"covariate:lineage": lineage}))


def test_linear_genes_equal_shap_on_the_genes_themselves(shap, bundle, make_profiles, features):
    """The whole way from z to the score is linear: shap asked about genes must agree."""

    model = bundle.drugs["Cisplatin"]
    shares = GeneShares.of(bundle.features)
    n_genes = len(shares.genes)

    def score(z):
        sets = z @ shares.weights.T  # set scores and balances of these z values; the rest 0
        return sets @ model.linear.coefficients * model.calibration.slope

    unit = np.eye(n_genes)
    coefficients = score(unit) - score(np.zeros((1, n_genes)))
    background = training_features(bundle, make_profiles)[:, :n_genes]
    explainer = shap.LinearExplainer(
        (coefficients, 0.0), shap.maskers.Independent(background, max_samples=10**6)
    )
    found = Attributor.of(bundle, drugs=["Cisplatin"]).attribute(features, by="gene")
    expected = explainer.shap_values(features[:, :n_genes])
    np.testing.assert_allclose(found.log_odds[:, 0, :n_genes], expected, atol=1e-5)


def test_moving_one_gene_moves_its_attribution_alone(bundle, profiles):
    moved = profiles.assign(OPA1=profiles["OPA1"] + 2)
    before, after = (
        Attributor.of(bundle, drugs=LINEAR).attribute(bundle.features.transform(table))
        for table in (profiles, moved)
    )
    change = np.abs(after.log_odds - before.log_odds)
    opa1 = before.names.index("OPA1")
    others = [place for place in range(len(before.names)) if place != opa1]
    assert change[:, :, opa1].min() > 1e-3
    np.testing.assert_allclose(change[:, :, others], 0, atol=1e-12)


def test_set_totals_are_sums_over_members(bundle, features):
    by_gene = Attributor.of(bundle).attribute(features, by="gene")
    by_set = Attributor.of(bundle).attribute(features, by="set")
    for name, members in bundle.features.plan_.set_genes.items():
        places = [by_gene.names.index(gene) for gene in members]
        expected = by_gene.log_odds[:, :, places].sum(axis=2)
        found = by_set.set_totals[:, :, by_set.names.index(name)]
        np.testing.assert_allclose(found, expected, atol=1e-12)
    assert by_set.names == (*bundle.features.plan_.set_genes, "lineage", "proliferation")


def test_lineage_is_one_entry(bundle, features):
    by_feature = Attributor.of(bundle).attribute(features, by="feature")
    by_gene = Attributor.of(bundle).attribute(features, by="gene")
    columns = [at for at, name in enumerate(by_feature.names) if name.startswith("lineage:")]
    np.testing.assert_allclose(
        by_gene.log_odds[:, :, by_gene.names.index("lineage")],
        by_feature.log_odds[:, :, columns].sum(axis=2),
        atol=1e-12,
    )


def test_values_are_z_of_genes_and_mean_z_of_sets(bundle, features, profiles):
    by_gene = Attributor.of(bundle).attribute(features, by="gene")
    by_set = Attributor.of(bundle).attribute(features, by="set")
    reference = bundle.features.reference_
    at = reference.positions(["OPA1"])[0]
    z = (profiles["OPA1"].to_numpy(float) - reference.location[at]) / reference.scale[at]
    np.testing.assert_allclose(by_gene.values[:, by_gene.names.index("OPA1")], z)
    fusion = [by_gene.names.index(gene) for gene in ("MFN1", "MFN2", "OPA1")]
    np.testing.assert_allclose(
        by_set.values[:, by_set.names.index("fusion")], by_gene.values[:, fusion].mean(axis=1)
    )
    assert np.isnan(by_gene.values[:, by_gene.names.index("lineage")]).all()


def test_what_is_handed_down_adds_up(bundle):
    shares = GeneShares.of(bundle.features)
    np.testing.assert_allclose(shares.handed_down.sum(axis=1), 1)
    np.testing.assert_allclose(shares.over_sets(split=True).sum(axis=1), 1)
    balance = bundle.features.feature_names_.tolist().index("balance:fission_against_fusion")
    named = dict(zip(shares.entries, shares.handed_down[balance], strict=True))
    assert named["MFN1"] == pytest.approx(1 / 6)
    assert named["FIS1"] == pytest.approx(1 / 8)
    assert named["FDX1"] == 0


def test_scores_by_rank_are_handed_down_too(bundle, make_profiles, profiles):
    training = make_profiles()
    transformer = GeneSetFeatures(bundle.gene_sets, score="rank", covariates=()).fit(training)
    features = transformer.transform(training)
    random = np.random.default_rng(0)
    score = LinearScore(random.normal(size=features.shape[1]), 0.5)
    drug = replace(bundle.drugs["Cisplatin"], linear=score)
    ranked = replace(
        bundle,
        features=transformer,
        drugs={"Cisplatin": drug},
        background=features.mean(axis=0),
        domain=None,
        golden=None,
    )
    found = Attributor.of(ranked).attribute(transformer.transform(profiles), by="gene")
    total = found.base_log_odds + found.log_odds.sum(axis=2)
    expected = logits(ranked, transformer.transform(profiles))
    np.testing.assert_allclose(total, expected, atol=1e-6)


def test_a_flat_calibration_leaves_nothing_to_explain(bundle, features):
    flat = replace(bundle.drugs["Cisplatin"], calibration=SigmoidCalibration(0.0, -0.7))
    found = Attributor.of(with_drug(bundle, flat), drugs=["Cisplatin"]).attribute(features)
    np.testing.assert_array_equal(found.log_odds, 0)
    np.testing.assert_allclose(found.base_log_odds, -0.7)


def with_drug(bundle, drug):
    return replace(bundle, drugs={**bundle.drugs, drug.drug: drug})


def test_what_does_not_add_up_is_refused(bundle, features):
    attributor = Attributor.of(bundle)
    off = replace(attributor, base_log_odds=attributor.base_log_odds + 2e-4 * (np.arange(4) == 2))
    with pytest.raises(AttributionError, match=r"Bleomycin .* miss the answer by 0\.0002"):
        off.attribute(features)
    with pytest.raises(AttributionError, match="miss the answer"):
        attributor.attribute(features * np.nan)


def test_a_bundle_of_format_1_cannot_be_explained(bundle: Bundle):
    with pytest.raises(AttributionError, match="mean of its training features"):
        Attributor.of(replace(bundle, background=None))
    grown = bundle.drugs["Elesclomol"]
    bare = replace(grown, trees=replace(grown.trees, cover=None))
    with pytest.raises(AttributionError, match="cover"):
        Attributor.of(with_drug(bundle, bare), drugs=["Elesclomol"])
