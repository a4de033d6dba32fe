"""What a cohort's evidence comes to beside what it was to reach, for the page in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from models.cards.figures import figure_at
from training.evidence.report import EvidenceReport

Card = Mapping[str, Any]

GOAL_MEAN_ROC_AUC = 0.735
GOAL_COHORT = "ccle-gdsc2"
GOAL_CALIBRATION_ERROR = 0.05
N_STANDARD_ERRORS = 2
CLASSES = ("sensitive", "resistant")


def goal_lines(report: EvidenceReport) -> list[str]:
    """Sentences and tables: mean roc_auc, random sets, calibration error and coverage."""
    return [*_mean_roc_auc(report), "", *_calibration(report), "", *_coverage(report)]


def _mean_roc_auc(report: EvidenceReport) -> list[str]:
    served = _mean(report.cards.values(), "roc_auc")
    if served is None:
        return ["No drug has a roc_auc."]
    said = [
        f"**What is served** has a mean roc_auc of {served:.4f} over {len(report.cards)} drugs."
    ]
    if report.about["cohort"] == GOAL_COHORT:
        gap = served - GOAL_MEAN_ROC_AUC
        reached = "reached" if gap >= 0 else f"missed by {-gap:.4f}"
        said.append(f"The goal of {GOAL_MEAN_ROC_AUC} is {reached}.")
    found = report.about.get("random_panels")
    if not isinstance(found, Mapping):
        return [" ".join(said)]
    gap = found["panel"] - found["mean"]
    side = "above" if gap > 0 else "below"
    said.append(
        f"Over drugs, the gene sets ({found['panel']:.4f}) lie {abs(gap):.4f} {side} the mean of "
        f"the matched random gene sets ({found['mean']:.4f}, SD {found['sd']:.4f}, "
        f"{found['lowest']:.4f} to {found['highest']:.4f}); {found['n_at_least_panel']:,} of "
        f"{found['n_sets']:,} random sets reach them. {_stay_below(found)}"
    )
    return [" ".join(said)]


def _stay_below(found: Mapping[str, Any]) -> str:
    p_value = (found["n_at_least_panel"] + 1) / (found["n_sets"] + 1)
    if p_value < 0.05:
        return f"So random sets stay below, as a whole (empirical p {p_value:.3f})."
    return f"**So random sets do not stay below** (empirical p {p_value:.3f})."


def _calibration(report: EvidenceReport) -> list[str]:
    every = list(report.cards.values())
    supported = [card for card in every if card["status"] == "supported"]
    rows = [
        f"| {name} | {len(cards)} | {_text(_mean(cards, 'expected_calibration_error'))} | "
        f"{_text(_mean(cards, 'calibration', 'error_if_calibrated'))} |"
        for name, cards in (("supported", supported), ("all", every))
    ]
    return [
        f"Expected calibration error on held-out lines (goal: below {GOAL_CALIBRATION_ERROR} on "
        "average over supported drugs), beside what a perfectly calibrated classifier would show "
        "on as many lines:",
        "",
        "| drugs | number | mean error | if calibrated perfectly |",
        "|---|---|---|---|",
        *rows,
    ]


def _coverage(report: EvidenceReport) -> list[str]:
    cards = list(report.cards.values())
    levels = sorted({level for card in cards for level in card.get("coverage", {})}, key=float)
    rows = [_coverage_row(cards, level, one) for level in levels for one in CLASSES]
    return [
        "Conformal sets on held-out lines: drugs whose coverage lies within "
        f"{N_STANDARD_ERRORS} standard errors of the level, by class:",
        "",
        "| level | class | mean coverage | drugs within | above | below |",
        "|---|---|---|---|---|---|",
        *rows,
    ]


def _coverage_row(cards: Sequence[Card], level: str, of_class: str) -> str:
    pairs = [
        (found.value, error.value)
        for card in cards
        for found, error in [
            (
                figure_at(card, "coverage", level, of_class),
                figure_at(card, "coverage", level, "standard_errors", of_class),
            )
        ]
    ]
    known = np.array([pair for pair in pairs if None not in pair], dtype=np.float64).reshape(-1, 2)
    reach = N_STANDARD_ERRORS * known[:, 1]
    above, below = (known[:, 0] > float(level) + reach), (known[:, 0] < float(level) - reach)
    counts = (int(one.sum()) for one in (~above & ~below, above, below))
    mean = _text(float(known[:, 0].mean()) if len(known) else None)
    return f"| {level} | {of_class} | {mean} | {' | '.join(map(str, counts))} |"


def _mean(cards: Any, *path: str) -> float | None:
    values = [figure_at(card, *path).value for card in cards]
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _text(value: float | None) -> str:
    return "not estimable" if value is None else f"{value:.3f}"
