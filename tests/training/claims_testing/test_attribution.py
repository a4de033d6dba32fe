from dataclasses import replace

import numpy as np
import pytest

from features.claims import load_claims
from models.attribution.gene_shares import GeneShares
from models.estimators import RankRidge
from training.claims_testing import testing
from training.claims_testing.attribution import (
    NO_INTERVAL,
    AttributionSign,
    BundleLeanings,
)
from training.claims_testing.ledger import COLUMNS
from training.claims_testing.question import Question
from training.claims_testing.refits import OTHER_LINES
from training.claims_testing.summary import describe_leanings
from training.evidence.figures import NotEstimable
from training.metrics import Interval


@pytest.fixture(scope="module", name="leanings")
def fixture_leanings(training, trained):
    return BundleLeanings.of(trained.bundle, training.cohort)


def ask(*genes, drugs=("Cisplatin",)):
    return Question("it", genes, len(genes), drugs)


def weightiest(leanings, drug="Cisplatin"):
    of_drug = leanings.coefficients[drug]
    return max(of_drug, key=lambda gene: abs(of_drug[gene]))


def test_the_weightiest_gene_has_a_firm_sign(leanings):
    found = leanings.answer(ask(weightiest(leanings)))
    assert isinstance(found, AttributionSign)
    assert isinstance(found.interval, Interval)
    assert found.interval.low < found.log_odds_per_sd < found.interval.high
    assert found.agrees_with(found.direction) == "agrees"
    against = {"sensitivity": "resistance", "resistance": "sensitivity"}[found.direction]
    assert found.agrees_with(against) == "opposes"


def test_the_sign_is_that_of_the_score_of_a_higher_gene(leanings, training, trained):
    gene = weightiest(leanings)
    found = leanings.answer(ask(gene))
    values = training.cohort.expression.values
    reference = trained.bundle.features.reference_
    sd = reference.scale[reference.positions([gene])[0]]
    features = trained.bundle.features
    higher = values.astype(float).assign(**{gene: values[gene].astype(float) + sd})
    model = trained.bundle.drugs["Cisplatin"]
    rise = model.score(features.transform(higher)) - model.score(features.transform(values))
    expected = model.calibration.slope * rise.mean()
    assert found.log_odds_per_sd == pytest.approx(expected, abs=1e-5)


def test_a_process_is_the_sum_of_its_genes_and_a_class_the_mean_of_its_drugs(leanings):
    genes = leanings.shares.genes[:3]
    whole = leanings.answer(ask(*genes))
    single = [leanings.answer(ask(gene)).log_odds_per_sd for gene in genes]
    assert whole.log_odds_per_sd == pytest.approx(sum(single))
    both = leanings.answer(ask(genes[0], drugs=("Cisplatin", "Docetaxel")))
    apart = [leanings.answer(ask(genes[0], drugs=(d,))) for d in ("Cisplatin", "Docetaxel")]
    assert both.log_odds_per_sd == pytest.approx(np.mean([one.log_odds_per_sd for one in apart]))
    widths = [one.interval.high - one.interval.low for one in (both, *apart)]
    assert widths[0] < max(widths[1:])


def test_intervals_are_about_as_wide_as_those_of_new_cohorts(training, trained, leanings):
    """The spread of the draws is the spread over cohorts, to the factor that 20 cohorts allow."""
    gene = weightiest(leanings)
    interval = leanings.answer(ask(gene)).interval
    slope = trained.bundle.drugs["Cisplatin"].calibration.slope
    drawn = (interval.high - interval.low) / (2 * 1.96 * slope)
    over_cohorts = [
        coefficient_of(training.task(training.simulate(seed, ("Cisplatin",))), training, gene)
        for seed in range(1, 21)
    ]
    assert 0.5 < drawn / np.std(over_cohorts, ddof=1) < 2


def coefficient_of(task, training, gene):
    features = training.features().fit(task.samples)
    (fitted,) = RankRidge().fit_settings(
        features.transform(task.samples), task.target, [{}], seed=0
    )
    shares = GeneShares.of(features)
    return (fitted.score.coefficients @ shares.weights)[shares.genes.index(gene)]


def test_another_cohort_gives_signs_without_intervals(training, trained):
    other = BundleLeanings.of(trained.bundle, training.simulate(5))
    found = other.answer(ask(weightiest(other)))
    assert found.interval == NotEstimable(OTHER_LINES)
    assert found.agrees_with(found.direction) == f"agrees ({NO_INTERVAL})"


def test_another_estimator_gives_signs_without_intervals(training, trained):
    drugs = {
        name: replace(model, estimator="ridge_logistic")
        for name, model in trained.bundle.drugs.items()
    }
    bundle = replace(trained.bundle, drugs=drugs)
    found = BundleLeanings.of(bundle, training.cohort).answer(ask(bundle.features.gene_panel_[0]))
    reason = "ridge_logistic is not learned again without some patients"
    assert found.interval == NotEstimable(reason)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (ask("NOSUCH"), "it is not in the gene panel of the bundle"),
        (ask("FIS1", drugs=("Paclitaxel",)), "no classifier of the bundle for these drugs"),
    ],
)
def test_what_cannot_be_said_has_a_reason(leanings, question, reason):
    found = leanings.answer(question)
    assert isinstance(found, NotEstimable)
    assert reason in found.reason


def test_the_ledger_says_it_beside_the_verdict(training, trained):
    claims = [claim for claim in load_claims() if claim.drug in ("Cisplatin", None)]
    cohort, sets = training.cohort, training.gene_sets
    options = {"n_bootstrap": 60, "random_state": 3}
    bare = testing.test_claims(claims, cohort, sets, **options)
    with_bundle = testing.test_claims(claims, cohort, sets, **options, bundle=trained.bundle)
    assert [row.verdict for row in bare.rows] == [row.verdict for row in with_bundle.rows]
    assert describe_leanings(bare) == []
    assert describe_leanings(with_bundle)[0].startswith("Classifiers of the bundle lean one way")
    for row in bare.rows:
        assert row.to_json()["attribution_sign"] == "not estimable: no bundle was given"
    for row in with_bundle.rows:
        entry = row.to_json()
        assert set(entry) == set(COLUMNS)
        if isinstance(row.attribution, AttributionSign):
            assert entry["attribution_sign"] in ("sensitivity", "resistance")
            assert entry["attribution_agrees"] in ("agrees", "opposes", "unclear")
            low, high = entry["attribution_log_odds_low"], entry["attribution_log_odds_high"]
            assert low <= entry["attribution_log_odds"] <= high
        else:
            assert entry["attribution_sign"].startswith("not estimable: ")
            assert entry["attribution_log_odds"] is None
