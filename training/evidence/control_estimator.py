"""The estimator that controls run through: the one that is served.

Where the drugs of a cohort learn together, a control does so too, on the same folds, with the same
targets and the same lines elsewhere. Random panels take what the inner folds of the fold chose for
one of them, never what they chose for the panel, which would favour it; a fixed control, which has
more or fewer features, chooses its penalty anew by the inner folds. A drug that learns by itself,
and every drug of a cohort that shares nothing, goes through rank ridge.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from training.evidence.shared_ridge import predict_held_out, rank_targets
from training.metrics import BoolArray, FloatArray
from training.shared_learning import CohortLines, SharedProblem
from training.shared_score import SharedChoice, SharedSettings, average_scores
from training.shared_targets import SharedTargets
from training.splits import Fold

Choices = tuple[SharedChoice, ...]


@dataclass(frozen=True, slots=True)
class LearnedTogether:
    """How the drugs of the controls learn together with the other drugs of their cohort.

    Attributes
    ----------
    lines
        All drugs that learn together, on all lines of the cohort.
    columns
        For every drug of the controls its column in `lines`; -1 where it learns by itself.
    settings, n_inner_folds
        As in the training.
    chosen
        (seed, number of the fold) -> what the training chose there, so that nobody chooses twice.
    """

    lines: CohortLines
    columns: tuple[int, ...]
    settings: SharedSettings
    n_inner_folds: int
    chosen: Mapping[tuple[int, int], Choices] = field(default_factory=dict)

    def fingerprint(self) -> bytes:
        """Hash of everything that the scores depend on."""
        said = [self.settings.to_json(), self.n_inner_folds, self.columns]
        digest = hashlib.sha256(json.dumps(said).encode())
        for array in (self.lines.response, self.lines.is_sensitive):
            digest.update(np.ascontiguousarray(array).tobytes())
        if self.lines.elsewhere is not None:
            digest.update(np.ascontiguousarray(self.lines.elsewhere.response).tobytes())
            digest.update("\t".join(self.lines.elsewhere.lineage).encode())
        return digest.digest()

    @property
    def shares(self) -> BoolArray:
        """(n_drugs,) whether a drug of the controls learns together with others."""
        shares: BoolArray = np.array(self.columns) >= 0
        return shares


def choose_for_panel(
    together: LearnedTogether,
    features: FloatArray,
    is_weighted: BoolArray,
    fold: Fold,
    *,
    seed: int,
) -> Choices:
    """Let the inner folds of the training lines choose for a panel, as in the training."""
    problem = _problem(together, fold, seed=seed)
    return problem.learn(features[fold.train], is_weighted).choices


@dataclass(frozen=True, slots=True)
class FoldEstimator:
    """Scores of held-out lines from any features, for all drugs of the controls.

    Attributes
    ----------
    response
        (n_train, n_drugs) of the training lines.
    targets
        Of the drugs that learn together; None where none does.
    choices
        What was chosen for the panel, or for a random one.
    problem
        With its inner folds, where fixed controls choose their penalties.
    """

    fold: Fold
    response: FloatArray
    together: LearnedTogether | None
    targets: SharedTargets | None
    choices: Choices
    problem: SharedProblem | None

    @classmethod
    def of(
        cls,
        response: FloatArray,
        fold: Fold,
        together: LearnedTogether | None,
        choices: Choices,
        *,
        seed: int,
        choosing: bool = False,
    ) -> FoldEstimator:
        """Lay out one fold; `choosing` with the inner folds of fixed controls."""
        train = response[fold.train]
        if together is None:
            return cls(fold, train, None, None, choices, None)
        problem = _problem(together, fold, seed=seed) if choosing else None
        targets = problem.targets if problem else together_targets(together, fold)
        kept = [column for column in together.columns if column >= 0]
        return cls(fold, train, together, targets.of_drugs(kept), choices, problem)

    def scores(self, features: FloatArray, is_weighted: BoolArray) -> FloatArray:
        """(n_test, n_drugs) under the choices as they are."""
        return self._scores(features, is_weighted, self.choices)

    def scores_of_control(self, features: FloatArray, is_weighted: BoolArray) -> FloatArray:
        """(n_test, n_drugs) under the panel's choices, with penalties that fit these features."""
        if self.problem is None:
            return self._scores(features, is_weighted, self.choices)
        train = features[self.fold.train]
        penalties = self.problem.settings.penalties
        tried = [replace(self.choices[0], penalty=penalty) for penalty in penalties]
        best = self.problem.choose(train, is_weighted, tried)[0].penalty
        chosen = tuple(dict.fromkeys(replace(choice, penalty=best) for choice in self.choices))
        return self._scores(features, is_weighted, chosen)

    def _scores(
        self, features: FloatArray, is_weighted: BoolArray, choices: Sequence[SharedChoice]
    ) -> FloatArray:
        train, test = features[self.fold.train], features[self.fold.test]
        if self.together is None or self.targets is None:
            return predict_held_out(train, test, rank_targets(self.response))
        shares = self.together.shares
        scores = np.empty((len(test), len(shares)))
        scores[:, shares] = average_scores(train, test, self.targets, is_weighted, choices)
        if not shares.all():
            alone = rank_targets(self.response[:, ~shares])
            scores[:, ~shares] = predict_held_out(train, test, alone)
        return scores


def weighted_columns(
    n_features: int, n_lineages: int, *, lineage_first: bool = False
) -> npt.NDArray[np.bool_]:
    """(n_features,) False for the columns of lineage, which are the last ones, or the first."""
    weighted = np.ones(n_features, dtype=np.bool_)
    weighted[slice(n_lineages) if lineage_first else slice(n_features - n_lineages, None)] = False
    return weighted


def together_targets(together: LearnedTogether, fold: Fold) -> SharedTargets:
    """Targets of the training lines of a fold, for all drugs that learn together."""
    lines, settings = together.lines.take(fold.train), together.settings
    elsewhere = lines.elsewhere if settings.use_elsewhere else None
    return SharedTargets.of(lines.response, lines.lineage, elsewhere, settings.n_factors)


def _problem(together: LearnedTogether, fold: Fold, *, seed: int) -> SharedProblem:
    return SharedProblem.of(
        together.lines.take(fold.train),
        together.settings,
        n_folds=together.n_inner_folds,
        seed=seed,
    )
