"""What folds that all drugs share have measured, and each drug's part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.metrics import BoolArray, FloatArray
from training.shared_learning import LearnedShared
from training.shared_score import SharedChoice
from training.splits import Fold


@dataclass(frozen=True, slots=True)
class SharedFold:
    """What one outer fold measured of all drugs.

    Attributes
    ----------
    test_scores, lineage_scores
        (n_test, n_drugs) of the classifier, and of lineage alone.
    out_of_fold_scores
        (n_train, n_drugs) of the training lines while inner folds held them out.
    lineage_known
        Whether the training lines hold two lineages often enough for columns.
    choices
        What the inner folds chose.
    """

    repetition: int
    lines: Fold
    test_scores: FloatArray
    lineage_scores: FloatArray
    out_of_fold_scores: FloatArray
    lineage_known: bool
    choices: tuple[SharedChoice, ...]


@dataclass(frozen=True, slots=True)
class SharedCohort:
    """All drugs of a cohort, learned in shared folds and on all lines."""

    estimator: str
    drugs: tuple[str, ...]
    folds: tuple[SharedFold, ...]
    final: LearnedShared

    @property
    def choices(self) -> tuple[dict[str, Any], ...]:
        """What was chosen in every fold, and then on all lines, best first (JSON)."""
        folds = [
            {"repetition": one.repetition, "averaged": [asdict(choice) for choice in one.choices]}
            for one in self.folds
        ]
        on_all = {"repetition": None, "averaged": [asdict(one) for one in self.final.choices]}
        return (*folds, on_all)

    def chosen(self, seeds: Sequence[int]) -> dict[tuple[int, int], tuple[SharedChoice, ...]]:
        """(seed, number of the fold) -> what its inner folds chose; a repetition a seed."""
        found, n_folds = {}, len(self.folds) // len(seeds)
        for at, fold in enumerate(self.folds):
            found[seeds[fold.repetition], at % n_folds] = fold.choices
        return found

    def of_drug(self, drug: str, measured: BoolArray) -> SharedDrug | None:
        """Cut out one drug, on the lines where it was measured; None where it has no part."""
        if drug not in self.drugs:
            return None
        column = self.drugs.index(drug)
        return SharedDrug(
            estimator=self.estimator,
            folds=tuple(_fold_of_drug(fold, column, measured) for fold in self.folds),
            coefficients=self.final.fit.coefficients[:, column].copy(),
            intercept=float(self.final.fit.intercepts[column]),
            choices=self.final.choices,
            out_of_fold_scores=self.final.out_of_fold_scores[measured, column],
            inner_roc_auc=float(self.final.inner_roc_auc[column]),
        )


@dataclass(frozen=True, slots=True)
class SharedDrugFold:
    """`SharedFold` of one drug; positions are those in the drug's own table."""

    repetition: int
    lines: Fold
    test_scores: FloatArray
    lineage_scores: FloatArray
    out_of_fold_scores: FloatArray
    lineage_known: bool


@dataclass(frozen=True, slots=True)
class SharedDrug:
    """One drug of a `SharedCohort`, on the lines where it was measured.

    Attributes
    ----------
    estimator
        Name as it stands in bundles and runs.
    coefficients, intercept
        Of the score that was learned from all lines.
    out_of_fold_scores
        (n_measured,) of all lines while inner folds held them out.
    inner_roc_auc
        Of them.
    """

    estimator: str
    folds: tuple[SharedDrugFold, ...]
    coefficients: FloatArray
    intercept: float
    choices: tuple[SharedChoice, ...]
    out_of_fold_scores: FloatArray
    inner_roc_auc: float


def _fold_of_drug(fold: SharedFold, column: int, measured: BoolArray) -> SharedDrugFold:
    place = np.cumsum(measured) - 1
    train, test = measured[fold.lines.train], measured[fold.lines.test]
    return SharedDrugFold(
        repetition=fold.repetition,
        lines=Fold(place[fold.lines.train[train]], place[fold.lines.test[test]]),
        test_scores=fold.test_scores[test, column],
        lineage_scores=fold.lineage_scores[test, column],
        out_of_fold_scores=fold.out_of_fold_scores[train, column],
        lineage_known=fold.lineage_known,
    )
