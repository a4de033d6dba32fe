"""From controls to the evidence card and the status of every drug."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from training.drug_training import TrainedDrug
from training.evidence.cohort_wide import CohortWide
from training.evidence.controls import RANDOM_PANELS, Controls
from training.evidence.figures import NotEstimable, figure_json, number_or
from training.evidence.p_values import benjamini_hochberg, empirical_p_values, p_interval
from training.metrics import FloatArray, Interval
from training.status import judge

NONE_ASKED = "no random gene sets were asked for"


def with_controls(
    trained: Mapping[str, TrainedDrug], controls: Controls, cohort_wide: CohortWide
) -> dict[str, TrainedDrug]:
    """Add the controls to every drug's evidence card, and judge its status anew.

    q-values are over the drugs of the controls: training fewer drugs corrects for fewer tests.
    """
    p_values = empirical_p_values(controls.fixed["panel"], controls.random)
    q_values = benjamini_hochberg(p_values)
    judged = {}
    for drug, one in trained.items():
        if drug not in controls.drugs:
            judged[drug] = one
            continue
        place = controls.drugs.index(drug)
        card = one.model.evidence_card | cohort_wide.card_of(drug)
        with_card = replace(one, model=replace(one.model, evidence_card=card))
        judged[drug] = _judged(
            with_card, controls, place, float(p_values[place]), float(q_values[place])
        )
    return judged


def random_figures(
    panel: float, random: FloatArray, p_value: float, *, reason: str = NONE_ASKED
) -> dict[str, Any]:
    """Where the cloud of random panels lies, in so few numbers that a plot needs nothing else.

    Parameters
    ----------
    panel
        roc_auc of the panel that the random ones are held against, through the same estimator.
    random
        (n_random_sets,) roc_auc of one drug.
    p_value
        Empirical p; its interval says how exactly so many random sets can know it.
    reason
        Why there is no cloud, where there is none.
    """
    names = ("mean", "sd", "low", "high", "largest", "p", "p_interval", "gain")
    if not np.isfinite(random).all() or not random.size:
        nothing = str(NotEstimable(reason))
        return {"n_sets": len(random), "percentiles": [], **dict.fromkeys(names, nothing)}
    low, high = np.percentile(random, [2.5, 97.5])
    gain = Interval(panel - float(random.mean()), panel - float(high), panel - float(low))
    known = bool(np.isfinite(p_value))
    missing = NotEstimable("the panel has no figure")
    return {
        "n_sets": len(random),
        "mean": float(random.mean()),
        "sd": float(random.std(ddof=1)) if len(random) > 1 else 0.0,
        "low": float(low),
        "high": float(high),
        "largest": float(random.max()),
        "percentiles": np.percentile(random, np.arange(101)).round(4).tolist(),
        "p": figure_json(p_value if known else missing),
        "p_interval": figure_json(p_interval(p_value, len(random)) if known else missing),
        "gain": figure_json(gain if known else missing),
    }


def _judged(
    one: TrainedDrug, controls: Controls, place: int, p_value: float, q_value: float
) -> TrainedDrug:
    evaluation = one.evaluation
    verdict = judge(
        roc_auc=evaluation.roc_auc,
        gain_over_lineage=evaluation.gain_over_lineage if evaluation.lineage_known else None,
        expected_calibration_error=evaluation.expected_calibration_error,
        calibration_error_limit=one.model.evidence_card["calibration"]["error_if_calibrated"][
            "high"
        ],
        random_sets_q=q_value if np.isfinite(q_value) else None,
    )
    reason = controls.not_run.get(
        RANDOM_PANELS,
        "the panel or a random panel has no figure" if len(controls.random) else NONE_ASKED,
    )
    card: dict[str, Any] = one.model.evidence_card | {
        "random": random_figures(
            float(controls.fixed["panel"][place]),
            controls.random[:, place],
            p_value,
            reason=reason,
        ),
        "p": figure_json(number_or(p_value, reason)),
        "q": figure_json(number_or(q_value, reason)),
        "n_drugs_tested": len(controls.drugs),
        "status_reason": verdict.reason,
        "not_run": list(controls.not_run),
    }
    return replace(one, model=replace(one.model, evidence_card=card, status=verdict.status))
