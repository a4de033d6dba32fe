"""Linear classifiers of a bundle, learned again without a part of the patients each time.

What inner folds chose (penalties, factors, their share) stays as it is in the bundle, and so do the
scaling of genes and the calibration; ranks, factors and coefficients are learned anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.lineage import LINEAGE_COLUMN
from models.bundle import Bundle
from models.drug_model import DrugModel
from models.estimators.rank_ridge import rank_of_sensitivity
from models.linear import LinearScore
from training.cohort import Cohort
from training.cohort_evaluation import weighted_features
from training.drug_tasks import cohort_lineage, drugs_together, response_of
from training.evaluation import EvaluationSettings
from training.evidence.figures import NotEstimable
from training.metrics import FloatArray, IntArray
from training.settings import TrainingSettings
from training.shared_learning import CohortLines
from training.shared_score import SharedChoice, SharedSettings, fit_shared
from training.shared_targets import SharedTargets
from training.splits import cohort_folds

N_PARTS = 20
OTHER_LINES = "the cohort does not hold the lines that the bundle learned from"
REPRODUCED = 1e-6


@dataclass(slots=True)
class PatientRefits:
    """Coefficients with all patients, and without each part of them.

    Attributes
    ----------
    matrix
        (n_lines, n_features) of the cohort, as the bundle makes them.
    kept
        Lines of all parts but one, one entry a part; every patient is left out once. The first
        entry leaves nobody out.
    """

    bundle: Bundle
    cohort: Cohort
    matrix: FloatArray
    kept: tuple[IntArray, ...]
    _of_drug: dict[str, FloatArray | NotEstimable] = field(default_factory=dict)

    @classmethod
    def of(cls, bundle: Bundle, cohort: Cohort, *, random_state: int = 0) -> PatientRefits:
        """Lay out a bundle and the cohort that it learned from.

        Raises
        ------
        CoverageError
            The cohort lacks genes that the bundle needs.
        """
        samples = cohort.expression.values.assign(**{LINEAGE_COLUMN: cohort.lineage})
        groups = cohort.split_group.to_numpy(dtype=np.str_)
        n_parts = min(N_PARTS, len(np.unique(groups)))
        folds = cohort_folds(groups, cohort_lineage(cohort), n_folds=n_parts, seed=random_state)
        everybody = np.arange(len(groups))
        kept = (everybody, *(np.sort(fold.train) for fold in folds))
        return cls(bundle, cohort, bundle.features.transform(samples), kept)

    def coefficients(self, drug: str) -> FloatArray | NotEstimable:
        """(n_parts, n_features) of a drug, each without one part of the patients."""
        if drug not in self._of_drug:
            model = self.bundle.drugs[drug]
            if model.estimator == SharedSettings().name:
                self._learn_together(model.parameters["averaged"])
            elif model.estimator == "rank_ridge":
                self._keep(drug, self._rank_ridge(model))
            self._of_drug.setdefault(
                drug, NotEstimable(f"{model.estimator} is not learned again without some patients")
            )
        return self._of_drug[drug]

    def _keep(self, drug: str, refits: FloatArray) -> None:
        """Take refits only where the first of them, with all patients, is what the bundle holds."""
        model = self.bundle.drugs[drug]
        if model.linear is not None and _reproduces(refits[0], model.linear):
            self._of_drug[drug] = refits[1:]
        else:
            self._of_drug[drug] = NotEstimable(OTHER_LINES)

    def _rank_ridge(self, model: DrugModel) -> FloatArray:
        response = response_of(self.cohort).values[model.drug].to_numpy(dtype=np.float64)
        penalty = float(model.parameters["penalty"])
        measured = (kept[np.isfinite(response[kept])] for kept in self.kept)
        return np.stack([_ridge(self.matrix[m], response[m], penalty) for m in measured])

    def _learn_together(self, averaged: Sequence[dict[str, Any]]) -> None:
        """Learn all drugs that were learned together, since each of them needs the others."""
        mine = [
            drug
            for drug, model in self.bundle.drugs.items()
            if model.parameters.get("averaged") == averaged
        ]
        learned = self.learned_together(averaged, self.kept)
        for drug in mine:
            if drug in learned:
                self._keep(drug, learned[drug])
            else:
                self._of_drug[drug] = NotEstimable(OTHER_LINES)

    def learned_together(
        self, averaged: Sequence[dict[str, Any]], kept: Sequence[IntArray]
    ) -> dict[str, FloatArray]:
        """(n_kept, n_features) coefficients of every drug of the bundle that shares, by name.

        Parameters
        ----------
        averaged
            Choices, as they stand in the parameters of a drug.
        kept
            Lines to learn from, one fit an entry.
        """
        together = drugs_together(self.cohort, _settings_of(self.bundle))
        if together is None:
            return {}
        names, lines = together
        choices = [SharedChoice(**one) for one in averaged]
        columns = {drug: names.index(drug) for drug in self.bundle.drugs if drug in names}
        fits = [
            self._fit_together(lines.take(some), some, choices)[:, list(columns.values())]
            for some in kept
        ]
        return {drug: np.stack([fit[:, at] for fit in fits]) for at, drug in enumerate(columns)}

    def _fit_together(
        self, lines: CohortLines, kept: IntArray, choices: Sequence[SharedChoice]
    ) -> FloatArray:
        tried = SharedSettings()
        elsewhere = lines.elsewhere if tried.use_elsewhere else None
        targets = SharedTargets.of(lines.response, lines.lineage, elsewhere, tried.n_factors)
        is_weighted = weighted_features(self.bundle.features)
        return fit_shared(self.matrix[kept], targets, choices, is_weighted).coefficients


def _settings_of(bundle: Bundle) -> TrainingSettings:
    """Give the settings that decide which drugs learn together."""
    said = bundle.provenance["settings"]
    threshold = said["threshold"]
    return TrainingSettings(
        label_method=said["label_method"],
        threshold=None if threshold == "None" else float(threshold),
        evaluation=EvaluationSettings(
            n_folds=int(said["n_folds"]), seeds=tuple(int(one) for one in said["seeds"].split(","))
        ),
    )


def _ridge(features: FloatArray, response: FloatArray, penalty: float) -> FloatArray:
    target = rank_of_sensitivity(response)
    centred = features - features.mean(axis=0)
    inner = centred @ centred.T + penalty * np.eye(len(centred))
    coefficients: FloatArray = centred.T @ np.linalg.solve(inner, target - target.mean())
    return coefficients


def _reproduces(coefficients: FloatArray, score: LinearScore) -> bool:
    gap = float(np.abs(coefficients - score.coefficients).max())
    return gap <= REPRODUCED * max(1.0, float(np.abs(score.coefficients).max()))
