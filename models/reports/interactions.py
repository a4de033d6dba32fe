"""Which features a drug's classifier reads together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.attribution import Attributor
from models.drug_model import DrugModel
from models.reports.content import FeaturePair, FloatArray, Interactions
from models.reports.tree_interactions import tree_interactions

MOST_PAIRS = 10


def find_interactions(
    model: DrugModel, attributor: Attributor, features: FloatArray, names: Sequence[str]
) -> Interactions:
    """Give the weightiest interactions over lines, in log-odds; a linear score has none.

    Parameters
    ----------
    features
        (n_lines, n_features) of the drug's lines.
    names
        (n_features,) as a biologist reads them.
    """
    if model.trees is None:
        return Interactions((), 0.0, is_linear=True)
    pairs, margin = tree_interactions(model.trees, features)
    interactions = margin * model.calibration.slope
    alone = attributor.attribute(features, by="feature").log_odds[:, 0, :].copy()
    for (first, second), given in zip(pairs.tolist(), interactions.T, strict=True):
        alone[:, first] -= given / 2
        alone[:, second] -= given / 2
    sizes = np.abs(interactions).mean(axis=0)
    together, single = float(sizes.sum()), float(np.abs(alone).mean(axis=0).sum())
    order = np.argsort(-sizes, kind="stable")[:MOST_PAIRS]
    return Interactions(
        pairs=tuple(
            FeaturePair(names[pairs[at, 0]], names[pairs[at, 1]], float(sizes[at]))
            for at in order
            if sizes[at] > 0
        ),
        share=together / (together + single) if together else 0.0,
        is_linear=False,
    )
