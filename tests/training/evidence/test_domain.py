import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.gene_sets import load_gene_sets
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlSettings
from training.evidence.domain import calibrate_domain
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin"]
GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
GENES = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
SETTINGS = ControlSettings(seeds=(0,))


@pytest.fixture(name="data", scope="module")
def fixture_data():
    cohort = simulate_cohort(0, 200, DRUGS, gene_sets=GENES)
    return control_data(cohort, GENE_SETS, DRUGS, TrainingSettings())[0]


def shifted(data, lineage, by):
    """The lineage alone moves: half of its genes up, half of them down."""
    expression = data.expression.copy()
    inside = (data.lineage == lineage).to_numpy()
    signs = np.where(np.arange(expression.shape[1]) % 2, by, -by).astype(np.float32)
    expression.loc[inside] += signs
    return replace(data, expression=expression)


def test_percentiles_of_patients_held_out_are_uniform(data):
    found = calibrate_domain(data, SETTINGS, n_bootstrap=100)
    for level in (25, 50, 75):
        assert found.held_out_patients.quantiles[level] == pytest.approx(level, abs=12)
    assert found.held_out_patients.share_unlike.low <= 0.05 <= 0.15
    assert found.held_out_patients.share_unlike.value < 0.12


def test_a_lineage_far_from_all_others_is_told_when_it_is_left_out(data):
    found = calibrate_domain(shifted(data, "Lung", 6.0), SETTINGS, n_bootstrap=100)
    assert found.share_unlike_by_lineage["Lung"].value == 1
    assert found.share_unlike_by_lineage["Skin"].value < 0.3
    assert found.discrimination.value > 0.5
    # The same lines are amid the cohort when other lines of their lineage are in it.
    assert found.held_out_patients.share_unlike.value < 0.2


def test_a_lineage_of_one_patient_or_few_lines_is_not_estimable(data):
    groups, lineage = data.groups.copy(), data.lineage.copy()
    groups[(lineage == "Skin").to_numpy()] = "one patient"
    lineage.iloc[:4] = "Eye"
    found = calibrate_domain(replace(data, groups=groups, lineage=lineage), SETTINGS)
    assert "single patient" in str(found.share_unlike_by_lineage["Skin"])
    assert str(found.share_unlike_by_lineage["Eye"]).startswith("not estimable: 4 lines")


def test_a_cohort_without_lineage_says_so(data):
    bare = replace(data, lineage=pd.Series([None] * len(data.groups), dtype=object))
    card = json.loads(json.dumps(calibrate_domain(bare, SETTINGS, n_bootstrap=10).to_json()))
    assert card["held_out_lineages"].startswith("not estimable: the cohort names no lineage")
    assert card["discrimination"].startswith("not estimable")
    assert set(card["held_out_patients"]["quantiles"]) == {"5", "25", "50", "75", "95"}
