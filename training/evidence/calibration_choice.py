"""Sigmoid or Venn-Abers: which calibration promises better on lines that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from models.venn_abers import fit_venn_abers
from training.evaluation import HeldOutFold
from training.evidence.intervals import drawn_means, mean_interval, standard_error
from training.metrics import BoolArray, FloatArray, Interval, interval_of

CalibrationName = Literal["sigmoid", "venn_abers"]


@dataclass(frozen=True, slots=True)
class CalibrationChoice:
    """Held-out Brier scores of two calibrations of the same scores.

    Attributes
    ----------
    chosen
        Sigmoid, unless Venn-Abers is better by more than one standard error.
    difference, standard_error
        Brier score of Venn-Abers minus that of sigmoid, line by line; below 0 favours Venn-Abers.
    """

    chosen: CalibrationName
    sigmoid_brier: Interval
    venn_abers_brier: Interval
    difference: Interval
    standard_error: float

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        return {
            "chosen": self.chosen,
            "sigmoid_brier": self.sigmoid_brier.to_json(),
            "venn_abers_brier": self.venn_abers_brier.to_json(),
            "difference": self.difference.to_json(),
            "standard_error": self.standard_error,
        }


def choose_calibration(
    is_sensitive: BoolArray, folds: Sequence[HeldOutFold], draws: FloatArray
) -> CalibrationChoice:
    """Compare sigmoid and Venn-Abers, each learned from the inner scores of every outer fold.

    Parameters
    ----------
    is_sensitive
        (n_lines,) labels.
    folds
        Of `DrugEvaluation`; every line is held out equally often.
    draws
        (n_draws, n_lines) weights of a bootstrap over patients.
    """
    sigmoid, venn_abers = np.zeros(len(is_sensitive)), np.zeros(len(is_sensitive))
    times = np.zeros(len(is_sensitive))
    for fold in folds:
        train, test = fold.lines.train, fold.lines.test
        other = fit_venn_abers(fold.calibration_scores, is_sensitive[train])
        for errors, calibration in ((sigmoid, fold.calibration), (venn_abers, other)):
            promised = calibration.probability(fold.test_scores)
            errors[test] += (promised - is_sensitive[test]) ** 2
        times[test] += 1
    return _choice(sigmoid / times, venn_abers / times, draws)


def _choice(sigmoid: FloatArray, venn_abers: FloatArray, draws: FloatArray) -> CalibrationChoice:
    drawn = drawn_means(venn_abers - sigmoid, draws)
    difference = interval_of(float((venn_abers - sigmoid).mean()), drawn)
    spread = standard_error(drawn)
    return CalibrationChoice(
        chosen="venn_abers" if difference.value < -spread else "sigmoid",
        sigmoid_brier=mean_interval(sigmoid, draws),
        venn_abers_brier=mean_interval(venn_abers, draws),
        difference=difference,
        standard_error=spread,
    )
