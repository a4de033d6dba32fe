from dataclasses import replace

import numpy as np
import pytest

from features.gene_sets import load_gene_sets
from training.evidence.cohort_data import control_data
from training.evidence.control_gains import measure_control_gains
from training.evidence.controls import FIXED_CONTROLS, ControlSettings, run_controls
from training.evidence.figures import NotEstimable
from training.evidence.paired_gains import draw_roc_auc
from training.evidence.second_labels import judge_second_labels
from training.metrics import Interval
from training.settings import TrainingSettings
from training.simulated import simulate_cohort

DRUGS = ["Cisplatin", "Docetaxel"]
GENE_SETS = load_gene_sets().subset(["mitochondrial_fission", "mitochondrial_fusion"])
GENES = {name: gene_set.genes for name, gene_set in GENE_SETS.items()}
SETTINGS = ControlSettings(n_random_sets=0, seeds=(0, 1), n_folds=3, n_jobs=1)


@pytest.fixture(name="data", scope="module")
def fixture_data():
    cohort = simulate_cohort(0, 150, DRUGS, gene_sets=GENES)
    return control_data(cohort, GENE_SETS, DRUGS, TrainingSettings())[0]


@pytest.fixture(name="found", scope="module")
def fixture_found(data):
    return measure_control_gains(data, SETTINGS, n_bootstrap=60)


def test_the_figures_are_those_of_the_controls(data, found):
    controls = run_controls(data, SETTINGS)
    for name in FIXED_CONTROLS:
        values = [one.value if isinstance(one, Interval) else np.nan for one in found.roc_auc[name]]
        np.testing.assert_allclose(values, controls.fixed[name], err_msg=name)


def test_gains_are_paired_differences_over_the_same_patients(data, found):
    for name in ("lineage", "all_genes", "shuffled_labels"):
        for drug in range(len(DRUGS)):
            gain = found.gain[name][drug]
            difference = found.roc_auc["panel"][drug].value - found.roc_auc[name][drug].value
            assert gain.value == pytest.approx(difference)
            assert gain.low < gain.value < gain.high
    # Drawn for all controls at once, or for one alone: the same draws, the same interval.
    alone = draw_roc_auc(found.panel_scores, data, n_bootstrap=60, random_state=0)
    low = np.percentile(alone.draws[:, 0], 2.5)
    assert found.roc_auc["panel"][0].low == pytest.approx(low)
    assert "panel" not in found.gain


def test_controls_that_the_cohort_does_not_allow_say_why(data):
    unknown = data.lineage.astype(object).where(data.lineage.isna(), None)
    found = measure_control_gains(replace(data, lineage=unknown), SETTINGS, n_bootstrap=20)
    for figures in (found.roc_auc, found.gain):
        assert str(figures["lineage"][0]) == "not estimable: no two lineages have 5 lines"
        assert "proliferation markers" in str(figures["proliferation"][1])
    assert isinstance(found.gain["shuffled_labels"][0], Interval)


def test_a_drug_of_one_class_has_no_figure(data, found):
    one_class = data.is_sensitive.copy()
    one_class[:, 0] = False
    other = measure_control_gains(replace(data, is_sensitive=one_class), SETTINGS, n_bootstrap=60)
    for figures in (*other.roc_auc.values(), *other.gain.values()):
        assert isinstance(figures[0], NotEstimable)
    assert other.roc_auc["panel"][1] == found.roc_auc["panel"][1]


def test_second_labels_are_judged_on_the_same_scores(data, found):
    judged = judge_second_labels(data, found.panel_scores, SETTINGS, n_bootstrap=60)
    for at, drug in enumerate(DRUGS):
        one = judged[drug]
        assert one.roc_auc == found.roc_auc["panel"][at]
        assert one.difference.value == pytest.approx(one.second_roc_auc.value - one.roc_auc.value)
        assert one.seed_band[0] <= one.roc_auc.value <= one.seed_band[1]
        assert 0 < one.agreement < 1
        assert one.second_roc_auc.low > 0.5  # planted in the response, not in the label


def test_labels_that_need_no_second_method_or_allow_none_are_a_reason(data, found):
    patients = replace(data, response_kind="clinical_response")
    one = judge_second_labels(patients, found.panel_scores, SETTINGS, n_bootstrap=20)["Cisplatin"]
    assert "comes with its labels" in str(one.second_roc_auc)
    assert one.method == "clinical"
    assert one.second_seed_band is None
    assert isinstance(one.roc_auc, Interval)
    waterfall = replace(data, label_method="waterfall")
    judged = judge_second_labels(waterfall, found.panel_scores, SETTINGS, n_bootstrap=20)
    assert judged["Cisplatin"].second_method == "tertile"
    assert judged["Cisplatin"].agreement == 1
    # One line far below all others: the waterfall has its inflection at the second line.
    steep = data.response.copy()
    steep[np.nanargmin(steep[:, 0]), 0] = -1000.0
    few = judge_second_labels(
        replace(data, response=steep), found.panel_scores, SETTINGS, n_bootstrap=20
    )
    assert "waterfall: Drug 'Cisplatin' has" in str(few["Cisplatin"].difference)
    assert isinstance(few["Docetaxel"].difference, Interval)
