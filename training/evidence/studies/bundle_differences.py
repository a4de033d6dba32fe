"""What a comparison of two bundles leaves: a difference a drug, and a verdict by one rule."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from training.evidence.figures import NotEstimable, figure_json, number_or
from training.evidence.studies.paired_difference import NOT_COMPARABLE, NotComparable
from training.metrics import Interval

Verdict = Literal["better", "worse", "no real difference"]
VERDICTS: tuple[Verdict, ...] = ("better", "worse", "no real difference")
LARGEST_Q = 0.05


def judge_difference(difference: Interval, q_value: float) -> Verdict:
    """Call a difference real where its q is below 0.05 and its interval excludes 0."""
    if not q_value < LARGEST_Q:
        return "no real difference"
    if difference.low > 0:
        return "better"
    return "worse" if difference.high < 0 else "no real difference"


@dataclass(frozen=True, slots=True)
class DrugDifference:
    """One drug of both bundles: the second bundle against the first.

    Attributes
    ----------
    roc_auc
        Second minus first on the shared held-out lines; above 0 where the second ranks better.
    brier
        Second minus first; below 0 where the second's probabilities are better.
    p, q
        Of the difference of roc_auc; q over the drugs that could be compared
        (Benjamini-Hochberg).
    verdict
        `better` or `worse` (the second, in roc_auc) where q < 0.05 and the interval excludes 0.
    """

    n_shared_lines: int
    n_sensitive: int
    roc_auc: Interval
    brier: Interval
    p: float
    q: float
    verdict: Verdict

    def to_json(self) -> dict[str, Any]:
        """Every figure by name."""
        return {
            "n_shared_lines": self.n_shared_lines,
            "n_sensitive": self.n_sensitive,
            "roc_auc": self.roc_auc.to_json(),
            "brier": self.brier.to_json(),
            "p": figure_json(number_or(self.p, "no interval")),
            "q": figure_json(number_or(self.q, "no interval")),
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class BundleComparison:
    """Two bundles, drug by drug.

    Attributes
    ----------
    first, second
        What the bundles are (JSON).
    cards
        Drug -> figures of the first and of the second card, in this order.
    differences
        Drug -> difference, or why there is none.
    mean_roc_auc, mean_brier
        Mean difference over the drugs that could be compared.
    only_first, only_second
        Drugs that the other bundle lacks.
    """

    first: dict[str, Any]
    second: dict[str, Any]
    cards: dict[str, tuple[dict[str, Any], dict[str, Any]]]
    differences: dict[str, DrugDifference | NotComparable]
    mean_roc_auc: Interval | NotEstimable
    mean_brier: Interval | NotEstimable
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many drugs have each verdict."""
        words = [
            one.verdict if isinstance(one, DrugDifference) else NOT_COMPARABLE
            for one in self.differences.values()
        ]
        found = Counter(words)
        return {word: found[word] for word in (*VERDICTS, NOT_COMPARABLE)}

    def to_json(self) -> dict[str, Any]:
        """Every figure by name; `a` is the first bundle and `b` the second."""
        return {
            "a": self.first,
            "b": self.second,
            "verdicts": self.counts,
            "mean_difference": {
                "roc_auc": figure_json(self.mean_roc_auc),
                "brier": figure_json(self.mean_brier),
            },
            "drugs": {
                drug: {"a": first, "b": second, "difference": _json(self.differences[drug])}
                for drug, (first, second) in self.cards.items()
            },
            "only_in_a": list(self.only_first),
            "only_in_b": list(self.only_second),
        }


def _json(difference: DrugDifference | NotComparable) -> dict[str, Any]:
    if isinstance(difference, NotComparable):
        return {"verdict": str(difference)}
    return difference.to_json()
