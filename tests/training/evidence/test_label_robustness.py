from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from features.transformer import GeneSetFeatures
from models.estimators import RankRidge
from training.drug_tasks import DrugTasks
from training.evaluation import EvaluationSettings, evaluate_drug
from training.evidence.label_robustness import measure_label_robustness
from training.labels import label_response
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
GENES = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
FEATURES = partial(GeneSetFeatures, GENE_SETS, with_quantiles=False)
SETTINGS = EvaluationSettings(n_folds=3, n_inner_folds=3, seeds=(0, 1), n_bootstrap=50)


@pytest.fixture(name="task", scope="module")
def fixture_task():
    cohort = simulate_cohort(0, 150, ["Cisplatin"], gene_sets=GENES)
    return DrugTasks.of(cohort, TrainingSettings(), FEATURES()).task("Cisplatin")[0]


def test_the_first_figure_is_that_of_the_evaluation_with_rank_ridge(task):
    found = measure_label_robustness(task, FEATURES, SETTINGS)
    evaluation = evaluate_drug(task, FEATURES, replace(SETTINGS, families=(RankRidge(),)))
    assert found.roc_auc == evaluation.roc_auc
    assert found.seed_band == evaluation.seed_band


def test_the_second_figure_counts_the_pairs_of_the_second_labels(task):
    found = measure_label_robustness(task, FEATURES, SETTINGS)
    labels, card = label_response(task.response, drug=task.drug, kind="ln_ic50", method="waterfall")
    assert found.second_n_sensitive == card.n_sensitive
    assert found.agreement == pytest.approx(np.mean(labels == task.is_sensitive))
    difference = found.second_roc_auc.value - found.roc_auc.value
    assert found.difference.value == pytest.approx(difference)
    assert found.second_seed_band[0] <= found.second_roc_auc.value <= found.second_seed_band[1]
    assert found.second_roc_auc.low > 0.5  # the signal is planted in the response, not the label
    assert found.to_json()["estimator"] == "rank_ridge"


def test_the_same_labels_twice_make_no_difference(task):
    # Drawn at the tertile, the threshold method gives the labels of the tertile method again.
    card = replace(task.label_card, method="threshold")
    found = measure_label_robustness(
        replace(task, label_card=card), FEATURES, SETTINGS, second_method="tertile"
    )
    assert found.agreement == 1
    assert (found.difference.value, found.difference.low, found.difference.high) == (0, 0, 0)
    assert found.second_roc_auc == found.roc_auc


def test_labels_that_cannot_be_made_are_a_reason(task):
    same = measure_label_robustness(task, FEATURES, SETTINGS, second_method="tertile")
    assert "made by tertile in the first place" in str(same.second_roc_auc)
    assert same.roc_auc.value > 0.5
    assert same.second_seed_band is None
    patients = replace(task.label_card, response_kind="clinical_response", method="clinical")
    clinical = measure_label_robustness(replace(task, label_card=patients), FEATURES, SETTINGS)
    assert clinical.to_json()["second_roc_auc"].startswith("not estimable")
    # One line far below all others: the waterfall has its inflection at the second line.
    steep = np.where(task.response == task.response.min(), -1000.0, task.response)
    few = measure_label_robustness(replace(task, response=steep), FEATURES, SETTINGS)
    assert "waterfall: Drug 'Cisplatin' has" in str(few.difference)
