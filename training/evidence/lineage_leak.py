"""How much of a line's lineage its gene-set features give away.

Features that name the lineage can do well on a drug by knowing the tissue alone. One figure a
cohort, held against random panels: any set of genes knows something of the tissue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from training.evidence.controls import ControlData, ControlSettings
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.evidence.intervals import FEWEST_LINES
from training.evidence.panel_features import FoldTables, PanelAlgebra
from training.evidence.random_sets import draw_random_panels
from training.metrics import FloatArray, group_bootstrap_weights, interval_of
from training.splits import Fold

N_RANDOM_PANELS = 5
PENALTY = 300.0


@dataclass(frozen=True, slots=True)
class LineageLeak:
    """Balanced accuracy of telling lineages apart, on lines of patients that were held out.

    Attributes
    ----------
    panel
        Of the gene-set features, without the lineage columns.
    random, random_lowest, random_highest
        Of random panels: mean, and range over the panels.
    chance
        One over the number of lineages.
    lineages
        Lineages that were told apart: those with ten lines and a patient for every fold.
    """

    panel: Figure
    random: Figure
    random_lowest: Figure
    random_highest: Figure
    chance: Figure
    lineages: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        names = ("panel", "random", "random_lowest", "random_highest", "chance")
        figures: dict[str, Any] = {name: figure_json(getattr(self, name)) for name in names}
        return {**figures, "lineages": list(self.lineages)}


def probe_lineage_leak(
    data: ControlData,
    settings: ControlSettings,
    *,
    n_random_panels: int = N_RANDOM_PANELS,
    n_bootstrap: int = 500,
) -> LineageLeak:
    """Predict the lineage from the features by ridge, in folds grouped by patient.

    Raises
    ------
    TrainingError
        Too few genes to draw random panels from.
    """
    lineage = data.lineage.astype(object).where(data.lineage.notna(), "").to_numpy(dtype=np.str_)
    names = _frequent(lineage, data.groups, settings.n_folds)
    if len(names) < 2:
        reason = NotEstimable(
            f"{len(names)} lineages hold {FEWEST_LINES} lines of {settings.n_folds} patients, "
            "at least 2 are needed"
        )
        return LineageLeak(reason, reason, reason, reason, reason, names)
    kept = np.flatnonzero(np.isin(lineage, names))
    panels = draw_random_panels(
        data.expression,
        data.plan.gene_panel,
        n_panels=n_random_panels,
        random_state=settings.random_state,
    )
    rows = np.vstack([np.array([panels.panel], dtype=np.str_), panels.replacements])
    with threadpool_limits(limits=1):
        recognised = _recognised(data, settings, rows, kept, lineage[kept])
    everyone = np.ones((1, len(kept)))
    figures = [float(balanced_accuracy(lineage[kept], one, everyone)[0]) for one in recognised]
    generator = np.random.default_rng(settings.random_state)
    draws = group_bootstrap_weights(data.groups[kept], n_bootstrap, generator)
    drawn = balanced_accuracy(lineage[kept], recognised[0], draws)
    return LineageLeak(interval_of(figures[0], drawn), *_range(figures[1:]), 1 / len(names), names)


def balanced_accuracy(
    lineage: npt.NDArray[np.str_], recognised: FloatArray, weights: FloatArray
) -> FloatArray:
    """Mean over lineages of the share of their lines that were recognised.

    Parameters
    ----------
    lineage, recognised
        (n_lines,); recognised from 0 to 1.
    weights
        (n_draws, n_lines).

    Returns
    -------
    FloatArray
        (n_draws,); a lineage that a draw leaves out does not count in that draw.
    """
    shares = []
    for name in np.unique(lineage):
        inside = lineage == name
        total = weights[:, inside].sum(axis=1)
        right = weights[:, inside] @ recognised[inside]
        shares.append(np.divide(right, total, out=np.full(len(total), np.nan), where=total > 0))
    accuracy: FloatArray = np.nanmean(shares, axis=0)
    return accuracy


def _frequent(
    lineage: npt.NDArray[np.str_], groups: npt.NDArray[np.str_], n_folds: int
) -> tuple[str, ...]:
    names = []
    for name in np.unique(lineage[lineage != ""]):
        inside = lineage == name
        if inside.sum() >= FEWEST_LINES and len(np.unique(groups[inside])) >= n_folds:
            names.append(str(name))
    return tuple(names)


def _recognised(
    data: ControlData,
    settings: ControlSettings,
    panels: npt.NDArray[np.str_],
    kept: npt.NDArray[np.int64],
    lineage: npt.NDArray[np.str_],
) -> FloatArray:
    """(n_panels, n_kept) share of the seeds in which a held-out line was recognised."""
    algebra = PanelAlgebra.of_plan(data.plan)
    expression = data.expression.iloc[kept][list(dict.fromkeys(panels.ravel().tolist()))]
    recognised = np.zeros((len(panels), len(kept)))
    for seed in settings.seeds:
        for fold in _folds(lineage, data.groups[kept], settings.n_folds, seed):
            tables = FoldTables.learn(
                expression,
                data.lineage.iloc[kept],
                fold.train,
                lineage_minimum=settings.lineage_minimum,
                lineage_weight=settings.lineage_weight,
            )
            for row, genes in enumerate(panels):
                features = algebra.features(tables.of(genes))
                classifier = RidgeClassifier(alpha=PENALTY, class_weight="balanced")
                classifier.fit(features[fold.train], lineage[fold.train])
                right = classifier.predict(features[fold.test]) == lineage[fold.test]
                recognised[row, fold.test] += right / len(settings.seeds)
    return recognised


def _folds(
    lineage: npt.NDArray[np.str_], groups: npt.NDArray[np.str_], n_folds: int, seed: int
) -> list[Fold]:
    splitter = StratifiedGroupKFold(n_splits=n_folds, shuffle=True, random_state=seed)
    splits = splitter.split(np.zeros(len(lineage)), lineage, groups)
    return [Fold(np.asarray(train), np.asarray(test)) for train, test in splits]


def _range(figures: list[float]) -> tuple[Figure, Figure, Figure]:
    if not figures:
        missing = NotEstimable("no random panel was drawn")
        return missing, missing, missing
    return float(np.mean(figures)), min(figures), max(figures)
