"""Challenger and champion on the same held-out lines, drug by drug, over the same draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from models.bundle import Bundle
from models.held_out import HeldOutPredictions
from training.evidence.intervals import p_of_interval
from training.evidence.p_values import benjamini_hochberg
from training.evidence.studies.bundle_differences import judge_difference
from training.evidence.studies.paired_difference import (
    FEWEST_OF_EACH,
    NotComparable,
    PatientDraws,
    SharedLines,
)
from training.metrics import FloatArray, Interval, interval_of
from training.promotion.drawn_figures import (
    FIGURES,
    DrawnFigures,
    draw_figures,
    mean_over_drugs,
)
from training.promotion.policy import PromotionPolicy


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the held-out lines say.

    Attributes
    ----------
    challenger
        Drug -> figures of the challenger on all of its lines.
    differences
        Drug -> challenger minus champion on the lines that both held out.
    not_compared
        Drug of both -> why it has no difference.
    same_folds
        How many of the compared drugs were parted into the same folds in both.
    """

    challenger: dict[str, DrawnFigures]
    differences: dict[str, DrawnFigures] = field(default_factory=dict)
    not_compared: dict[str, str] = field(default_factory=dict)
    same_folds: int = 0

    @property
    def n_shared(self) -> int:
        """Drugs that both bundles hold."""
        return len(self.differences) + len(self.not_compared)

    def mean(self, figure: str) -> Interval:
        """Mean over the challenger's drugs, with its interval."""
        return _interval([one[figure] for one in self.challenger.values()])

    def mean_difference(self, figure: str) -> Interval:
        """Mean over the compared drugs, with its interval."""
        return _interval([one[figure] for one in self.differences.values()])

    def worse_drugs(self) -> list[str]:
        """Drugs whose roc_auc is surely lower: q < 0.05, and an interval below 0."""
        intervals = {drug: _interval([one["roc_auc"]]) for drug, one in self.differences.items()}
        p_values = np.array([p_of_interval(one) for one in intervals.values()])
        q_values = benjamini_hochberg(p_values)
        return [
            drug
            for (drug, interval), q in zip(intervals.items(), q_values, strict=True)
            if judge_difference(interval, float(q)) == "worse"
        ]


def compare(challenger: Bundle, champion: Bundle | None, policy: PromotionPolicy) -> Comparison:
    """Measure a challenger on its held-out lines, and against the champion on those of both."""
    kept = {drug: model.held_out for drug, model in challenger.drugs.items() if model.held_out}
    draws = PatientDraws.draw(
        (patient for one in kept.values() for patient in one.groups),
        n_draws=policy.n_draws,
        random_state=policy.random_state,
    )
    found = Comparison({})
    same_folds = 0
    for drug, pair in _pairs(challenger, champion, policy):
        ours = kept.get(drug)
        if ours is not None:
            every = np.arange(len(ours.samples))
            weights = draws.weights(ours.groups)
            own = draw_figures(ours, every, weights, level=policy.coverage_level)
            found.challenger[drug] = own
        if isinstance(pair, NotComparable):
            found.not_compared[drug] = pair.reason
        elif pair is not None and ours is not None:
            same_folds += pair.same_folds
            found.differences[drug] = _difference(ours, own, pair, draws, policy)
    return Comparison(found.challenger, found.differences, found.not_compared, same_folds)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The champion's predictions of a drug, and the lines that both held out."""

    theirs: HeldOutPredictions
    lines: SharedLines
    same_folds: bool


def _pairs(
    challenger: Bundle, champion: Bundle | None, policy: PromotionPolicy
) -> Iterator[tuple[str, _Pair | NotComparable | None]]:
    """Every drug of the challenger; None where the champion does not hold it."""
    for drug, model in challenger.drugs.items():
        if champion is None or drug not in champion.drugs:
            yield drug, None
            continue
        ours, theirs = model.held_out, champion.drugs[drug].held_out
        if ours is None or theirs is None:
            which = "challenger" if ours is None else "champion"
            yield drug, NotComparable(f"the {which} keeps no held-out predictions (format 1)")
        elif challenger.simulated != champion.simulated:
            yield drug, NotComparable("one was learned from simulated data")
        else:
            lines = agreeing_lines(theirs, ours, changed_labels_share=policy.changed_labels_share)
            if isinstance(lines, NotComparable):
                yield drug, lines
            else:
                yield drug, _Pair(theirs, lines, _same_folds(theirs, ours, lines))


def agreeing_lines(
    first: HeldOutPredictions, second: HeldOutPredictions, *, changed_labels_share: float
) -> SharedLines | NotComparable:
    """Find the lines that both held out under the same label.

    Parameters
    ----------
    changed_labels_share
        Share of the shared lines whose label may differ; they are left out.
    """
    places = {sample: at for at, sample in enumerate(second.samples)}
    shared = [(at, places[name]) for at, name in enumerate(first.samples) if name in places]
    if not shared:
        return NotComparable("no line was held out by both")
    here, there = (np.array(side, dtype=np.int64) for side in zip(*shared, strict=True))
    alike = first.is_sensitive[here] == second.is_sensitive[there]
    n_changed = int((~alike).sum())
    if n_changed > changed_labels_share * len(shared):
        return NotComparable(f"{n_changed} of {len(shared)} shared lines changed their label")
    here, there = here[alike], there[alike]
    label = first.is_sensitive[here]
    n_sensitive, n_resistant = int(label.sum()), int((~label).sum())
    if min(n_sensitive, n_resistant) < FEWEST_OF_EACH:
        return NotComparable(
            f"{n_sensitive} sensitive and {n_resistant} resistant shared lines, at least "
            f"{FEWEST_OF_EACH} of each are needed"
        )
    return SharedLines(here, there, tuple(second.groups[at] for at in there))


def _difference(
    ours: HeldOutPredictions,
    own: DrawnFigures,
    pair: _Pair,
    draws: PatientDraws,
    policy: PromotionPolicy,
) -> DrawnFigures:
    lines, level = pair.lines, policy.coverage_level
    weights = draws.weights(lines.patients)
    theirs = draw_figures(pair.theirs, lines.first, weights, level=level)
    if len(lines.second) < len(ours.samples) or (np.diff(lines.second) < 0).any():
        own = draw_figures(ours, lines.second, weights, level=level)
    return {figure: own[figure] - theirs[figure] for figure in FIGURES}


def _same_folds(first: HeldOutPredictions, second: HeldOutPredictions, lines: SharedLines) -> bool:
    """Whether both parted the shared lines alike, in as many repetitions."""
    here, there = first.fold[:, lines.first], second.fold[:, lines.second]
    if here.shape != there.shape:
        return False
    return all(
        len(np.unique(np.stack([one, other]), axis=1).T)
        == len(np.unique(one))
        == len(np.unique(other))
        for one, other in zip(here, there, strict=True)
    )


def _interval(drawn: list[FloatArray]) -> Interval:
    mean = mean_over_drugs(drawn)
    return interval_of(float(mean[0]), mean[1:])
