"""Known nulls and a planted signal through the whole chain: controls, p-values, q-values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from features.gene_sets import load_gene_sets
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlData, ControlSettings, run_controls
from training.evidence.p_values import benjamini_hochberg, empirical_p_values
from training.metrics import FloatArray
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
GENES = {name: one.genes for name, one in GENE_SETS.items()}
SETTINGS = ControlSettings(n_random_sets=199, seeds=(0,), n_jobs=1)
N_LINES, N_NULL, N_PLANTED = 100, 60, 8


@pytest.fixture(scope="module")
def data() -> ControlData:
    """Drugs that depend on lineage and noise alone, then drugs that depend on panel genes too.

    Every gene is noise of the same kind, so that the panel is one more draw of random genes.
    """
    cohort = simulate_cohort(0, N_LINES, ["Cisplatin"], gene_sets=GENES)
    laid_out, _ = control_data(cohort, GENE_SETS, ["Cisplatin"], TrainingSettings())
    generator = np.random.default_rng(1)
    n_drugs = N_NULL + N_PLANTED
    genes = laid_out.expression
    genes = genes * 0 + generator.normal(8, 1, size=genes.shape)
    codes = laid_out.lineage.astype("category").cat.codes.to_numpy()
    by_lineage = generator.normal(size=(codes.max() + 1, n_drugs))[codes]
    response = by_lineage + generator.normal(size=(N_LINES, n_drugs))
    panel = genes[list(laid_out.plan.gene_panel)].to_numpy()
    response[:, N_NULL:] += 3 * (panel.mean(axis=1, keepdims=True) - 8) * np.sqrt(panel.shape[1])
    return replace(
        laid_out,
        expression=genes,
        drugs=tuple(f"drug {at}" for at in range(n_drugs)),
        response=response,
        is_sensitive=response <= np.quantile(response, 1 / 3, axis=0),
    )


@pytest.fixture(scope="module")
def p_values(data: ControlData) -> FloatArray:
    controls = run_controls(data, SETTINGS)
    return empirical_p_values(controls.fixed["panel"], controls.random)


def test_p_values_of_true_nulls_are_uniform(p_values: FloatArray) -> None:
    nulls = p_values[:N_NULL]
    assert kstest(nulls, "uniform").pvalue > 0.01
    assert abs(nulls.mean() - 0.5) < 4 / np.sqrt(12 * N_NULL)
    assert (nulls < 0.05).mean() < 0.15


def test_few_nulls_are_discoveries_and_the_planted_signal_is_one(p_values: FloatArray) -> None:
    q_values = benjamini_hochberg(p_values)
    assert (q_values[:N_NULL] < 0.05).mean() <= 0.05
    assert (q_values[N_NULL:] < 0.05).all()
    np.testing.assert_allclose(p_values[N_NULL:], 1 / (SETTINGS.n_random_sets + 1))


def test_nulls_alone_give_no_discoveries_beyond_their_share(p_values: FloatArray) -> None:
    assert (benjamini_hochberg(p_values[:N_NULL]) < 0.05).mean() <= 0.05
