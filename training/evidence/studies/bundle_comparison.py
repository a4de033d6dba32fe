"""Two bundles held against each other on the lines that both held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.bundle import Bundle
from models.held_out import HeldOutPredictions
from training.errors import TrainingError
from training.evidence.figures import NotEstimable
from training.evidence.intervals import p_of_interval
from training.evidence.p_values import benjamini_hochberg
from training.evidence.studies.bundle_differences import (
    BundleComparison,
    DrugDifference,
    judge_difference,
)
from training.evidence.studies.paired_difference import (
    DrawnDifference,
    NotComparable,
    PatientDraws,
    SharedLines,
    difference_of_brier,
    difference_of_roc_auc,
    mean_difference,
    share_lines,
)
from training.metrics import Interval, interval_of

CARD_FIGURES = ("roc_auc", "lineage", "random", "q", "brier", "coverage")
N_DRAWS = 1000


def compare_bundles(
    first: Bundle,
    second: Bundle,
    *,
    n_draws: int = N_DRAWS,
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> BundleComparison:
    """Hold the second bundle against the first, on the lines that both held out.

    Raises
    ------
    TrainingError
        The bundles have no drug in common.
    """
    drugs = [drug for drug in first.drugs if drug in second.drugs]
    if not drugs:
        raise TrainingError(
            f"The bundles {first.name} and {second.name} have no drug in common.",
            needed="at least one drug that both hold.",
            remedy="compare bundles of the same drugs; `cupromark models show` lists them.",
        )
    found = {drug: _pair(first, second, drug) for drug in drugs}
    pairs = {drug: one for drug, one in found.items() if isinstance(one, _Pair)}
    patients = (name for pair in pairs.values() for name in pair.lines.patients)
    draws = PatientDraws.draw(patients, n_draws=n_draws, random_state=random_state)
    roc_auc, brier = {}, {}
    for done, (drug, pair) in enumerate(pairs.items(), start=1):
        roc_auc[drug] = difference_of_roc_auc(pair.first, pair.second, pair.lines, draws)
        brier[drug] = difference_of_brier(pair.first, pair.second, pair.lines, draws)
        if progress:
            progress(done, len(pairs))
    judged = _judge(pairs, roc_auc, brier)
    reasons = {drug: one for drug, one in found.items() if isinstance(one, NotComparable)}
    return BundleComparison(
        first=_about(first),
        second=_about(second),
        cards={drug: (_card(first, drug), _card(second, drug)) for drug in drugs},
        differences={drug: judged.get(drug) or reasons[drug] for drug in drugs},
        mean_roc_auc=_mean(roc_auc),
        mean_brier=_mean(brier),
        only_first=tuple(drug for drug in first.drugs if drug not in second.drugs),
        only_second=tuple(drug for drug in second.drugs if drug not in first.drugs),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """One drug's held-out predictions in both bundles, with the lines that they share."""

    first: HeldOutPredictions
    second: HeldOutPredictions
    lines: SharedLines


def _pair(first: Bundle, second: Bundle, drug: str) -> _Pair | NotComparable:
    if first.cohort != second.cohort:
        return NotComparable(f"different cohorts, {first.cohort} and {second.cohort}")
    here, there = first.drugs[drug].held_out, second.drugs[drug].held_out
    if here is None or there is None:
        bundle = first if here is None else second
        return NotComparable(f"bundle {bundle.name} keeps no held-out predictions")
    lines = share_lines(here, there)
    return lines if isinstance(lines, NotComparable) else _Pair(here, there, lines)


def _judge(
    pairs: dict[str, _Pair],
    roc_auc: dict[str, DrawnDifference],
    brier: dict[str, DrawnDifference],
) -> dict[str, DrugDifference]:
    intervals = {drug: interval_of(one.value, one.drawn) for drug, one in roc_auc.items()}
    p_values = np.array([p_of_interval(one) for one in intervals.values()])
    q_values = benjamini_hochberg(p_values)
    judged = {}
    for at, (drug, interval) in enumerate(intervals.items()):
        lines = pairs[drug].lines
        judged[drug] = DrugDifference(
            n_shared_lines=len(lines.patients),
            n_sensitive=int(pairs[drug].first.is_sensitive[lines.first].sum()),
            roc_auc=interval,
            brier=interval_of(brier[drug].value, brier[drug].drawn),
            p=float(p_values[at]),
            q=float(q_values[at]),
            verdict=judge_difference(interval, float(q_values[at])),
        )
    return judged


def _mean(differences: dict[str, DrawnDifference]) -> Interval | NotEstimable:
    if not differences:
        return NotEstimable("no drug could be compared")
    mean = mean_difference(list(differences.values()))
    return interval_of(mean.value, mean.drawn)


def _about(bundle: Bundle) -> dict[str, Any]:
    return {
        "name": bundle.name,
        "sha256": bundle.sha256,
        "cohort": bundle.cohort,
        "simulated": bundle.simulated,
        "n_drugs": len(bundle.drugs),
        "code_version": bundle.provenance.get("code_version", "not known"),
    }


def _card(bundle: Bundle, drug: str) -> dict[str, Any]:
    model = bundle.drugs[drug]
    figures = {name: model.evidence_card.get(name, "not run") for name in CARD_FIGURES}
    return {**figures, "status": model.status}
