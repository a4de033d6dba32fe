import numpy as np
import pytest

from models.calibration import fit_sigmoid
from models.venn_abers import fit_venn_abers
from training.evaluation import HeldOutFold
from training.evidence.calibration_choice import choose_calibration
from training.metrics import brier_score, group_bootstrap_weights
from training.splits import Fold


def simulate(seed, *, step, n_lines=600):
    """Two folds of scores; labels follow a sigmoid of the score, or a step."""
    random = np.random.default_rng(seed)
    scores = random.normal(size=n_lines)
    truth = np.where(scores > 1, 0.95, 0.1) if step else 1 / (1 + np.exp(-1.5 * scores))
    labels = random.random(n_lines) < truth
    first, second = np.split(np.arange(n_lines), 2)
    folds = [fold(scores, labels, first, second), fold(scores, labels, second, first)]
    draws = group_bootstrap_weights(np.arange(n_lines).astype(str), 200, random)
    return scores, labels, folds, draws


def fold(scores, labels, train, test):
    calibration = fit_sigmoid(scores[train], labels[train])
    return HeldOutFold(0, Fold(train, test), scores[test], scores[train], calibration)


@pytest.mark.parametrize("seed", range(4))
def test_a_step_is_for_venn_abers(seed):
    _, labels, folds, draws = simulate(seed, step=True)
    found = choose_calibration(labels, folds, draws)
    assert found.chosen == "venn_abers"
    assert found.difference.high < 0


def test_a_sigmoid_is_for_sigmoid():
    chosen = []
    for seed in range(10):
        _, labels, folds, draws = simulate(seed, step=False)
        chosen.append(choose_calibration(labels, folds, draws).chosen)
    assert chosen.count("sigmoid") >= 8


def test_brier_scores_are_those_of_calibrations_learned_from_the_other_lines():
    scores, labels, folds, draws = simulate(0, step=False, n_lines=100)
    found = choose_calibration(labels, folds, draws)
    promised = np.zeros((2, 100))
    for one in folds:
        train, test = one.lines.train, one.lines.test
        promised[0, test] = fit_sigmoid(scores[train], labels[train]).probability(scores[test])
        promised[1, test] = fit_venn_abers(scores[train], labels[train]).probability(scores[test])
    assert found.sigmoid_brier.value == pytest.approx(brier_score(labels, promised[0]))
    assert found.venn_abers_brier.value == pytest.approx(brier_score(labels, promised[1]))
    difference = found.venn_abers_brier.value - found.sigmoid_brier.value
    assert found.difference.value == pytest.approx(difference)
    assert found.to_json()["chosen"] == found.chosen
