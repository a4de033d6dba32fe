"""The quality figures that follow from one drug's evaluation, without learning anything again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from features.lineage import lineage_column
from training.evaluation import DrugEvaluation, DrugTask
from training.evidence.calibration_choice import CalibrationChoice, choose_calibration
from training.evidence.calibration_quality import CalibrationQuality, measure_calibration
from training.evidence.coverage import ConformalCoverage, measure_coverage
from training.evidence.precision import PrecisionFigures, measure_precision
from training.metrics import group_bootstrap_weights


@dataclass(frozen=True, slots=True)
class DrugQuality:
    """Calibration, conformal coverage and precision on held-out lines."""

    calibration: CalibrationQuality
    calibration_choice: CalibrationChoice
    coverage: tuple[ConformalCoverage, ...]
    precision: PrecisionFigures

    def to_json(self) -> dict[str, Any]:
        """Every figure by name; coverage by level."""
        calibration = self.calibration.to_json()
        return {
            "brier": calibration["brier"],
            "expected_calibration_error": calibration["expected_calibration_error"],
            "calibration": calibration,
            "calibration_choice": self.calibration_choice.to_json(),
            "coverage": {str(one.level): one.to_json() for one in self.coverage},
            **self.precision.to_json(),
        }


def measure_quality(
    task: DrugTask, evaluation: DrugEvaluation, *, n_bootstrap: int = 500, random_state: int = 0
) -> DrugQuality:
    """Draw all figures of an evaluation over the same bootstrap of patients.

    Parameters
    ----------
    task, evaluation
        A drug and what `training.evaluation.evaluate_drug` found for it.
    n_bootstrap
        Draws of patients behind every interval.
    random_state
        Of the bootstrap and of simulated labels.
    """
    generator = np.random.default_rng(random_state)
    draws = group_bootstrap_weights(task.groups, n_bootstrap, generator)
    label, folds = task.is_sensitive, evaluation.folds
    lineage = lineage_column(task.samples, required=False)
    return DrugQuality(
        calibration=measure_calibration(
            label, evaluation.probability, draws, random_state=random_state
        ),
        calibration_choice=choose_calibration(label, folds, draws),
        coverage=measure_coverage(label, lineage, task.groups, folds, draws),
        precision=measure_precision(label, folds, draws),
    )
