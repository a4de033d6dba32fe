from dataclasses import replace

import numpy as np
import pytest

from features.claim_table import Claim
from features.transformer import GeneSetFeatures
from models.attribution import Attributor
from models.domain import DomainReference
from models.reports.training_lines import training_lines
from serving.errors import InvalidRequestError
from serving.reviews.entry_weights import weigh_entries
from serving.reviews.findings import canonical
from serving.reviews.material import make_material
from serving.reviews.words import KINDS

STABILITY = {"panel": {"value": 0.4, "low": 0.3, "high": 0.5}, "random": 0.5, "gain": -0.1}


def of_card(subject, verdict):
    return {
        "claim": f"{subject}-claim",
        "subject": subject,
        "about": "drug",
        "direction_when_high": "sensitivity",
        "verdict": verdict,
        "within_lineage": {"value": -0.2, "low": -0.3, "high": -0.1},
        "q": 0.01,
    }


def make_bundle(made_up):
    """The made-up bundle without proliferation, whose genes are none of the panel's."""
    made = made_up.make_bundle()
    profiles = made_up.make_training_profiles()
    lineage = np.where(np.arange(len(profiles)) % 3 == 0, "Lung", "Ovary").astype(object)
    training = profiles.assign(**{"covariate:lineage": lineage})
    transformer = GeneSetFeatures(made_up.make_gene_sets(), covariates=("lineage",))
    features = transformer.fit(training).transform(training)
    random = np.random.default_rng(3)
    drugs = {
        name: made_up.make_drug(name, at, features, status=model.status, random=random)
        for at, (name, model) in enumerate(made.drugs.items())
    }
    for name, model in drugs.items():  # random scores may well be calibrated to nothing
        drugs[name] = replace(model, calibration=replace(model.calibration, slope=1.0))
    n_genes = len(transformer.gene_panel_)
    domain = DomainReference.fit(features[:, :n_genes], list(profiles.index), lineage)
    return replace(
        made,
        features=transformer,
        drugs=drugs,
        domain=domain,
        background=features.mean(axis=0),
        golden=None,
    )


@pytest.fixture(scope="module")
def bundle(made_up):
    made = make_bundle(made_up)
    cisplatin = made.drugs["Cisplatin"]
    card = {
        **cisplatin.evidence_card,
        "attribution_stability": STABILITY,
        "claims": {"tested": [of_card("BRCA1", "disagree"), of_card("TP53", "agree")]},
    }
    drugs = {**made.drugs, "Cisplatin": replace(cisplatin, evidence_card=card)}
    return replace(made, sha256="ab" * 32, drugs=drugs)


@pytest.fixture(scope="module")
def material(bundle):
    return make_material(bundle, claims=())


def of(material, drug, kind):
    return [one for one in material.findings if (one.drug, one.kind) == (drug, kind)]


def test_the_same_bundle_gives_the_same_findings(bundle, material):
    again = make_material(bundle, claims=())
    assert again == material
    assert len({one.id for one in material.findings}) == len(material.findings)
    assert {one.drug for one in material.findings} == set(bundle.drugs)


def test_weights_are_mean_sizes_of_exact_attributions_over_the_training_lines(bundle):
    weights = weigh_entries(bundle)
    for drug in bundle.drugs:  # linear scores and trees
        features = training_lines(bundle).features
        given = Attributor.of(bundle, drugs=[drug]).attribute(features, by="gene")
        sizes = dict(zip(given.names, np.abs(given.log_odds[:, 0]).mean(axis=0), strict=True))
        genes = [one for one in weights[drug] if one.of == "gene"]
        expected = sorted((name for name in sizes if name in bundle.gene_sets.gene_panel),
                          key=sizes.__getitem__, reverse=True)  # fmt: skip
        assert [one.name for one in genes] == [n for n in expected[:10] if sizes[n] > 0]
        assert [one.mean_size for one in genes] == pytest.approx([sizes[n.name] for n in genes])
        whole = sum(sizes.values())
        assert [one.share for one in genes] == pytest.approx([sizes[n.name] / whole for n in genes])


def test_a_direction_against_the_curated_one_is_surprising(bundle, material):
    # Every gene of the made-up sets is expected to go with sensitivity.
    for one in material.findings:
        if one.kind == "surprising_direction":
            assert one.figures["direction"] == "resistance"
            assert "sources expect sensitivity" in one.summary
        elif one.kind == "top_gene":
            assert one.figures["direction"] != "resistance"
    assert of(material, "Cisplatin", "surprising_direction")


def test_a_claim_that_the_cohort_contradicts_is_a_finding(material):
    (one,) = of(material, "Cisplatin", "contradicted_claim")
    assert (one.subject, one.figures["by_cohort"][0]["within_lineage"]) == ("BRCA1", -0.2)
    assert "the opposite of a claim about BRCA1" in one.summary


def test_a_claim_that_the_classifier_leans_against_is_a_finding(bundle):
    top = next(
        one for one in weigh_entries(bundle)["Elesclomol"] if one.of == "gene" and one.direction
    )
    opposite = {"sensitivity": "resistance", "resistance": "sensitivity"}[top.direction]
    claim = Claim(
        claim_id="made-up", gene=top.name, process=None, change="high", agent=None,
        agent_class=None, cancer=None, drug="Elesclomol", drug_class="copper ionophore",
        effect=opposite, direction_when_high=opposite, evidence="cell lines",
        testable_hint="expression", source_file="made-up", section="1", reference=None,
        context=None, statement="Made up.",
    )  # fmt: skip
    (one,) = of(make_material(bundle, claims=[claim]), "Elesclomol", "contradicted_claim")
    assert (one.subject, one.figures["by_classifier"][0]["claim_id"]) == (top.name, "made-up")
    agreeing = replace(claim, claim_id="other", direction_when_high=top.direction)
    divided = make_material(bundle, claims=[claim, agreeing])
    assert of(divided, "Elesclomol", "contradicted_claim") == []


def test_a_ranking_no_better_than_that_of_random_sets_is_unstable(material):
    (one,) = of(material, "Cisplatin", "unstable_attribution")
    assert "no better than that of random gene sets (0.40 against 0.50)" in one.summary
    assert of(material, "Elesclomol", "unstable_attribution") == []


def test_contradicted_and_unstable_come_before_everything_else(material):
    in_order = sorted(material.findings, key=lambda one: one.priority)
    kinds = [KINDS.index(one.kind) for one in in_order]
    assert kinds == sorted(kinds)
    supported = [one for one in in_order if one.kind == "top_gene"]
    statuses = {one.drug: one.status for one in material.drugs}
    order = ("supported", "exploratory", "withheld")
    places = [order.index(statuses[one.drug]) for one in supported]
    assert places == sorted(places)


def test_no_sentence_speaks_of_causes(material):
    assert not [one for one in material.findings if "caus" in one.summary]


def test_the_hash_of_the_figures_changes_with_the_card_and_with_nothing_else(bundle, material):
    other = replace(
        bundle.drugs["Cisplatin"], evidence_card={**bundle.drugs["Cisplatin"].evidence_card, "p": 1}
    )
    changed = make_material(
        replace(bundle, drugs={**bundle.drugs, "Cisplatin": other}), claims=()
    )  # fmt: skip
    before = {one.drug: one.figures_sha256 for one in material.drugs}
    after = {one.drug: one.figures_sha256 for one in changed.drugs}
    assert {drug for drug in before if before[drug] != after[drug]} == {"Cisplatin"}


def test_bundles_that_cannot_be_taken_apart_keep_what_their_cards_say(bundle):
    old = replace(bundle, background=None, domain=None)
    kinds = {one.kind for one in make_material(old, claims=()).findings}
    assert kinds == {"contradicted_claim", "unstable_attribution"}
    without_lines = make_material(replace(bundle, domain=None), claims=())
    linear = {name for name, model in bundle.drugs.items() if model.linear is not None}
    weighed = {one.drug for one in without_lines.findings if one.kind == "top_gene"}
    assert weighed <= linear
    assert weighed


def test_a_bundle_without_a_hash_is_refused(bundle):
    with pytest.raises(InvalidRequestError):
        make_material(replace(bundle, sha256=""))


def test_figures_are_json_whatever_they_hold():
    told = {"a": np.float64(1.23456789), "b": float("nan"), "c": (np.int64(1), True, None)}
    assert canonical(told) == '{"a":1.23457,"b":null,"c":[1.0,true,null]}'
