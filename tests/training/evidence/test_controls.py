"""Controls on a simulated cohort, where the truth is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from training.drug_tasks import label_drug
from training.evidence import controls as module
from training.evidence.cohort_data import control_data
from training.evidence.controls import ControlData, ControlSettings, run_controls, shared_folds
from training.evidence.p_values import empirical_p_values
from training.metrics import roc_auc
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin", "Docetaxel", "Olaparib"]
GENE_SETS = load_gene_sets().subset(
    ["cuproptosis_promoting", "mitochondrial_fission", "mitochondrial_fusion", "copper_export"]
)
GENES = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
SETTINGS = ControlSettings(n_random_sets=39, seeds=(0,), n_jobs=1)


@pytest.fixture(scope="module")
def data() -> ControlData:
    cohort = simulate_cohort(0, 150, DRUGS, gene_sets=GENES)
    laid_out, skipped = control_data(cohort, GENE_SETS, DRUGS, TrainingSettings())
    assert not skipped
    return laid_out


@pytest.fixture(scope="module")
def figures(data: ControlData) -> module.Controls:
    return run_controls(data, SETTINGS)


def test_a_planted_signal_beats_every_random_panel(figures: module.Controls) -> None:
    p_values = empirical_p_values(figures.fixed["panel"], figures.random)
    np.testing.assert_allclose(p_values, 1 / 40)
    assert (figures.fixed["panel"] > figures.fixed["lineage"]).all()


def test_shuffled_labels_are_worth_nothing(data: ControlData) -> None:
    settings = replace(SETTINGS, n_random_sets=0, seeds=tuple(range(20)))
    shuffled = run_controls(data, settings).fixed["shuffled_labels"]
    assert abs(shuffled.mean() - 0.5) < 0.02


def test_a_cohort_without_response_signal_gives_no_small_p(data: ControlData) -> None:
    order = np.random.default_rng(3).permutation(len(data.response))
    null = replace(data, response=data.response[order], is_sensitive=data.is_sensitive[order])
    figures = run_controls(null, SETTINGS)
    p_values = empirical_p_values(figures.fixed["panel"], figures.random)
    assert p_values.min() > 1 / 40


def test_processes_change_nothing(data: ControlData, figures: module.Controls) -> None:
    other = run_controls(data, replace(SETTINGS, n_jobs=2))
    np.testing.assert_array_equal(other.random, figures.random)
    np.testing.assert_array_equal(other.fixed["panel"], figures.fixed["panel"])


def test_a_run_that_was_stopped_goes_on(
    data: ControlData, figures: module.Controls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = []

    def stop_after_three(done: int, total: int) -> None:
        parts.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_controls(data, SETTINGS, keep=tmp_path, progress=stop_after_three)
    ran = []
    run_part = module._run_part
    monkeypatch.setattr(
        module, "_run_part", lambda *given: (ran.append(given[-3:]), run_part(*given))[1]
    )
    resumed = run_controls(data, SETTINGS, keep=tmp_path)
    assert len(ran) == parts[0][1] - 3
    np.testing.assert_array_equal(resumed.random, figures.random)
    run_controls(data, replace(SETTINGS, random_state=1), keep=tmp_path)
    assert len(ran) == 2 * parts[0][1] - 3  # another question finds nothing of this one


def test_pairs_won_are_the_roc_auc_of_one_fold() -> None:
    generator = np.random.default_rng(0)
    scores, labels = generator.normal(size=(30, 2)).round(1), generator.random((30, 2)) < 0.4
    measured = generator.random((30, 2)) < 0.8
    won = module.pairs_won(scores, labels, measured)
    for drug in range(2):
        lines = measured[:, drug]
        n_sensitive = int(labels[lines, drug].sum())
        n_pairs = n_sensitive * int(lines.sum() - n_sensitive)
        figure = roc_auc(labels[lines, drug], scores[lines, drug])
        assert won[drug] / n_pairs == pytest.approx(figure)


def test_folds_never_part_a_patient(data: ControlData) -> None:
    for fold in shared_folds(data.groups, n_folds=5, seed=0):
        assert not set(data.groups[fold.train]) & set(data.groups[fold.test])


def test_a_drug_of_one_class_is_left_out_with_its_reason() -> None:
    cohort = simulate_cohort(0, 60, DRUGS, gene_sets=GENES)
    assert cohort.response is not None
    cohort.response.values.loc[cohort.response.values.index[12:], "Olaparib"] = np.nan
    laid_out, skipped = control_data(cohort, GENE_SETS, DRUGS, TrainingSettings())
    assert laid_out.drugs == ("Cisplatin", "Docetaxel")
    assert "Olaparib" in skipped["Olaparib"].reason
    labelled = label_drug(cohort.response, "Cisplatin", TrainingSettings())
    assert labelled.measured.sum() == len(labelled.response)
