import numpy as np
import pytest

from models.held_out import HeldOutPredictions
from training.metrics import brier_score, expected_calibration_error, group_bootstrap_weights
from training.promotion.drawn_figures import conformal_shares, draw_figures, mean_over_drugs


def make_held_out(seed=0, n_lines=400, n_seeds=3, *, strength=1.0):
    """Lines of pairs of one patient; scores are log-odds that hold exactly."""
    random = np.random.default_rng(seed)
    score = strength * random.normal(size=n_lines)
    sensitive = random.random(n_lines) < 1 / (1 + np.exp(-score))
    noisy = score + 0.1 * random.normal(size=(n_seeds, n_lines))
    return HeldOutPredictions(
        samples=tuple(f"line {at}" for at in range(n_lines)),
        groups=tuple(f"patient {at // 2}" for at in range(n_lines)),
        is_sensitive=sensitive,
        probability=(1 / (1 + np.exp(-noisy))).astype(np.float32),
        score=noisy.astype(np.float32),
        fold=random.integers(5, size=noisy.shape).astype(np.int16),
    )


@pytest.fixture(scope="module")
def held_out():
    return make_held_out()


def weights_of(held_out, n_draws=200):
    groups = np.array(held_out.groups)
    drawn = group_bootstrap_weights(groups, n_draws, np.random.default_rng(0))
    return np.vstack([np.ones(len(groups)), drawn])


def test_the_first_row_is_the_figure_itself(held_out):
    every = np.arange(len(held_out.samples))
    found = draw_figures(held_out, every, weights_of(held_out), level=0.8)
    label = held_out.is_sensitive
    promised = held_out.probability.astype(np.float64)
    for figure, known in (
        ("brier", brier_score),
        ("calibration_error", expected_calibration_error),
    ):
        expected = np.mean([known(label, one) for one in promised])
        assert found[figure][0] == pytest.approx(expected, abs=1e-9)


def test_as_the_card_says(champion):
    """The mean of pairs within folds is what the evaluation itself found."""
    for model in champion.drugs.values():
        every = np.arange(len(model.held_out.samples))
        found = draw_figures(model.held_out, every, weights_of(model.held_out, 2), level=0.8)
        card = model.evidence_card
        assert found["roc_auc"][0] == pytest.approx(card["roc_auc"]["value"], abs=1e-6)
        assert found["brier"][0] == pytest.approx(card["brier"]["value"], abs=1e-6)


def test_a_line_counted_twice_is_a_line_more(held_out):
    every = np.arange(len(held_out.samples))
    twice = np.where(every < 10, 2.0, 1.0)[None, :]
    found = draw_figures(held_out, every, twice, level=0.8)
    more = draw_figures(held_out, np.concatenate([every, every[:10]]), np.ones((1, 410)), level=0.8)
    for figure in ("roc_auc", "brier", "no_call", "coverage_sensitive", "coverage_resistant"):
        assert found[figure][0] == pytest.approx(more[figure][0], abs=1e-9)


@pytest.mark.parametrize("level", [0.6, 0.8, 0.9])
def test_each_class_is_covered_at_the_level(level):
    shares = [
        [covered[held_out.is_sensitive].mean(), covered[~held_out.is_sensitive].mean()]
        for held_out in (make_held_out(seed, 200, 1) for seed in range(60))
        for covered in [conformal_shares(held_out, level)[0]]
    ]
    # About 100 lines a class and 60 draws: a standard error of about 0.006.
    np.testing.assert_allclose(np.mean(shares, axis=0), level, atol=0.025)


def test_sets_of_a_sure_classifier_decide(held_out):
    sure, unsure = make_held_out(strength=8.0), make_held_out(strength=0.1)
    assert (
        conformal_shares(sure, 0.8)[1].mean() < 0.05 < 0.4 < conformal_shares(unsure, 0.8)[1].mean()
    )


def test_a_mean_leaves_out_what_is_not_known():
    nan = np.nan
    mean = mean_over_drugs([np.array([1.0, nan, nan]), np.array([3.0, 5.0, nan])])
    np.testing.assert_array_equal(mean, [2.0, 5.0, nan])
