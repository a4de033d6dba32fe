from __future__ import annotations

import numpy as np
import pytest

from training.metrics import roc_auc
from training.pairs import pairs_in_folds, pairs_won
from training.splits import Fold


@pytest.mark.parametrize("n_scores", [4, 10**9])
@pytest.mark.parametrize("seed", range(5))
def test_share_of_pairs_is_the_roc_auc_of_the_lines_measured(seed, n_scores):
    random = np.random.default_rng(seed)
    scores = random.integers(n_scores, size=(20, 3)).astype(float)
    measured = random.random((20, 3)) < 0.8
    label = (random.random((20, 3)) < 0.4) & measured
    everyone = [Fold(np.arange(0), np.arange(20))]
    share = pairs_won(scores, label, measured) / pairs_in_folds(label, measured, everyone)
    by_drug = [
        roc_auc(label[measured[:, drug], drug], scores[measured[:, drug], drug])
        for drug in range(3)
    ]
    np.testing.assert_allclose(share, by_drug)


def test_a_drug_without_scores_wins_nothing_that_can_be_told():
    scores = np.array([[np.nan, 0.1], [0.3, 0.4], [0.2, 0.3]])
    label = np.array([[True, False], [False, True], [False, False]])
    won = pairs_won(scores, label, np.ones_like(label))
    assert np.isnan(won[0])
    assert won[1] == 2
