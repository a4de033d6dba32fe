"""Learning the scores of all drugs of a cohort at once, all inside the lines that are given.

`SharedProblem.learn` is the whole procedure: inner folds choose which factors are shared, how far,
and which penalty; the best choices are averaged. The evaluation calls it on the training lines of
every fold, the bundle on all lines: what is measured is what is served.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from training.metrics import BoolArray, FloatArray
from training.pairs import pairs_in_folds, pairs_won
from training.shared_score import (
    SharedChoice,
    SharedFit,
    SharedSettings,
    Smoothers,
    fit_shared,
    scores_of_choices,
    smoothers,
)
from training.shared_targets import Elsewhere, SharedTargets
from training.splits import Fold, cohort_folds


@dataclass(frozen=True, slots=True)
class CohortLines:
    """Lines of a cohort with their responses to all drugs.

    Attributes
    ----------
    response
        (n_lines, n_drugs), NaN where not measured, low = sensitive.
    is_sensitive
        (n_lines, n_drugs); False where not measured.
    groups
        (n_lines,) split group (patient).
    lineage
        (n_lines,) "" where it is not known; folds are balanced over it.
    elsewhere
        Lines without expression, of other patients.
    """

    response: FloatArray
    is_sensitive: BoolArray
    groups: npt.NDArray[np.str_]
    lineage: npt.NDArray[np.str_]
    elsewhere: Elsewhere | None

    def take(self, lines: npt.NDArray[np.int64]) -> CohortLines:
        """Give some of the lines; those elsewhere stay."""
        return CohortLines(
            self.response[lines],
            self.is_sensitive[lines],
            self.groups[lines],
            self.lineage[lines],
            self.elsewhere,
        )

    def of_drugs(self, columns: Sequence[int]) -> CohortLines:
        """Give some of the drugs."""
        kept, others = list(columns), self.elsewhere
        return replace(
            self,
            response=self.response[:, kept],
            is_sensitive=self.is_sensitive[:, kept],
            elsewhere=others and replace(others, response=others.response[:, kept]),
        )

    def folds(self, *, n_folds: int, seed: int) -> list[Fold]:
        """Folds that all drugs share."""
        return cohort_folds(self.groups, self.lineage, n_folds=n_folds, seed=seed)


@dataclass(frozen=True, slots=True)
class LearnedShared:
    """Scores of all drugs and what they were learned with.

    Attributes
    ----------
    choices
        What the inner folds chose, best first; the fit is their average.
    out_of_fold_scores
        (n_lines, n_drugs) of the same average while inner folds held the lines out.
    inner_roc_auc
        (n_drugs,) of them, compared within inner folds; NaN where no inner fold has a pair.
    """

    fit: SharedFit
    choices: tuple[SharedChoice, ...]
    out_of_fold_scores: FloatArray
    inner_roc_auc: FloatArray


@dataclass(frozen=True, slots=True)
class SharedProblem:
    """Some lines, their inner folds, and the targets that every inner fold completed by itself.

    The targets do not depend on the features: several sets of features share them.
    """

    lines: CohortLines
    settings: SharedSettings
    targets: SharedTargets
    inner: tuple[tuple[Fold, SharedTargets], ...]

    @classmethod
    def of(
        cls, lines: CohortLines, settings: SharedSettings, *, n_folds: int, seed: int
    ) -> SharedProblem:
        """Lay out the inner folds, and complete the ranks in each from its training lines alone."""
        elsewhere = lines.elsewhere if settings.use_elsewhere else None

        def complete(some: CohortLines) -> SharedTargets:
            return SharedTargets.of(some.response, some.lineage, elsewhere, settings.n_factors)

        folds = lines.folds(n_folds=n_folds, seed=seed)
        inner = tuple((fold, complete(lines.take(fold.train))) for fold in folds)
        return cls(lines, settings, complete(lines), inner)

    def learn(self, features: FloatArray, is_weighted: BoolArray) -> LearnedShared:
        """Choose by the inner folds, and learn from all lines.

        Parameters
        ----------
        features
            (n_lines, n_features) as these lines alone teach them.
        is_weighted
            (n_features,): features whose reach may go by relevance; False for covariates.
        """
        choices = self.settings.choices(
            with_relevance=bool(is_weighted.any()),
            with_elsewhere=bool(self.targets.n_elsewhere.size),
        )
        weights = self._smoothers(features, is_weighted, choices)
        chosen = self._best(choices, weights)[: self.settings.n_averaged]
        scores = self._out_of_fold(chosen, weights)
        return LearnedShared(
            fit=fit_shared(features, self.targets, chosen, is_weighted),
            choices=tuple(chosen),
            out_of_fold_scores=scores,
            inner_roc_auc=self._roc_auc(scores),
        )

    def choose(
        self, features: FloatArray, is_weighted: BoolArray, choices: Sequence[SharedChoice]
    ) -> list[SharedChoice]:
        """Order some choices by the inner folds, best first."""
        return self._best(choices, self._smoothers(features, is_weighted, choices))

    def _smoothers(
        self, features: FloatArray, is_weighted: BoolArray, choices: Sequence[SharedChoice]
    ) -> list[Smoothers]:
        return [
            smoothers(features[fold.train], features[fold.test], targets, is_weighted, choices)
            for fold, targets in self.inner
        ]

    def _best(
        self, choices: Sequence[SharedChoice], weights: Sequence[Smoothers]
    ) -> list[SharedChoice]:
        """Choices with the highest mean over drugs; of equal ones those that share less."""
        won = np.zeros((len(choices), self.lines.response.shape[1]))
        for (fold, targets), smoother in zip(self.inner, weights, strict=True):
            measured = np.isfinite(self.lines.response[fold.test])
            label = self.lines.is_sensitive[fold.test]
            for row, scores in enumerate(scores_of_choices(smoother, targets, choices)):
                won[row] += pairs_won(scores, label, measured)
        pairs = self._pairs()
        means = (won[:, pairs > 0] / pairs[pairs > 0]).sum(axis=1)
        return [choices[one] for one in np.argsort(-means, kind="stable")]

    def _out_of_fold(
        self,
        chosen: Sequence[SharedChoice],
        weights: Sequence[Smoothers],
    ) -> FloatArray:
        scores = np.zeros_like(self.lines.response)
        for (fold, targets), smoother in zip(self.inner, weights, strict=True):
            for one in scores_of_choices(smoother, targets, chosen):
                scores[fold.test] += one / len(chosen)
        return scores

    def _roc_auc(self, scores: FloatArray) -> FloatArray:
        won = np.zeros(scores.shape[1])
        for fold, _ in self.inner:
            measured = np.isfinite(self.lines.response[fold.test])
            won += pairs_won(scores[fold.test], self.lines.is_sensitive[fold.test], measured)
        pairs = self._pairs()
        return np.divide(won, pairs, out=np.full_like(won, np.nan), where=pairs > 0)

    def _pairs(self) -> FloatArray:
        measured = np.isfinite(self.lines.response)
        folds = [fold for fold, _ in self.inner]
        return pairs_in_folds(self.lines.is_sensitive, measured, folds)
