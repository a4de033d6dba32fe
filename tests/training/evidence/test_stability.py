from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import spearmanr

from features.gene_sets import load_gene_sets
from models.estimators import RankRidge, Target
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlSettings
from training.evidence.figures import NotEstimable
from training.evidence.panel_features import PanelAlgebra
from training.evidence.shared_ridge import rank_targets
from training.evidence.stability import (
    attribution_sizes,
    jackknife_error,
    mean_rank_agreement,
    measure_stability,
)
from training.metrics import Interval
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin", "Docetaxel"]
GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
GENES = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
SETTINGS = ControlSettings(seeds=(0, 1), n_folds=4)


@pytest.fixture(name="data", scope="module")
def fixture_data():
    cohort = simulate_cohort(0, 200, DRUGS, gene_sets=GENES)
    return control_data(cohort, GENE_SETS, DRUGS, TrainingSettings())[0]


def test_agreement_is_the_mean_spearman_correlation_over_pairs():
    sizes = np.round(np.random.default_rng(0).random((6, 3, 20)), 1)  # with ties
    expected = [
        np.mean([spearmanr(sizes[a, k], sizes[b, k])[0] for a, b in combinations(range(6), 2)])
        for k in range(3)
    ]
    np.testing.assert_allclose(mean_rank_agreement(sizes), expected)


def test_same_rankings_agree_fully_and_unrelated_ones_not_at_all():
    random = np.random.default_rng(1)
    one = random.random(50)
    assert mean_rank_agreement(np.stack([one, one**2, 3 * one])) == pytest.approx(1)
    assert mean_rank_agreement(random.random((10, 2000))) == pytest.approx(0, abs=0.02)
    assert np.isnan(mean_rank_agreement(np.ones((3, 5))))


def test_a_gene_gets_what_moving_it_by_its_sd_does_to_the_score(data):
    algebra = PanelAlgebra.of_plan(data.plan)
    z = data.expression[list(algebra.panel)].to_numpy(dtype=np.float64)
    response = np.where(np.isfinite(data.response), data.response, 0.0)
    features = algebra.features(z)
    sizes = attribution_sizes(features, algebra, rank_targets(response))
    (fitted,) = RankRidge().fit_settings(
        features, Target(response[:, 0], data.is_sensitive[:, 0]), [{}], seed=0
    )
    for gene in (0, 5):
        moved = z[:1].copy()
        moved[0, gene] += z[:, gene].std()
        change = fitted.score.score(algebra.features(moved)) - fitted.score.score(features[:1])
        assert sizes[0, gene] == pytest.approx(abs(change[0]), rel=1e-6)


def test_a_planted_panel_is_more_stable_than_random_ones(data):
    found = measure_stability(data, SETTINGS)
    for drug in DRUGS:
        panel = found[drug].panel
        assert panel.low < panel.value < panel.high <= 1
        assert panel.value > found[drug].random
        assert found[drug].gain.value == pytest.approx(panel.value - found[drug].random)
        assert found[drug].random_lowest <= found[drug].random <= found[drug].random_highest
    assert found == measure_stability(data, SETTINGS)


def test_a_drug_without_variation_is_not_estimable(data):
    flat = data.response.copy()
    flat[:, 0] = 1.0
    found = measure_stability(replace(data, response=flat), SETTINGS, n_random_panels=2)
    assert isinstance(found["Cisplatin"].panel, NotEstimable)
    assert found["Cisplatin"].to_json()["random"].startswith("not estimable")
    assert isinstance(found["Docetaxel"].panel, Interval)


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(2).normal(size=12)
    left_out = np.array([np.delete(values, n).mean() for n in range(12)])
    assert jackknife_error(left_out) == pytest.approx(values.std(ddof=1) / np.sqrt(12))
