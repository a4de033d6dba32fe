"""The one rule by which a claim is called supported, contradicted or inconclusive."""

from __future__ import annotations

from typing import Literal

from features.gene_sets import Direction
from training.metrics import Interval

Verdict = Literal["supported", "contradicted", "inconclusive"]
VERDICTS: tuple[Verdict, ...] = ("supported", "contradicted", "inconclusive")
NOT_TESTABLE = "not testable"


def judge_claim(within_lineage: Interval, direction_when_high: Direction) -> Verdict:
    """Judge a claim by the correlation of expression and sensitivity within lineages.

    supported
        The whole 95% interval lies on the side that the claim names: above 0 where higher
        expression is claimed to go with sensitivity, below 0 where with resistance.
    contradicted
        The whole interval lies on the other side.
    inconclusive
        The interval holds 0, or could not be drawn. It is no sign that the claim is wrong.

    The correlation over all lines is shown but does not count. Tissues differ in expression and in
    sensitivity for a thousand reasons, and most of the signal between lines lies between tissues
    (PMC7906305 for MEK inhibitors), so that nearly any gene is associated
    with nearly any drug over all lines. The reviews speak of a gene's part within a tumour. The
    q-value does not count either: a claim was stated before it was tested here. It stands beside
    the verdict, since of many claims without any truth one in twenty would still leave
    "inconclusive".

    Parameters
    ----------
    within_lineage
        Partial Spearman correlation; above 0, higher expression goes with sensitivity.
    direction_when_high
        What the claim says that higher expression goes with.
    """
    side = 1.0 if direction_when_high == "sensitivity" else -1.0
    low, high = sorted((side * within_lineage.low, side * within_lineage.high))
    if low > 0:
        return "supported"
    if high < 0:
        return "contradicted"
    return "inconclusive"
