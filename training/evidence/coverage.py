"""How often the conformal set of a held-out line holds its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.conformal import ClassConditionalConformal
from training.evaluation import HeldOutFold
from training.evidence.figures import Figure, figure_json
from training.evidence.intervals import drawn_means, mean_interval, standard_error, too_few
from training.metrics import BoolArray, FloatArray, Interval

LEVELS = (0.8, 0.9)


@dataclass(frozen=True, slots=True)
class ConformalCoverage:
    """Coverage at one level; shares are over lines and seeds.

    Attributes
    ----------
    overall, sensitive, resistant
        Share of lines, of all and of one class, whose set holds their label.
    standard_errors
        Of these three, by name, from the bootstrap over patients.
    by_lineage
        Lineage -> coverage; not estimable for fewer than ten lines or a single patient.
    no_call_share, empty_share
        Share of sets with both labels, and with none.
    mean_set_size
        Labels a set.
    """

    level: float
    overall: Interval
    sensitive: Interval
    resistant: Interval
    standard_errors: dict[str, float]
    by_lineage: dict[str, Figure]
    no_call_share: Interval
    empty_share: Interval
    mean_set_size: Interval

    def is_within_two_standard_errors(self, name: str) -> bool:
        """Whether the coverage `name` (overall, sensitive, resistant) agrees with the level."""
        coverage: Interval = getattr(self, name)
        return abs(coverage.value - self.level) <= 2 * self.standard_errors[name]

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        names = ("overall", "sensitive", "resistant", "no_call_share", "empty_share")
        figures: dict[str, Any] = {
            name: getattr(self, name).to_json() for name in (*names, "mean_set_size")
        }
        by_lineage = {name: figure_json(figure) for name, figure in self.by_lineage.items()}
        return {
            "level": self.level,
            **figures,
            "standard_errors": self.standard_errors,
            "by_lineage": by_lineage,
        }


def measure_coverage(
    is_sensitive: BoolArray,
    lineage: pd.Series[str],
    groups: npt.NDArray[np.str_],
    folds: Sequence[HeldOutFold],
    draws: FloatArray,
    *,
    levels: Sequence[float] = LEVELS,
) -> tuple[ConformalCoverage, ...]:
    """Predict sets of held-out lines, calibrated on the training lines of each outer fold.

    Parameters
    ----------
    is_sensitive, lineage, groups
        (n_lines,) labels, lineages (NA where not known) and patients.
    folds
        Of `DrugEvaluation`.
    draws
        (n_draws, n_lines) weights of a bootstrap over patients.
    levels
        Share of lines that a set is to hold the label of.

    Returns
    -------
    tuple of ConformalCoverage
        One a level.

    Notes
    -----
    A fold's set is calibrated on scores of inner folds, whose classifiers learned from fewer lines
    than the one that scores the held-out lines; so coverage near the level is to be seen, not to
    be taken for granted.
    """
    predictors = [_predictor(is_sensitive, fold) for fold in folds]
    found = []
    for level in levels:
        tallies = _tally(folds, predictors, level, len(is_sensitive))
        found.append(_figures(level, is_sensitive, lineage, groups, tallies, draws))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Tallies:
    """(n_lines,) shares over the seeds: set holds sensitive, holds resistant, holds both, none."""

    sensitive: FloatArray
    resistant: FloatArray
    both: FloatArray
    none: FloatArray


def _predictor(is_sensitive: BoolArray, fold: HeldOutFold) -> ClassConditionalConformal:
    promised = fold.calibration.probability(fold.calibration_scores)
    return ClassConditionalConformal.from_probabilities(promised, is_sensitive[fold.lines.train])


def _tally(
    folds: Sequence[HeldOutFold],
    predictors: Sequence[ClassConditionalConformal],
    level: float,
    n_lines: int,
) -> _Tallies:
    counts = np.zeros((n_lines, 4))  # none, sensitive, resistant, both: models.conformal's codes
    for fold, predictor in zip(folds, predictors, strict=True):
        promised = fold.calibration.probability(fold.test_scores)
        counts[fold.lines.test, predictor.set_codes(promised, level)] += 1
    none, sensitive, resistant, both = (counts / counts.sum(axis=1, keepdims=True)).T
    return _Tallies(sensitive + both, resistant + both, both, none)


def _figures(
    level: float,
    is_sensitive: BoolArray,
    lineage: pd.Series[str],
    groups: npt.NDArray[np.str_],
    tallies: _Tallies,
    draws: FloatArray,
) -> ConformalCoverage:
    held = np.where(is_sensitive, tallies.sensitive, tallies.resistant)
    members = {
        "overall": np.ones_like(is_sensitive),
        "sensitive": is_sensitive,
        "resistant": ~is_sensitive,
    }
    coverage = {name: mean_interval(held[one], draws[:, one]) for name, one in members.items()}
    return ConformalCoverage(
        level=level,
        **coverage,
        standard_errors={
            name: standard_error(drawn_means(held[one], draws[:, one]))
            for name, one in members.items()
        },
        by_lineage=_by_lineage(held, lineage, groups, draws),
        no_call_share=mean_interval(tallies.both, draws),
        empty_share=mean_interval(tallies.none, draws),
        mean_set_size=mean_interval(tallies.sensitive + tallies.resistant, draws),
    )


def _by_lineage(
    held: FloatArray, lineage: pd.Series[str], groups: npt.NDArray[np.str_], draws: FloatArray
) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for name in sorted(set(lineage.dropna().astype(str))):
        inside = (lineage == name).fillna(value=False).to_numpy(dtype=np.bool_)
        figures[name] = too_few(inside, groups) or mean_interval(held[inside], draws[:, inside])
    return figures
