import json

import numpy as np
import pandas as pd
import pytest

from models.calibration import SigmoidCalibration
from training.evaluation import HeldOutFold
from training.evidence.coverage import measure_coverage
from training.evidence.figures import NotEstimable
from training.metrics import Interval, group_bootstrap_weights
from training.splits import grouped_folds


def simulate(seed, *, n_lines=600, spread=1.0):
    """Exchangeable lines: the inner scores of a fold come from the law of its test scores."""
    random = np.random.default_rng(seed)
    labels = random.random(n_lines) < 1 / 3
    scores = spread * random.normal(size=n_lines) + labels
    groups = np.arange(n_lines).astype(str)
    folds = [
        HeldOutFold(0, fold, scores[fold.test], scores[fold.train], SigmoidCalibration(1.2, -1.0))
        for fold in grouped_folds(labels, groups, n_folds=5, seed=seed)
    ]
    lineage = pd.Series(random.choice(["Lung", "Skin", None], size=n_lines, p=[0.5, 0.4, 0.1]))
    return labels, lineage, groups, folds


def measured(labels, lineage, groups, folds, **changes):
    draws = group_bootstrap_weights(groups, 200, np.random.default_rng(0))
    return measure_coverage(labels, lineage, groups, folds, draws, **changes)


@pytest.mark.parametrize("seed", range(5))
def test_exchangeable_lines_are_covered_as_often_as_the_level_says(seed):
    for found in measured(*simulate(seed)):
        for name in ("overall", "sensitive", "resistant"):
            coverage = getattr(found, name).value
            assert abs(coverage - found.level) <= 2.5 * found.standard_errors[name]


def test_most_coverages_are_within_two_standard_errors():
    agreed = [
        one.is_within_two_standard_errors(name)
        for seed in range(15)
        for one in measured(*simulate(seed, n_lines=300))
        for name in ("sensitive", "resistant")
    ]
    assert np.mean(agreed) > 0.9


def test_a_higher_level_covers_more_with_larger_sets():
    low, high = measured(*simulate(0, spread=2.0), levels=(0.8, 0.95))
    assert high.overall.value > low.overall.value
    assert high.mean_set_size.value > low.mean_set_size.value
    assert high.no_call_share.value > low.no_call_share.value


def test_scores_that_part_the_classes_leave_sets_empty_not_both():
    (found,) = measured(*simulate(0, spread=0.05), levels=(0.8,))
    assert found.no_call_share.value == 0
    assert found.empty_share.value == pytest.approx(0.2, abs=0.07)
    assert found.mean_set_size.value == pytest.approx(1 - found.empty_share.value)


def test_shares_add_up_to_the_set_size_and_classes_to_all():
    labels, lineage, groups, folds = simulate(1)
    (found,) = measured(labels, lineage, groups, folds, levels=(0.9,))
    one_label = 1 - found.no_call_share.value - found.empty_share.value
    assert found.mean_set_size.value == pytest.approx(2 * found.no_call_share.value + one_label)
    mixed = np.average(
        [found.sensitive.value, found.resistant.value], weights=[labels.mean(), 1 - labels.mean()]
    )
    assert found.overall.value == pytest.approx(mixed)


def test_lineages_with_few_lines_or_one_patient_are_not_estimable():
    labels, lineage, groups, folds = simulate(2)
    lineage[:7], lineage[7:30] = "Eye", "Liver"
    patients = groups.copy()
    patients[7:30] = "one patient"
    draws = group_bootstrap_weights(patients, 100, np.random.default_rng(0))
    (found,) = measure_coverage(labels, lineage, patients, folds, draws, levels=(0.8,))
    assert found.by_lineage["Eye"] == NotEstimable("7 lines, at least 10 are needed")
    assert found.by_lineage["Liver"] == NotEstimable("all 23 lines are of a single patient")
    assert isinstance(found.by_lineage["Lung"], Interval)
    assert set(found.by_lineage) == {"Eye", "Liver", "Lung", "Skin"}
    card = json.loads(json.dumps(found.to_json()))
    assert card["by_lineage"]["Eye"] == "not estimable: 7 lines, at least 10 are needed"
    assert card["sensitive"]["low"] <= card["sensitive"]["value"] <= card["sensitive"]["high"]


def test_a_cohort_without_lineage_has_no_figure_of_one():
    labels, lineage, groups, folds = simulate(3)
    lineage[:] = None
    assert measured(labels, lineage, groups, folds)[0].by_lineage == {}
