from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score

from features.gene_sets import load_gene_sets
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlSettings
from training.evidence.lineage_leak import balanced_accuracy, probe_lineage_leak
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


def test_balanced_accuracy_equals_scikit_learn():
    random = np.random.default_rng(0)
    lineage = random.choice(["Lung", "Skin", "Bowel"], p=[0.6, 0.3, 0.1], size=100)
    predicted = np.where(random.random(100) < 0.6, lineage, "Lung")
    ours = balanced_accuracy(lineage, (predicted == lineage).astype(float), np.ones((1, 100)))
    assert ours[0] == pytest.approx(balanced_accuracy_score(lineage, predicted))


def test_genes_that_lineages_shift_give_them_away(data):
    found = probe_lineage_leak(data, SETTINGS, n_bootstrap=100)
    assert found.panel.low > found.chance == pytest.approx(1 / 6)
    assert found.random_lowest <= found.random <= found.random_highest
    assert found.random > found.chance
    assert len(found.lineages) == 6
    assert found.to_json()["panel"]["value"] == found.panel.value


def test_shuffled_lineages_are_told_apart_by_chance_alone(data):
    figures = []
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(data.groups))
        shuffled = pd.Series(data.lineage.to_numpy()[order], index=data.lineage.index)
        null = probe_lineage_leak(
            replace(data, lineage=shuffled), SETTINGS, n_random_panels=0, n_bootstrap=10
        )
        figures.append(null.panel.value)
        assert str(null.random) == "not estimable: no random panel was drawn"
    assert np.mean(figures) == pytest.approx(1 / 6, abs=0.05)


def test_lineages_of_too_few_patients_do_not_count(data):
    alone = data.groups.copy()
    alone[(data.lineage == "Lung").to_numpy()] = "one patient"
    found = probe_lineage_leak(replace(data, groups=alone), SETTINGS, n_bootstrap=10)
    assert "Lung" not in found.lineages
    assert found.chance == pytest.approx(1 / 5)


def test_a_cohort_without_lineage_is_not_estimable(data):
    bare = replace(data, lineage=pd.Series([None] * len(data.groups), dtype=object))
    card = probe_lineage_leak(bare, SETTINGS).to_json()
    assert card["panel"].startswith("not estimable: 0 lineages hold 10 lines of 5 patients")
    assert card["lineages"] == []
