"""Random panels as a whole: means over drugs, of the panel and of every random panel."""

from __future__ import annotations

from typing import Any

import numpy as np

from training.evidence.controls import RANDOM_PANELS, Controls
from training.evidence.figures import NotEstimable
from training.evidence.judging import NONE_ASKED


def means_over_drugs(controls: Controls | None) -> dict[str, Any] | str:
    """Mean roc_auc over drugs, of the panel beside those of the random panels (JSON).

    Drugs of which the panel or a random panel has no figure are left out of all means.

    Returns
    -------
    dict or str
        `panel`; of the random panels `n_sets`, `mean`, `sd`, `lowest` and `highest`;
        `n_at_least_panel`, how many of them reach the panel; or `not estimable: reason`.
    """
    if controls is None or not len(controls.random):
        reason = NONE_ASKED if controls is None else controls.not_run.get(RANDOM_PANELS, NONE_ASKED)
        return str(NotEstimable(reason))
    known = np.isfinite(controls.fixed["panel"]) & np.isfinite(controls.random).all(axis=0)
    if not known.any():
        return str(NotEstimable("no drug has a figure of the panel and of all random panels"))
    panel = float(controls.fixed["panel"][known].mean())
    random = controls.random[:, known].mean(axis=1)
    return {
        "panel": panel,
        "n_drugs": int(known.sum()),
        "n_sets": len(random),
        "mean": float(random.mean()),
        "sd": float(random.std(ddof=1)) if len(random) > 1 else 0.0,
        "lowest": float(random.min()),
        "highest": float(random.max()),
        "n_at_least_panel": int((random >= panel).sum()),
    }
