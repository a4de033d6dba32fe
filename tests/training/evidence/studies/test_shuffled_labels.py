"""Shuffled labels: chance for honest folds, and better than chance where a patient is parted."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from training.errors import TrainingError
from training.evidence.ablation import AblationSettings, draw_plans
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlData, ControlSettings
from training.evidence.studies.null_labels import study_null
from training.evidence.studies.shuffled_labels import (
    SHUFFLES,
    Shuffle,
    shuffle_and_learn,
    shuffle_patients,
    shuffled,
)
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin", "Docetaxel", "Olaparib"]
GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
GENES = {name: one.genes for name, one in GENE_SETS.items()}
SETTINGS = ControlSettings(seeds=tuple(range(20)), n_jobs=1)


@pytest.fixture(scope="module")
def data() -> ControlData:
    cohort = simulate_cohort(0, 150, DRUGS, gene_sets=GENES)
    return control_data(cohort, GENE_SETS, DRUGS, TrainingSettings())[0]


def twins(data: ControlData) -> ControlData:
    """Every patient twice, with the same profile and the same response."""
    doubled = np.repeat(np.arange(len(data.groups)), 2)
    names = np.array([f"patient {at}" for at in range(len(data.groups))])
    return replace(
        data,
        expression=data.expression.iloc[doubled],
        lineage=data.lineage.iloc[doubled],
        groups=names[doubled],
        response=data.response[doubled],
        is_sensitive=data.is_sensitive[doubled],
    )


def test_shuffled_labels_are_worth_nothing(data: ControlData) -> None:
    for one in shuffle_and_learn(data, SETTINGS, estimators=("rank_ridge",)):
        assert abs(one.mean - 0.5) < 4 * one.standard_error
        assert abs(one.mean - 0.5) < 0.03


def test_parted_patients_would_be_noticed(data: ControlData) -> None:
    both = twins(data)
    honest, _ = shuffle_and_learn(both, SETTINGS, estimators=("rank_ridge",))
    assert abs(honest.mean - 0.5) < 0.03
    # Shuffled by patient, split by line: the twin of a test line is learned from.
    null = shuffled(both, "each drug on its own", np.random.default_rng(0))
    lines = np.array([f"line {at}" for at in range(len(both.groups))])
    settings = AblationSettings(ControlSettings(seeds=(0,)), n_bootstrap=2)
    (parted,) = draw_plans(replace(null, groups=lines), [null.plan], settings)
    assert parted.value.mean() > 0.55


def test_patients_change_places_whole() -> None:
    groups = np.repeat([f"patient {at}" for at in range(40)], [1] * 30 + [2] * 10)
    source = shuffle_patients(groups, np.random.default_rng(0))
    assert sorted(source) == list(range(len(groups)))
    for patient in np.unique(groups):
        givers = groups[source[groups == patient]]
        assert len(set(givers)) == 1
        assert (groups == givers[0]).sum() == (groups == patient).sum()


def test_a_patient_with_nobody_to_change_places_with_is_left_out() -> None:
    groups = np.array([f"patient {at}" for at in range(30)] + ["large"] * 7)
    source = shuffle_patients(groups, np.random.default_rng(0))
    assert (source[groups == "large"] == -1).all()
    assert (source[groups != "large"] >= 0).all()
    with pytest.raises(TrainingError, match="10 of 10 lines"):
        shuffle_patients(groups[-10:], np.random.default_rng(0))


@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_shuffle_keeps_every_response_and_its_label(data: ControlData, shuffle: Shuffle) -> None:
    cohort = replace(data, groups=np.arange(len(data.groups)).astype(np.str_))
    null = shuffled(cohort, shuffle, np.random.default_rng(1))
    for drug in range(len(DRUGS)):
        before, after = (np.sort(one.response[:, drug]) for one in (cohort, null))
        np.testing.assert_array_equal(before, after)
        sensitive = null.response[null.is_sensitive[:, drug], drug]
        assert sensitive.max() == cohort.response[cohort.is_sensitive[:, drug], drug].max()
    moved = null.response != cohort.response
    assert moved.mean() > 0.9


def test_drugs_that_are_shuffled_alike_stay_alike(data: ControlData) -> None:
    alike, own = (shuffled(data, one, np.random.default_rng(2)) for one in reversed(SHUFFLES))
    rows = {tuple(row) for row in np.nan_to_num(data.response, nan=-99.0)}
    assert sum(tuple(row) in rows for row in np.nan_to_num(alike.response, nan=-99.0)) > 130
    assert sum(tuple(row) in rows for row in np.nan_to_num(own.response, nan=-99.0)) < 20


def test_the_study_says_whether_it_is_chance() -> None:
    cohort = simulate_cohort(0, 120, DRUGS, gene_sets=GENES)
    settings = ControlSettings(seeds=(0, 1), n_jobs=1)
    study = study_null(
        cohort, GENE_SETS, TrainingSettings(drugs=DRUGS), settings, estimators=("rank_ridge",)
    )
    written = json.loads(json.dumps(study.to_json(), allow_nan=False))
    assert len(written["nulls"]) == 2
    for null in written["nulls"]:
        assert null["within_0.01_of_chance"] == (abs(null["mean_roc_auc"] - 0.5) <= 0.01)
        assert np.mean(null["by_seed"]) == pytest.approx(null["mean_roc_auc"])
    assert "SIMULATED" in study.to_markdown()
