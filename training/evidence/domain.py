"""Whether the domain percentile tells a lineage that the cohort lacks from one that it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.domain import DomainReference
from training.evidence.controls import ControlData, ControlSettings, shared_folds
from training.evidence.figures import Figure, NotEstimable, figure_json
from training.evidence.intervals import mean_interval, too_few
from training.evidence.leave_lineage_out import NO_LINEAGE, lineage_folds
from training.evidence.panel_features import FoldTables
from training.metrics import BoolArray, FloatArray, group_bootstrap_weights, interval_of
from training.splits import Fold

QUANTILES = (5, 25, 50, 75, 95)
UNLIKE = 95.0


@dataclass(frozen=True, slots=True)
class PercentileFigures:
    """Domain percentiles of lines that a reference had not seen.

    Attributes
    ----------
    quantiles
        Quantile (5, 25, 50, 75, 95) -> percentile.
    share_unlike
        Share of lines above percentile 95; 0.05 for lines like those of the cohort.
    """

    quantiles: dict[int, float]
    share_unlike: Figure

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        quantiles = {str(name): value for name, value in self.quantiles.items()}
        return {"quantiles": quantiles, "share_unlike": figure_json(self.share_unlike)}


@dataclass(frozen=True, slots=True)
class DomainCalibration:
    """Domain percentiles of held-out lines.

    Attributes
    ----------
    held_out_patients
        Lines whose lineage may be in the cohort: folds grouped by patient.
    held_out_lineages
        Lines whose whole lineage was left out; None where the cohort names no two lineages.
    share_unlike_by_lineage
        Lineage -> share of its lines above percentile 95 when all of them were left out.
    discrimination
        How often a line of a lineage that was left out has a higher percentile than a line of a
        patient that was left out: 0.5 if the percentile tells nothing of lineages.
    """

    held_out_patients: PercentileFigures
    held_out_lineages: PercentileFigures | None
    share_unlike_by_lineage: dict[str, Figure]
    discrimination: Figure

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        lineages, shares = self.held_out_lineages, self.share_unlike_by_lineage
        return {
            "held_out_patients": self.held_out_patients.to_json(),
            "held_out_lineages": (
                str(NotEstimable(NO_LINEAGE)) if lineages is None else lineages.to_json()
            ),
            "share_unlike_by_lineage": {name: figure_json(one) for name, one in shares.items()},
            "discrimination": figure_json(self.discrimination),
        }


def calibrate_domain(
    data: ControlData, settings: ControlSettings, *, n_bootstrap: int = 500
) -> DomainCalibration:
    """Hold out patients, then whole lineages, and see at which percentiles they come out.

    z values and the reference are learned from the lines that are left.

    Parameters
    ----------
    data
        Cohort; its response is not read.
    settings
        Folds by patient, and the seed of the bootstrap over patients.
    """
    patients = np.mean(
        [
            held_out_percentiles(
                data, shared_folds(data.groups, n_folds=settings.n_folds, seed=seed)
            )
            for seed in settings.seeds
        ],
        axis=0,
    )
    lineages = held_out_percentiles(data, lineage_folds(data).values())
    generator = np.random.default_rng(settings.random_state)
    draws = group_bootstrap_weights(data.groups, n_bootstrap, generator)
    tested = np.isfinite(lineages)
    return DomainCalibration(
        held_out_patients=_figures(patients, np.isfinite(patients), draws),
        held_out_lineages=_figures(lineages, tested, draws) if tested.any() else None,
        share_unlike_by_lineage=_by_lineage(data, lineages, draws),
        discrimination=_discrimination(patients, lineages, tested, draws),
    )


def held_out_percentiles(data: ControlData, folds: Iterable[Fold]) -> FloatArray:
    """(n_lines,) percentile of each line against the lines of its fold; NaN if never held out."""
    panel = list(data.plan.gene_panel)
    percentiles = np.full(len(data.groups), np.nan)
    for fold in folds:
        tables = FoldTables.learn(
            data.expression[panel], data.lineage, fold.train, lineage_minimum=1, lineage_weight=1.0
        )
        z = tables.of(panel)
        reference = DomainReference.fit(
            z[fold.train],
            [str(one) for one in data.expression.index[fold.train]],
            data.lineage.iloc[fold.train].tolist(),
            groups=data.groups[fold.train].tolist(),
        )
        percentiles[fold.test] = reference.percentile(z[fold.test])
    return percentiles


def _figures(percentiles: FloatArray, tested: BoolArray, draws: FloatArray) -> PercentileFigures:
    values = np.percentile(percentiles[tested], QUANTILES)
    return PercentileFigures(
        quantiles={name: float(one) for name, one in zip(QUANTILES, values, strict=True)},
        share_unlike=mean_interval(_unlike(percentiles[tested]), draws[:, tested]),
    )


def _by_lineage(data: ControlData, percentiles: FloatArray, draws: FloatArray) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for name in sorted(set(data.lineage.dropna().astype(str))):
        inside = (data.lineage == name).fillna(value=False).to_numpy(dtype=np.bool_)
        inside &= np.isfinite(percentiles)
        figures[name] = too_few(inside, data.groups) or mean_interval(
            _unlike(percentiles[inside]), draws[:, inside]
        )
    return figures


def _unlike(percentiles: FloatArray) -> FloatArray:
    return (percentiles > UNLIKE).astype(np.float64)


def _discrimination(
    patients: FloatArray, lineages: FloatArray, tested: BoolArray, draws: FloatArray
) -> Figure:
    """Share of pairs of lines in which the one whose lineage was left out is farther off."""
    if not tested.any():
        return NotEstimable(NO_LINEAGE)
    gaps = np.sign(lineages[tested][:, None] - patients[None, tested])
    wins = 0.5 * (gaps + 1)
    chosen = draws[:, tested]
    total = chosen.sum(axis=1)
    drawn = np.full(len(draws), np.nan)
    won = np.einsum("di,ij,dj->d", chosen, wins, chosen, optimize=True)
    np.divide(won, total**2, out=drawn, where=total > 0)
    return interval_of(float(wins.mean()), drawn)
