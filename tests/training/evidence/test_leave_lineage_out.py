from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.gene_sets import load_gene_sets
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlSettings
from training.evidence.figures import NotEstimable
from training.evidence.leave_lineage_out import leave_lineages_out, lineage_folds
from training.metrics import Interval
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin", "Docetaxel"]
GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
GENES = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
SETTINGS = ControlSettings(seeds=(0,))


@pytest.fixture(name="data", scope="module")
def fixture_data():
    return control_data(
        simulate_cohort(0, 240, DRUGS, gene_sets=GENES), GENE_SETS, DRUGS, TrainingSettings()
    )[0]


@pytest.fixture(name="found", scope="module")
def fixture_found(data):
    return leave_lineages_out(data, SETTINGS, n_bootstrap=100)


def renamed(data, lines, lineage):
    column = data.lineage.copy()
    column.iloc[lines] = lineage
    return replace(data, lineage=column)


def test_a_signal_within_lineages_is_found_in_every_lineage(data, found):
    for drug in DRUGS:
        assert found[drug].roc_auc.low > 0.6
        assert set(found[drug].by_lineage) == set(data.lineage)
        assert all(isinstance(one, Interval) for one in found[drug].by_lineage.values())


def test_a_signal_between_lineages_alone_is_worth_nothing(data):
    # The response is the lineage's, plus noise: ranking within a lineage is a coin.
    random = np.random.default_rng(0)
    lineages = data.lineage.astype("category").cat.codes.to_numpy()
    response = 3.0 * lineages[:, None] + random.normal(size=data.response.shape)
    third = np.quantile(response, 1 / 3, axis=0)
    null = replace(data, response=response, is_sensitive=response <= third)
    for one in leave_lineages_out(null, SETTINGS, n_bootstrap=100).values():
        assert one.roc_auc.low < 0.5 < one.roc_auc.high


def test_the_lineage_and_its_patients_teach_nothing(data):
    for name, fold in lineage_folds(data).items():
        assert set(data.lineage.iloc[fold.test]) == {name}
        assert name not in set(data.lineage.iloc[fold.train])
        assert not set(data.groups[fold.test]) & set(data.groups[fold.train])
    # Some patient of the simulated cohort has lines of two lineages, or this shows nothing.
    lines = [len(fold.test) + len(fold.train) for fold in lineage_folds(data).values()]
    assert min(lines) < len(data.groups)


def test_the_response_of_a_lineage_does_not_change_its_own_scores(data, found):
    # A monotone change of the held-out lineage's responses leaves pairs and scores alone.
    inside = (data.lineage == "Lung").to_numpy()
    response = data.response.copy()
    response[inside] = response[inside] * 7 + 100
    changed = leave_lineages_out(replace(data, response=response), SETTINGS, n_bootstrap=100)
    for drug in DRUGS:
        assert changed[drug].by_lineage["Lung"] == found[drug].by_lineage["Lung"]
        assert changed[drug].by_lineage["Skin"] != found[drug].by_lineage["Skin"]


def test_too_few_lines_one_patient_and_one_class_are_not_estimable(data):
    few = renamed(data, slice(0, 6), "Eye")
    one_patient = renamed(few, slice(6, 20), "Liver")
    groups = one_patient.groups.copy()
    groups[6:20] = "one patient"
    one_class = renamed(one_patient, slice(20, 35), "Bone")
    labels = data.is_sensitive.copy()
    labels[20:35] = False
    response = np.where(np.isfinite(data.response), data.response, 0.0)
    changed = replace(one_class, groups=groups, is_sensitive=labels, response=response)
    figures = leave_lineages_out(changed, SETTINGS, n_bootstrap=20)["Cisplatin"]
    assert figures.by_lineage["Eye"] == NotEstimable("6 lines, at least 10 are needed")
    assert figures.by_lineage["Liver"] == NotEstimable("all 14 lines are of a single patient")
    assert figures.by_lineage["Bone"] == NotEstimable("all 15 lines are resistant")
    assert figures.to_json()["by_lineage"]["Bone"].startswith("not estimable")
    assert isinstance(figures.roc_auc, Interval)


@pytest.mark.parametrize("lineage", [None, "Lung"])
def test_without_two_lineages_there_is_no_figure(data, lineage):
    bare = replace(data, lineage=pd.Series([lineage] * len(data.groups), dtype=object))
    figures = leave_lineages_out(bare, SETTINGS, n_bootstrap=20)["Cisplatin"]
    assert "names no lineage, or only one" in str(figures.roc_auc)


def test_the_order_of_lines_changes_nothing(data, found):
    order = np.random.default_rng(1).permutation(len(data.groups))
    turned = replace(
        data,
        expression=data.expression.iloc[order],
        lineage=data.lineage.iloc[order],
        groups=data.groups[order],
        response=data.response[order],
        is_sensitive=data.is_sensitive[order],
    )
    again = leave_lineages_out(turned, SETTINGS, n_bootstrap=100)
    for drug in DRUGS:
        assert again[drug].roc_auc.value == pytest.approx(found[drug].roc_auc.value)
