from __future__ import annotations

import numpy as np
import pytest

from training.metrics import roc_auc
from training.pairs import pairs_in_folds, pairs_won
from training.splits import Fold


@pytest.mark.parametrize("seed", range(5))
def test_share_of_pairs_is_the_roc_auc_of_the_lines_measured(seed):
    random = np.random.default_rng(seed)
    scores = random.integers(4, size=(20, 3)).astype(float)
    measured = random.random((20, 3)) < 0.8
    label = (random.random((20, 3)) < 0.4) & measured
    everyone = [Fold(np.arange(0), np.arange(20))]
    share = pairs_won(scores, label, measured) / pairs_in_folds(label, measured, everyone)
    by_drug = [
        roc_auc(label[measured[:, drug], drug], scores[measured[:, drug], drug])
        for drug in range(3)
    ]
    np.testing.assert_allclose(share, by_drug)
