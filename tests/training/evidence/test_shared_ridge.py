"""Ridge for all drugs at once is ridge for each drug."""

import numpy as np
import pytest

from models.estimators import RankRidge, Target
from training.evidence.shared_ridge import predict_held_out, rank_targets


def data(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    features = generator.normal(size=(90, 40))
    response = 0.5 * generator.normal(size=(90, 4)) - features[:, :4]  # a gene for each drug
    return features, response


def test_where_everything_was_measured_it_is_rank_ridge() -> None:
    features, response = data()
    scores = predict_held_out(features[:60], features[60:], rank_targets(response[:60]))
    for drug in range(response.shape[1]):
        target = Target(response[:60, drug], response[:60, drug] < 0)
        (one,) = RankRidge().fit_settings(features[:60], target, [{}], seed=0)
        np.testing.assert_allclose(scores[:, drug], one.score.score(features[60:]), atol=1e-10)


def test_ranks_ignore_what_was_not_measured() -> None:
    response = np.array([[3.0, 1.0], [np.nan, 2.0], [1.0, 3.0], [2.0, np.nan]])
    targets = rank_targets(response)
    high = np.sqrt(1.5)
    np.testing.assert_allclose(targets.ranks[:, 0], [-high, 0, high, 0])
    np.testing.assert_allclose(targets.ranks[:, 1], [high, 0, -high, 0])
    assert targets.measured.sum() == 6


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_a_planted_signal_is_ranked_rightly_on_unseen_lines(missing: float) -> None:
    features, response = data(1)
    seen = response[:60].copy()
    seen[np.random.default_rng(2).random(seen.shape) < missing] = np.nan
    scores = predict_held_out(features[:60], features[60:], rank_targets(seen))
    for drug in range(response.shape[1]):
        assert np.corrcoef(scores[:, drug], response[60:, drug])[0, 1] < -0.3
