import json
from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from features.gene_sets import load_gene_sets
from features.transformer import GeneSetFeatures
from models.estimators import RankRidge
from training.cohort import load_cohort
from training.drug_tasks import DrugTasks
from training.evaluation import EvaluationSettings, evaluate_drug
from training.evidence.drug_quality import measure_quality
from training.file_settings import FileSettings
from training.files import FileSource
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

SETTINGS = EvaluationSettings(seeds=(0, 1), families=(RankRidge(),), n_bootstrap=50)


def evaluated(cohort, drug, gene_sets):
    features = partial(
        GeneSetFeatures, gene_sets, expression_scale=cohort.expression.scale, lineage_weight=6.0
    )
    tasks = DrugTasks.of(cohort, TrainingSettings(), features(with_quantiles=True))
    task, _ = tasks.task(drug)
    with threadpool_limits(limits=1):
        return task, evaluate_drug(task, partial(features, with_quantiles=False), SETTINGS)


@pytest.fixture(name="simulated", scope="module")
def fixture_simulated():
    gene_sets = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
    genes = {name: gene_set.genes for name, gene_set in gene_sets.items()}
    return evaluated(
        simulate_cohort(0, 250, ["Cisplatin"], gene_sets=genes), "Cisplatin", gene_sets
    )


def test_figures_are_those_of_the_evaluation(simulated):
    task, evaluation = simulated
    found = measure_quality(task, evaluation)
    assert found.calibration.brier.value == pytest.approx(evaluation.brier)
    assert found.calibration_choice.sigmoid_brier.value == pytest.approx(evaluation.brier)
    error = found.calibration.expected_calibration_error.value
    assert error == pytest.approx(evaluation.expected_calibration_error)
    assert found.precision.prevalence.value == pytest.approx(task.is_sensitive.mean())
    assert found.precision.average_precision.low > found.precision.prevalence.value


def test_promises_and_sets_hold_on_simulated_lines(simulated):
    found = measure_quality(*simulated)
    assert found.calibration.slope.low < 1 < found.calibration.slope.high
    assert found.calibration.in_the_large.low < 0 < found.calibration.in_the_large.high
    for coverage in found.coverage:
        for name in ("overall", "sensitive", "resistant"):
            gap = abs(getattr(coverage, name).value - coverage.level)
            assert gap < 3 * coverage.standard_errors[name]


def test_the_same_seed_gives_the_same_card(simulated):
    card = measure_quality(*simulated).to_json()
    assert json.loads(json.dumps(card)) == card
    assert measure_quality(*simulated).to_json() == card
    assert set(card["coverage"]) == {"0.8", "0.9"}
    other = measure_quality(*simulated, random_state=1).to_json()
    assert other["calibration"]["brier"]["value"] == card["calibration"]["brier"]["value"]
    assert other["calibration"]["brier"]["low"] != card["calibration"]["brier"]["low"]


def test_cisplatin_on_real_lines(shared_data, tmp_path):
    files = FileSource(FileSettings(mirror=str(shared_data), cache=tmp_path))
    task, evaluation = evaluated(
        load_cohort("ccle-gdsc2", files=files), "Cisplatin", load_gene_sets()
    )
    found = measure_quality(task, evaluation)
    assert found.calibration.slope.low < 1 < found.calibration.slope.high
    assert found.calibration.brier.value < found.calibration.prevalence_brier
    assert found.calibration_choice.chosen == "sigmoid"
    for coverage in found.coverage:
        for name in ("sensitive", "resistant"):
            gap = abs(getattr(coverage, name).value - coverage.level)
            assert gap < 3 * coverage.standard_errors[name]
    by_lineage = found.coverage[0].to_json()["by_lineage"]
    assert by_lineage["Prostate"] == "not estimable: 2 lines, at least 10 are needed"
    assert 0 < by_lineage["Lung"]["low"] < by_lineage["Lung"]["high"] <= 1
    assert np.isfinite(found.precision.average_precision.value)
