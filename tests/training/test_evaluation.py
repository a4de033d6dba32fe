from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.calibration import fit_sigmoid
from models.estimators import FAMILIES, RankRidge, RidgeLogistic
from training.errors import LabelError
from training.evaluation import evaluate_drug
from training.labels import label_response
from training.metrics import Interval, roc_auc
from training.splits import grouped_folds


def shuffled(task, seed):
    response = np.random.default_rng(seed).permutation(task.response)
    is_sensitive, card = label_response(response, drug=task.drug, kind="ln_ic50")
    return replace(task, response=response, is_sensitive=is_sensitive, label_card=card)


def test_a_planted_signal_is_found_and_lineage_alone_does_not_hold_it(training):
    task = training.task(training.simulate(0, n_lines=250))
    found = evaluate_drug(task, training.features, training.evaluation())
    assert found.roc_auc.low > 0.6
    assert found.gain_over_lineage.low > 0
    assert found.brier < found.prevalence_brier


def test_shuffled_labels_give_one_half(training):
    # Over 20 shuffles of 114 lines the mean has a standard error of about 0.06 / sqrt(20) = 0.013.
    found = [
        evaluate_drug(
            shuffled(training.task(), seed),
            training.features,
            training.evaluation(seeds=(seed,), n_bootstrap=2),
        )
        for seed in range(20)
    ]
    for name in ("roc_auc", "lineage_roc_auc"):
        assert np.mean([getattr(one, name).value for one in found]) == pytest.approx(0.5, abs=0.05)
    assert np.mean([one.gain_over_lineage.value for one in found]) == pytest.approx(0, abs=0.05)


def test_the_same_seed_gives_the_same_figures(training):
    task = training.task()
    one, same = (evaluate_drug(task, training.features, training.evaluation()) for _ in range(2))
    assert one.metrics == same.metrics
    assert (one.probability == same.probability).all()
    other = evaluate_drug(task, training.features, training.evaluation(seeds=(1,)))
    assert one.roc_auc.value != other.roc_auc.value


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_test_line_teaches_nothing(training, family):
    task, settings = training.task(), training.evaluation(families=(family,))
    fold = grouped_folds(task.is_sensitive, task.groups, n_folds=3, seed=0)[1]
    line = int(fold.test[4])
    samples = task.samples.copy()
    samples.iloc[line, :-1] = samples.iloc[line, :-1].astype(float) + 5
    samples.iloc[line, -1] = "Elsewhere"
    plain, changed = (
        evaluate_drug(one, training.features, settings).probability[0]
        for one in (task, replace(task, samples=samples))
    )
    others = np.setdiff1d(fold.test, [line])
    assert (plain[others] == changed[others]).all()
    assert plain[line] != changed[line]
    # It does teach where it is a training line, or this test would see nothing.
    assert (plain[fold.train] != changed[fold.train]).any()


def test_the_label_of_a_test_line_teaches_nothing(training):
    task = training.task()
    folds = grouped_folds(task.is_sensitive, task.groups, n_folds=3, seed=0)
    line = int(folds[0].test[0])
    response = task.response.copy()
    response[line] = task.response.min() - 1 if task.is_sensitive[line] else task.response.max() + 1
    plain, changed = (
        evaluate_drug(one, training.features, training.evaluation()).probability[0]
        for one in (task, replace(task, response=response))
    )
    assert (plain[folds[0].test] == changed[folds[0].test]).all()


def test_the_order_of_genes_changes_nothing(training):
    task = training.task()
    genes = list(task.samples.columns)
    turned = replace(task, samples=task.samples[genes[::-1]])
    plain, reversed_ = (
        evaluate_drug(one, training.features, training.evaluation()) for one in (task, turned)
    )
    np.testing.assert_allclose(plain.probability, reversed_.probability, atol=1e-6)


def test_figures_are_those_of_the_held_out_lines(training):
    task = training.task()
    settings = training.evaluation(seeds=(0, 1), families=(RankRidge(), RidgeLogistic()))
    found = evaluate_drug(task, training.features, settings)
    assert found.probability.shape == (2, len(task.response))
    assert ((found.probability > 0) & (found.probability < 1)).all()
    assert sum(found.estimator_counts.values()) == 6
    assert found.seed_band[0] <= found.roc_auc.value <= found.seed_band[1]
    assert found.n_groups == len(set(task.groups)) <= found.n_lines == len(task.response)
    assert found.prevalence_brier == pytest.approx(task.is_sensitive.mean() * (1 - 1 / 3), abs=0.01)
    gain = found.roc_auc.value - found.lineage_roc_auc.value
    assert found.gain_over_lineage.value == pytest.approx(gain)
    for name in ("roc_auc", "lineage_roc_auc", "gain_over_lineage"):
        interval: Interval = getattr(found, name)
        assert interval.low < interval.high
        assert found.metrics[name] == interval.value
        assert found.metrics[f"{name}_low"] == interval.low
    # Within a fold, calibrating keeps the order: the figure is the mean over pairs of a fold.
    won, pairs = 0.0, 0
    for row, seed in enumerate(settings.seeds):
        for fold in grouped_folds(task.is_sensitive, task.groups, n_folds=3, seed=seed):
            label = task.is_sensitive[fold.test]
            n_pairs = int(label.sum() * (~label).sum())
            won += n_pairs * roc_auc(label, found.probability[row, fold.test])
            pairs += n_pairs
    assert found.roc_auc.value == pytest.approx(won / pairs, abs=0.03)


def test_without_any_lineage_lineage_alone_is_a_coin(training):
    task = training.task()
    samples = task.samples.copy()
    samples["covariate:lineage"] = pd.NA
    found = evaluate_drug(replace(task, samples=samples), training.features, training.evaluation())
    assert found.lineage_roc_auc.value == 0.5


def test_too_few_patients_for_the_folds_are_refused(training):
    task = training.task()
    few = replace(task, groups=(np.arange(len(task.groups)) % 2).astype(str))
    with pytest.raises(LabelError, match="2 split groups"):
        evaluate_drug(few, training.features, training.evaluation())


def test_folds_hold_what_the_probabilities_were_made_from(training):
    task, settings = training.task(), training.evaluation(seeds=(0, 1))
    found = evaluate_drug(task, training.features, settings)
    assert len(found.folds) == 6
    again = np.zeros_like(found.probability)
    for fold in found.folds:
        assert fold.calibration_scores.shape == fold.lines.train.shape
        again[fold.repetition, fold.lines.test] = fold.calibration.probability(fold.test_scores)
        refitted = fit_sigmoid(fold.calibration_scores, task.is_sensitive[fold.lines.train])
        assert refitted == fold.calibration
    np.testing.assert_array_equal(again, found.probability)
