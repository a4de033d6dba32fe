"""The difference between two classifiers on the lines that both held out, with its interval.

A roc_auc compares lines within a fold only, as on the cards: scores of two folds come from two
classifiers. Whole patients are drawn with replacement, the same ones for both classifiers and for
all drugs, so that differences are paired and a mean over drugs has an interval of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.held_out import HeldOutPredictions
from training.evidence.intervals import drawn_means
from training.metrics import FloatArray, IntArray, pooled_roc_auc, ranked_pairs

NOT_COMPARABLE = "not comparable"

FEWEST_OF_EACH = 10
"""Shared sensitive, and shared resistant lines below which nothing is compared."""


@dataclass(frozen=True, slots=True)
class NotComparable:
    """Stands where a difference would mean nothing; the reason is shown in its place."""

    reason: str

    def __str__(self) -> str:
        return f"{NOT_COMPARABLE}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SharedLines:
    """Lines that two classifiers both held out.

    Attributes
    ----------
    first, second
        (n_shared,) their places in the predictions of each.
    patients
        (n_shared,) patient of each.
    """

    first: IntArray
    second: IntArray
    patients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawnDifference:
    """A figure of the second classifier minus that of the first.

    Attributes
    ----------
    value
        On the shared lines.
    drawn
        (n_draws,) the same with whole patients drawn with replacement.
    """

    value: float
    drawn: FloatArray


@dataclass(frozen=True, slots=True)
class PatientDraws:
    """How often each patient counts in every draw.

    Attributes
    ----------
    place
        Patient -> column of `counts`.
    counts
        (n_draws, n_patients).
    """

    place: dict[str, int]
    counts: FloatArray

    @classmethod
    def draw(cls, patients: Iterable[str], *, n_draws: int, random_state: int) -> PatientDraws:
        """Draw as many patients as there are, with replacement."""
        names = sorted(set(patients))
        generator = np.random.default_rng(random_state)
        chosen = generator.integers(max(len(names), 1), size=(n_draws, len(names)))
        counts = np.stack([np.bincount(row, minlength=len(names)) for row in chosen])
        places = {name: place for place, name in enumerate(names)}
        return cls(places, counts.astype(np.float64))

    def weights(self, patients: Sequence[str]) -> FloatArray:
        """(1 + n_draws, n_lines): every line once, then as often as its patient was drawn."""
        drawn = self.counts[:, [self.place[name] for name in patients]]
        return np.vstack([np.ones(len(patients)), drawn])


def share_lines(
    first: HeldOutPredictions, second: HeldOutPredictions
) -> SharedLines | NotComparable:
    """Find the lines that both held out, and check that both mean the same by sensitive.

    Returns
    -------
    SharedLines or NotComparable
        The reason where no line is shared, too few of a class are, or labels differ.
    """
    places = {sample: at for at, sample in enumerate(second.samples)}
    shared = [(at, places[name]) for at, name in enumerate(first.samples) if name in places]
    if not shared:
        return NotComparable(
            f"no shared lines, {len(first.samples)} and {len(second.samples)} held-out lines have "
            "no id in common"
        )
    here, there = (np.array(side, dtype=np.int64) for side in zip(*shared, strict=True))
    label = first.is_sensitive[here]
    differing = int((label != second.is_sensitive[there]).sum())
    if differing:
        return NotComparable(
            f"different labels, {differing} of {len(shared)} shared lines are sensitive in one and "
            "resistant in the other"
        )
    n_sensitive, n_resistant = int(label.sum()), int((~label).sum())
    if min(n_sensitive, n_resistant) < FEWEST_OF_EACH:
        return NotComparable(
            f"{n_sensitive} sensitive and {n_resistant} resistant shared lines, at least "
            f"{FEWEST_OF_EACH} of each are needed"
        )
    return SharedLines(here, there, tuple(first.groups[at] for at in here))


def difference_of_roc_auc(
    first: HeldOutPredictions,
    second: HeldOutPredictions,
    shared: SharedLines,
    draws: PatientDraws,
) -> DrawnDifference:
    """roc_auc of the second minus that of the first; above 0 where the second ranks better."""
    weights = draws.weights(shared.patients)
    difference = drawn_roc_auc(second, shared.second, weights) - drawn_roc_auc(
        first, shared.first, weights
    )
    return DrawnDifference(float(difference[0]), difference[1:])


def difference_of_brier(
    first: HeldOutPredictions,
    second: HeldOutPredictions,
    shared: SharedLines,
    draws: PatientDraws,
) -> DrawnDifference:
    """Brier score of the second minus that of the first; below 0 where the second is better."""
    weights = draws.weights(shared.patients)
    errors = _squared_errors(second, shared.second) - _squared_errors(first, shared.first)
    means = drawn_means(errors, weights)
    return DrawnDifference(float(means[0]), means[1:])


def drawn_roc_auc(held_out: HeldOutPredictions, lines: IntArray, weights: FloatArray) -> FloatArray:
    """(n_rows_of_weights,) share of pairs within folds that are ranked rightly.

    Parameters
    ----------
    lines
        (n_chosen,) places of the lines that count.
    weights
        (n_rows, n_chosen).
    """
    label = held_out.is_sensitive[lines]
    pairs = []
    for scores, folds in zip(held_out.score[:, lines], held_out.fold[:, lines], strict=True):
        for fold in np.unique(folds):
            inside = np.flatnonzero(folds == fold).astype(np.int64)
            pairs.append(ranked_pairs(label, scores.astype(np.float64), inside))
    return pooled_roc_auc(pairs, weights)


def mean_difference(differences: Sequence[DrawnDifference]) -> DrawnDifference:
    """Mean over drugs; a draw counts the drugs that have a figure in it."""
    drawn = np.stack([one.drawn for one in differences])
    finite = np.isfinite(drawn)
    counts = finite.sum(axis=0)
    means = np.full(drawn.shape[1], np.nan)
    np.divide(np.where(finite, drawn, 0.0).sum(axis=0), counts, out=means, where=counts > 0)
    return DrawnDifference(float(np.mean([one.value for one in differences])), means)


def _squared_errors(held_out: HeldOutPredictions, lines: IntArray) -> FloatArray:
    """(n_chosen,) mean over the repetitions."""
    promised = held_out.probability[:, lines].astype(np.float64)
    errors: FloatArray = ((promised - held_out.is_sensitive[lines]) ** 2).mean(axis=0)
    return errors
