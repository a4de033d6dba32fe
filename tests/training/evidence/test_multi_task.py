"""Learning together: it helps where drugs are alike and does no harm where they are not."""

import json
from dataclasses import replace

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlData, ControlSettings
from training.evidence.multi_task import (
    ARMS,
    MultiTaskComparison,
    MultiTaskSettings,
    compare_shared_factors,
)
from training.metrics import FloatArray, Interval
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
N_DRUGS = 30
SETTINGS = MultiTaskSettings(
    ControlSettings(seeds=(0,)),
    n_factors=(1, 3),
    blends=(0.4, 0.8),
    penalties=(1000, 300, 100),
    n_averaged=3,
    n_inner_folds=3,
    n_bootstrap=100,
)


@pytest.fixture(scope="module")
def cohort() -> ControlData:
    genes = {name: one.genes for name, one in GENE_SETS.items()}
    simulated = simulate_cohort(2, 120, ["Cisplatin"], gene_sets=genes)
    return control_data(simulated, GENE_SETS, ["Cisplatin"], TrainingSettings())[0]


def respond(data: ControlData, signal: FloatArray, *, missing: float) -> ControlData:
    """Responses to many drugs: a signal each, noise of their own, and gaps."""
    generator = np.random.default_rng(4)
    response = signal + generator.normal(scale=2.0, size=(len(data.response), N_DRUGS))
    response[generator.random(response.shape) < missing] = np.nan
    cut_off = np.nanquantile(response, 1 / 3, axis=0)
    drugs = tuple(f"drug {number}" for number in range(N_DRUGS))
    return replace(data, drugs=drugs, response=response, is_sensitive=response <= cut_off)


def z_of_panel(data: ControlData) -> FloatArray:
    z = data.expression[list(data.plan.gene_panel)].to_numpy(dtype=np.float64)
    standardised: FloatArray = (z - z.mean(axis=0)) / z.std(axis=0)
    return standardised


def gain(comparison: MultiTaskComparison) -> Interval:
    found = comparison.mean_gain["own_penalty"]
    assert isinstance(found, Interval)
    return found


def test_drugs_with_one_signal_help_one_another(cohort: ControlData) -> None:
    weights = np.random.default_rng(0).normal(size=len(cohort.plan.gene_panel))
    signal = z_of_panel(cohort) @ weights / np.sqrt(len(weights))
    alike = respond(cohort, signal[:, None], missing=0.4)
    comparison = compare_shared_factors(alike, SETTINGS)
    assert gain(comparison).low > 0.01
    assert comparison.kept
    assert all(chosen[0].n_factors > 0 for chosen in comparison.choices)


def test_independent_drugs_neither_gain_nor_lose_beyond_noise(cohort: ControlData) -> None:
    z = z_of_panel(cohort)
    weights = np.random.default_rng(0).normal(size=(z.shape[1], N_DRUGS))
    unlike = respond(cohort, 1.5 * z @ weights / np.sqrt(len(weights)), missing=0.1)
    comparison = compare_shared_factors(unlike, SETTINGS)
    over_penalty = comparison.mean_gain["shared_penalty"]
    assert isinstance(over_penalty, Interval)
    assert abs(over_penalty.value) < 0.01
    assert abs(gain(comparison).value) < 0.03
    json.dumps(comparison.to_json(), allow_nan=False)


def test_held_out_responses_do_not_reach_the_scores(cohort: ControlData) -> None:
    noise = respond(cohort, np.zeros((len(cohort.response), 1)), missing=0.0)
    comparison = compare_shared_factors(noise, SETTINGS)
    mean = comparison.mean_roc_auc["shared_factors"]
    assert isinstance(mean, Interval)
    assert abs(mean.value - 0.5) < 0.03


def test_every_arm_has_a_figure_and_only_the_last_is_served(cohort: ControlData) -> None:
    data = respond(cohort, np.zeros((len(cohort.response), 1)), missing=0.0)
    comparison = compare_shared_factors(data, SETTINGS)
    assert set(comparison.mean_roc_auc) == set(ARMS)
    assert set(comparison.mean_gain) == set(ARMS[:-1])
    assert SETTINGS.arms["shared_factors"] == SETTINGS.shared
    assert not SETTINGS.arms["shared_penalty"].n_factors
