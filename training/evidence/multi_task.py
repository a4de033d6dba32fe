"""Response factors shared by drugs, and whether they help on held-out lines.

Drugs with a common mechanism rank the lines alike. Inside a fold the ranks of the training lines
are completed by a low-rank matrix, which also fills in what was not measured, and ridge is learned
from a blend of the ranks and their low-rank part. What is learned is still one linear score a drug.
How many factors, how much of them and which penalty is chosen for all drugs at once by inner folds
of the training lines; the scores of the best few choices are averaged, since inner folds can hardly
tell them apart. No sharing at all is among the choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import product
from typing import Any

import numpy as np

from training.evidence.controls import ControlData, ControlSettings, pairs_won, shared_folds
from training.evidence.figures import Figure, figure_json
from training.evidence.paired_gains import (
    DrawnRocAuc,
    HeldOutScores,
    draw_roc_auc,
    gains,
    intervals_of,
    mean_gain,
    mean_roc_auc,
)
from training.evidence.panel_features import FoldTables, PanelAlgebra
from training.evidence.shared_factors import SharedChoice, fit_shared, scores_of_choices
from training.evidence.shared_ridge import predict_held_out, rank_targets
from training.metrics import FloatArray, Interval
from training.splits import Fold

ARMS = ("own_penalty", "shared_penalty", "shared_factors")


@dataclass(frozen=True, slots=True)
class MultiTaskSettings:
    """What is tried, and how it is measured.

    Attributes
    ----------
    controls
        Folds, seeds and lineage coding, as for the controls.
    n_factors, blends, penalties
        Every combination is tried in the inner folds.
    n_averaged
        How many of the best choices are averaged.
    n_bootstrap
        Draws of patients behind every interval.
    """

    controls: ControlSettings = field(default_factory=ControlSettings)
    n_factors: tuple[int, ...] = (3, 10, 20)
    blends: tuple[float, ...] = (0.2, 0.4, 0.6)
    penalties: tuple[float, ...] = (4000, 2000, 1000, 700, 500, 300)
    n_averaged: int = 8
    n_inner_folds: int = 5
    n_bootstrap: int = 300

    @property
    def shared_penalty_only(self) -> list[SharedChoice]:
        """Choices without factors."""
        return [SharedChoice(0, 0.0, penalty) for penalty in self.penalties]

    @property
    def choices(self) -> list[SharedChoice]:
        """Every choice, those without factors first."""
        combined = product(self.n_factors, self.blends, self.penalties)
        return [*self.shared_penalty_only, *(SharedChoice(*one) for one in combined)]


@dataclass(frozen=True, slots=True)
class MultiTaskComparison:
    """roc_auc on held-out lines with and without shared factors.

    Attributes
    ----------
    roc_auc
        Arm -> (n_drugs) figures: `own_penalty` is rank ridge drug by drug, `shared_penalty` has
        one penalty for all drugs, `shared_factors` may share factors too.
    gain
        (n_drugs) of shared factors over `own_penalty`.
    mean_roc_auc, mean_gain
        Over drugs; the gain over each of the other two arms.
    choices
        What the inner folds chose, an entry a fold; best first.
    helped, harmed
        Drugs whose gain is above, or below, 0 with its whole interval.
    """

    drugs: tuple[str, ...]
    roc_auc: dict[str, tuple[Figure, ...]]
    gain: tuple[Figure, ...]
    mean_roc_auc: dict[str, Figure]
    mean_gain: dict[str, Figure]
    choices: tuple[tuple[SharedChoice, ...], ...]
    helped: tuple[str, ...]
    harmed: tuple[str, ...]

    @property
    def kept(self) -> bool:
        """Whether sharing is worth keeping: its mean gain is above 0 with its whole interval."""
        gain = self.mean_gain["own_penalty"]
        return isinstance(gain, Interval) and gain.low > 0

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        return {
            "kept": self.kept,
            "mean_roc_auc": {arm: figure_json(one) for arm, one in self.mean_roc_auc.items()},
            "mean_gain_over": {arm: figure_json(one) for arm, one in self.mean_gain.items()},
            "choices": [[asdict(choice) for choice in chosen] for chosen in self.choices],
            "helped": list(self.helped),
            "harmed": list(self.harmed),
            "drugs": {
                drug: {arm: figure_json(self.roc_auc[arm][at]) for arm in ARMS}
                | {"gain": figure_json(self.gain[at])}
                for at, drug in enumerate(self.drugs)
            },
        }


def compare_shared_factors(
    data: ControlData, settings: MultiTaskSettings | None = None
) -> MultiTaskComparison:
    """Learn all drugs with and without shared factors, on the same folds.

    Every choice is made by inner folds of the training lines; held-out lines only measure.
    """
    settings = settings or MultiTaskSettings()
    held_out: dict[str, list[HeldOutScores]] = {arm: [] for arm in ARMS}
    choices = []
    for fold, features in _folds(data, settings):
        train, test = features[fold.train], features[fold.test]
        targets = rank_targets(data.response[fold.train])
        tried = try_choices(data, features, fold.train, settings)
        alone = max(settings.shared_penalty_only, key=tried.__getitem__)
        choices.append(best_choices(tried, settings.n_averaged))
        scores = {
            "own_penalty": predict_held_out(train, test, targets),
            "shared_penalty": fit_shared(train, targets, [alone]).scores(test),
            "shared_factors": fit_shared(train, targets, choices[-1]).scores(test),
        }
        for arm in ARMS:
            held_out[arm].append(HeldOutScores(fold.test, scores[arm]))
    drawn = {
        arm: draw_roc_auc(
            folds,
            data,
            n_bootstrap=settings.n_bootstrap,
            random_state=settings.controls.random_state,
        )
        for arm, folds in held_out.items()
    }
    return _comparison(data.drugs, drawn, tuple(choices))


def best_choices(tried: Mapping[SharedChoice, float], n_averaged: int) -> tuple[SharedChoice, ...]:
    """Choices with the highest figures, best first; of equal ones those that share less."""
    return tuple(sorted(tried, key=lambda choice: -tried[choice])[:n_averaged])


def try_choices(
    data: ControlData,
    features: FloatArray,
    train: np.ndarray[Any, np.dtype[np.int64]],
    settings: MultiTaskSettings,
) -> dict[SharedChoice, float]:
    """Mean over drugs of the roc_auc of every choice, on inner folds of the training lines."""
    choices = settings.choices
    won = np.zeros((len(choices), len(data.drugs)))
    pairs = np.zeros(len(data.drugs))
    seed = settings.controls.random_state
    for inner in shared_folds(data.groups[train], n_folds=settings.n_inner_folds, seed=seed):
        lines, test = train[inner.train], train[inner.test]
        measured = np.isfinite(data.response[test])
        label = data.is_sensitive[test] & measured
        pairs += label.sum(axis=0) * (measured.sum(axis=0) - label.sum(axis=0))
        scored = scores_of_choices(choices, features[lines], features[test], data.response[lines])
        for row, scores in enumerate(scored):
            won[row] += pairs_won(scores, label, measured)
    share = won[:, pairs > 0] / pairs[pairs > 0]
    means = share.mean(axis=1) if share.size else np.zeros(len(choices))
    return dict(zip(choices, means.tolist(), strict=True))


def _folds(data: ControlData, settings: MultiTaskSettings) -> Iterator[tuple[Fold, FloatArray]]:
    """Folds with the features of all lines, as the training lines teach them."""
    algebra, controls = PanelAlgebra.of_plan(data.plan), settings.controls
    for seed in controls.seeds:
        for fold in shared_folds(data.groups, n_folds=controls.n_folds, seed=seed):
            tables = FoldTables.learn(
                data.expression[list(algebra.panel)],
                data.lineage,
                fold.train,
                lineage_minimum=controls.lineage_minimum,
                lineage_weight=controls.lineage_weight,
            )
            yield fold, np.hstack([algebra.features(tables.of(algebra.panel)), tables.lineage])


def _comparison(
    drugs: tuple[str, ...],
    drawn: dict[str, DrawnRocAuc],
    choices: tuple[tuple[SharedChoice, ...], ...],
) -> MultiTaskComparison:
    shared = drawn["shared_factors"]
    gain = gains(shared, drawn["own_penalty"])
    signs = {
        drug: (one.low > 0, one.high < 0)
        for drug, one in zip(drugs, gain, strict=True)
        if isinstance(one, Interval)
    }
    return MultiTaskComparison(
        drugs=drugs,
        roc_auc={arm: intervals_of(one.value, one.draws) for arm, one in drawn.items()},
        gain=gain,
        mean_roc_auc={arm: mean_roc_auc(one) for arm, one in drawn.items()},
        mean_gain={arm: mean_gain(shared, drawn[arm]) for arm in ARMS[:2]},
        choices=choices,
        helped=tuple(drug for drug, (above, _) in signs.items() if above),
        harmed=tuple(drug for drug, (_, below) in signs.items() if below),
    )
