"""What is gained on held-out lines when drugs learn together, step by step.

Four ways of learning all drugs meet on the same folds: ridge with a penalty for each drug; one
penalty for all; factors shared by the drugs; and with lines that were screened but have no
expression, which is what is served (`training.shared_learning`). Every choice is made by inner
folds of the training lines, for all drugs at once, and no sharing at all is among the choices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from training.evidence.control_estimator import weighted_columns
from training.evidence.controls import ControlData, ControlSettings, learn_tables
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
from training.evidence.panel_features import PanelAlgebra
from training.evidence.shared_ridge import predict_held_out, rank_targets
from training.metrics import FloatArray, Interval
from training.shared_learning import CohortLines, SharedProblem
from training.shared_score import SharedChoice, SharedSettings
from training.shared_targets import Elsewhere
from training.splits import Fold

ARMS = ("own_penalty", "shared_penalty", "shared_alone", "shared_factors")
Choices = tuple[SharedChoice, ...]


@dataclass(frozen=True, slots=True)
class MultiTaskSettings:
    """What is tried, and how it is measured.

    Attributes
    ----------
    controls
        Folds, seeds and lineage coding, as for the controls.
    n_factors, blends, penalties, n_averaged
        See `training.shared_score.SharedSettings`.
    n_bootstrap
        Draws of patients behind every interval.
    """

    controls: ControlSettings = field(default_factory=ControlSettings)
    n_factors: tuple[int, ...] = SharedSettings().n_factors
    blends: tuple[float, ...] = SharedSettings().blends
    penalties: tuple[float, ...] = SharedSettings().penalties
    n_averaged: int = SharedSettings().n_averaged
    n_inner_folds: int = 5
    n_bootstrap: int = 300

    @property
    def shared(self) -> SharedSettings:
        """What is served."""
        return SharedSettings(
            n_factors=self.n_factors,
            blends=self.blends,
            penalties=self.penalties,
            n_averaged=self.n_averaged,
        )

    @property
    def arms(self) -> dict[str, SharedSettings]:
        """What each arm may share; the first one shares nothing."""
        alone = replace(self.shared, use_elsewhere=False)
        penalty = replace(alone, n_factors=(), relevances=(0.0,), n_averaged=1)
        return {"shared_penalty": penalty, "shared_alone": alone, "shared_factors": self.shared}


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
    """Learn all drugs with and without sharing, on the same folds.

    Every choice is made by inner folds of the training lines; held-out lines only measure.
    """
    settings = settings or MultiTaskSettings()
    held_out: dict[str, list[HeldOutScores]] = {arm: [] for arm in ARMS}
    choices = []
    for seed, fold, features, n_lineages in panel_in_folds(data, settings.controls):
        targets = rank_targets(data.response[fold.train])
        own = predict_held_out(features[fold.train], features[fold.test], targets)
        held_out["own_penalty"].append(HeldOutScores(fold.test, own))
        for arm, shared in settings.arms.items():
            scores, chosen = score_together(
                data,
                features,
                n_lineages,
                fold,
                shared,
                n_inner_folds=settings.n_inner_folds,
                seed=seed,
            )
            held_out[arm].append(HeldOutScores(fold.test, scores))
        choices.append(chosen)
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


def panel_in_folds(
    data: ControlData, settings: ControlSettings
) -> Iterator[tuple[int, Fold, FloatArray, int]]:
    """Seed, fold, the panel's features of all lines, and how many of the last are lineages."""
    algebra = PanelAlgebra.of_plan(data.plan)
    for seed in settings.seeds:
        for fold in cohort_lines(data).folds(n_folds=settings.n_folds, seed=seed):
            tables = learn_tables(data, settings, fold, genes=algebra.panel)
            features = np.hstack([algebra.features(tables.of(algebra.panel)), tables.lineage])
            yield seed, fold, features, tables.lineage.shape[1]


def score_together(
    data: ControlData,
    features: FloatArray,
    n_lineages: int,
    fold: Fold,
    shared: SharedSettings,
    *,
    n_inner_folds: int,
    seed: int,
) -> tuple[FloatArray, Choices]:
    """(n_test, n_drugs) scores of drugs that learn together, and what their inner folds chose."""
    lines = cohort_lines(data).take(fold.train)
    problem = SharedProblem.of(lines, shared, n_folds=n_inner_folds, seed=seed)
    is_weighted = weighted_columns(features.shape[1], n_lineages)
    learned = problem.learn(features[fold.train], is_weighted)
    return learned.fit.scores(features[fold.test]), learned.choices


def cohort_lines(data: ControlData) -> CohortLines:
    """Lines of the controls with the drugs of the controls, and those elsewhere."""
    lineage = data.lineage.astype(object).where(data.lineage.notna(), "").to_numpy(np.str_)
    return CohortLines(data.response, data.is_sensitive, data.groups, lineage, _elsewhere(data))


def _elsewhere(data: ControlData) -> Elsewhere | None:
    if data.together is None or data.together.lines.elsewhere is None:
        return None
    found = data.together.lines.elsewhere
    columns = np.array(data.together.columns)
    response = np.where(columns >= 0, found.response[:, columns], np.nan)
    return replace(found, response=response)


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
        mean_gain={arm: mean_gain(shared, drawn[arm]) for arm in ARMS[:-1]},
        choices=choices,
        helped=tuple(drug for drug, (above, _) in signs.items() if above),
        harmed=tuple(drug for drug, (_, below) in signs.items() if below),
    )
