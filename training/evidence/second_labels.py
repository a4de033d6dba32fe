"""Second labels of all drugs at once, judged on the scores that the controls share.

`training.evidence.label_robustness` learns a classifier a drug; here the panel of the controls is
learned anyway, and second labels cost no more than counting other pairs. The estimator reads ranks
of the response, never a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.errors import LabelError
from training.evidence.controls import ControlData, ControlSettings
from training.evidence.figures import Figure, NotEstimable
from training.evidence.label_robustness import LabelRobustness
from training.evidence.paired_gains import (
    DrawnRocAuc,
    HeldOutScores,
    draw_roc_auc,
    gains,
    intervals_of,
)
from training.labels import LabelMethod, label_response
from training.metrics import BoolArray

SeedBand = tuple[float, float]


def judge_second_labels(
    data: ControlData,
    panel_scores: Sequence[HeldOutScores],
    settings: ControlSettings,
    *,
    second_method: LabelMethod | None = None,
    n_bootstrap: int = 500,
) -> dict[str, LabelRobustness]:
    """Judge the held-out scores of the panel by a second way of making labels.

    Parameters
    ----------
    data
        Cohort, with the labels that the drugs are trained on.
    panel_scores
        Of `training.evidence.control_gains`: all folds of the first seed, then of the next.
    settings
        Folds, seeds, and the seed of the bootstrap over patients.
    second_method
        `waterfall` by default, or `tertile` where the labels were made by `waterfall`.
    n_bootstrap
        Draws of patients behind every interval; both methods share them.

    Returns
    -------
    dict
        Drug -> figures.
    """
    method = second_method or ("tertile" if data.label_method == "waterfall" else "waterfall")
    second = [_second_labels(data, column, method) for column in range(len(data.drugs))]
    own, other = (
        _Judged.by(panel_scores, one, settings, n_bootstrap)
        for one in (data, _relabelled(data, second))
    )
    differences = gains(other.drawn, own.drawn)
    return {
        drug: _figures(data, at, method, second[at], own, other, differences[at])
        for at, drug in enumerate(data.drugs)
    }


@dataclass(frozen=True, slots=True)
class _Judged:
    """Scores of all drugs under one way of making labels."""

    drawn: DrawnRocAuc
    roc_auc: tuple[Figure, ...]
    seed_bands: tuple[SeedBand | None, ...]

    @classmethod
    def by(
        cls,
        scores: Sequence[HeldOutScores],
        data: ControlData,
        settings: ControlSettings,
        n_bootstrap: int,
    ) -> _Judged:
        state, n_folds = settings.random_state, settings.n_folds
        drawn = draw_roc_auc(scores, data, n_bootstrap=n_bootstrap, random_state=state)
        per_seed = [
            draw_roc_auc(scores[first : first + n_folds], data, n_bootstrap=0, random_state=state)
            for first in range(0, len(scores), n_folds)
        ]
        bands = np.array([one.value for one in per_seed])
        return cls(
            drawn,
            intervals_of(drawn.value, drawn.draws),
            tuple(
                (float(column.min()), float(column.max())) if np.isfinite(column).all() else None
                for column in bands.T
            ),
        )


def _second_labels(data: ControlData, column: int, method: LabelMethod) -> BoolArray | NotEstimable:
    """(n_measured,) labels by the second method, or why there are none."""
    kind = data.response_kind
    if kind == "clinical_response":
        return NotEstimable("the response of patients comes with its labels")
    if method == data.label_method:
        return NotEstimable(f"the labels were made by {method} in the first place")
    response = data.response[:, column]
    measured = response[np.isfinite(response)]
    try:
        labels, _ = label_response(measured, drug=data.drugs[column], kind=kind, method=method)
    except LabelError as error:
        return NotEstimable(f"{method}: {error.found}")
    return labels


def _relabelled(data: ControlData, second: Sequence[BoolArray | NotEstimable]) -> ControlData:
    """Put the second labels in; a drug that has none keeps its own."""
    labels = data.is_sensitive.copy()
    for column, one in enumerate(second):
        if not isinstance(one, NotEstimable):
            labels[np.isfinite(data.response[:, column]), column] = one
    return replace(data, is_sensitive=labels)


def _figures(
    data: ControlData,
    at: int,
    method: LabelMethod,
    second: BoolArray | NotEstimable,
    own: _Judged,
    other: _Judged,
    difference: Figure,
) -> LabelRobustness:
    measured, together = np.isfinite(data.response[:, at]), data.together
    label = data.is_sensitive[measured, at]
    missing = second if isinstance(second, NotEstimable) else None
    known = None if isinstance(second, NotEstimable) else second
    return LabelRobustness(
        method="clinical" if data.response_kind == "clinical_response" else data.label_method,
        second_method=method,
        roc_auc=own.roc_auc[at],
        second_roc_auc=missing or other.roc_auc[at],
        difference=missing or difference,
        seed_band=own.seed_bands[at],
        second_seed_band=None if missing else other.seed_bands[at],
        agreement=missing or float(np.mean(known == label)),
        n_sensitive=int(label.sum()),
        estimator="shared" if together is not None and together.shares[at] else "rank_ridge",
        second_n_sensitive=None if known is None else int(known.sum()),
    )
