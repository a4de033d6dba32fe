"""What every control reaches, with intervals, and how much more the panel reaches.

Panel and controls run through the same estimator on the same folds, and every difference is drawn
over the same patients. The random gene sets have no interval of this kind: their cloud is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from training.evidence.control_estimator import Choices
from training.evidence.controls import (
    FIXED_CONTROLS,
    PANEL,
    ControlData,
    ControlSettings,
    Scored,
    choices_of_panel,
    fixed_scores,
    reasons_not_run,
)
from training.evidence.figures import Figure, NotEstimable
from training.evidence.paired_gains import DrawnRocAuc, HeldOutScores, gains, intervals_of
from training.metrics import FloatArray, group_bootstrap_weights
from training.processes import results_of


@dataclass(frozen=True, slots=True)
class ControlGains:
    """Figures of the fixed controls, a figure a drug.

    Attributes
    ----------
    roc_auc
        Control -> roc_auc on held-out lines.
    gain
        Control -> roc_auc of the panel with lineage minus that of the control; above 0 where the
        panel is better. The panel itself has none.
    panel_scores
        Held-out scores of the panel with lineage, by fold.
    """

    roc_auc: dict[str, tuple[Figure, ...]]
    gain: dict[str, tuple[Figure, ...]]
    panel_scores: tuple[HeldOutScores, ...]


def measure_control_gains(
    data: ControlData,
    settings: ControlSettings,
    *,
    scored: Sequence[Scored] = (),
    n_bootstrap: int = 500,
) -> ControlGains:
    """Score every fixed control on every fold, and draw roc_auc and gains over patients.

    Parameters
    ----------
    data, settings
        Those of `training.evidence.controls.run_controls`, whose figures these are.
    scored
        `Controls.fixed_scores` of that run; scored anew where it is not given.
    n_bootstrap
        Draws of patients behind every interval.
    """
    scored = scored or _score(data, settings)
    drawn = _draw(scored, data, n_bootstrap=n_bootstrap, random_state=settings.random_state)
    reasons = reasons_not_run(data, settings)
    roc_auc, gain = {}, {}
    for name in FIXED_CONTROLS:
        missing = (NotEstimable(reasons[name]),) * len(data.drugs) if name in reasons else None
        roc_auc[name] = missing or intervals_of(drawn[name].value, drawn[name].draws)
        if name != PANEL:
            gain[name] = missing or gains(drawn[PANEL], drawn[name])
    panel = FIXED_CONTROLS.index(PANEL)
    scores = tuple(HeldOutScores(lines, by_control[panel]) for lines, by_control in scored)
    return ControlGains(roc_auc, gain, scores)


def _score(data: ControlData, settings: ControlSettings) -> Sequence[Scored]:
    chosen = choices_of_panel(data, settings)
    jobs = (
        joblib.delayed(_held_out_scores)(data, settings, choices, *fold)
        for fold, choices in chosen.items()
    )
    with results_of(jobs, n_jobs=settings.n_jobs, in_order=True) as results:
        return list(results)


def _held_out_scores(
    data: ControlData, settings: ControlSettings, choices: Choices, seed: int, number: int
) -> Scored:
    """(n_test,) lines and their (n_controls, n_test, n_drugs) scores; NaN without markers."""
    with threadpool_limits(limits=1):
        fold = data.folds(n_folds=settings.n_folds, seed=seed)[number]
        return fold.test, fixed_scores(data, settings, choices, fold, seed=seed)


def _draw(
    scored: Iterable[Scored], data: ControlData, *, n_bootstrap: int, random_state: int
) -> dict[str, DrawnRocAuc]:
    """Draw all controls at once: the weights of a fold's lines are cut out once a drug."""
    generator = np.random.default_rng(random_state)
    weights = np.vstack(
        [np.ones(len(data.groups)), group_bootstrap_weights(data.groups, n_bootstrap, generator)]
    )
    shape = (len(FIXED_CONTROLS), len(weights), len(data.drugs))
    won, pairs = np.zeros(shape), np.zeros(shape[1:])
    measured = np.isfinite(data.response)
    for lines, scores in scored:
        for drug in range(len(data.drugs)):
            label = data.is_sensitive[lines, drug]
            high, low = (np.flatnonzero(measured[lines, drug] & one) for one in (label, ~label))
            first, second = weights[:, lines[high]], weights[:, lines[low]]
            won[:, :, drug] += _won(scores[:, high, drug], scores[:, low, drug], first, second)
            pairs[:, drug] += first.sum(axis=1) * second.sum(axis=1)
    share = np.divide(won, pairs, out=np.full_like(won, np.nan), where=pairs > 0)
    return {
        name: DrawnRocAuc(one[0], one[1:]) for name, one in zip(FIXED_CONTROLS, share, strict=True)
    }


def _won(
    sensitive: FloatArray, resistant: FloatArray, first: FloatArray, second: FloatArray
) -> FloatArray:
    """(n_controls, n_draws) weighted pairs in which the sensitive line scores higher.

    Parameters
    ----------
    sensitive, resistant
        (n_controls, n_lines_of_the_class) scores.
    first, second
        (n_draws, n_lines_of_the_class) weights.
    """
    ranked = 0.5 * (np.sign(sensitive[:, :, None] - resistant[:, None, :]) + 1.0)
    n_controls, n_sensitive, n_resistant = ranked.shape
    # One product of matrices for all controls; an einsum over three axes takes four times as long.
    side = ranked.transpose(1, 0, 2).reshape(n_sensitive, n_controls * n_resistant)
    summed = (first @ side).reshape(len(first), n_controls, n_resistant)
    won: FloatArray = (summed * second[:, None, :]).sum(axis=2).T
    return won
