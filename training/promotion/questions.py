"""What every check is made from, and how its answer is put down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.bundle import Bundle
from training.metrics import Interval
from training.promotion.comparison import Comparison
from training.promotion.decision import Check
from training.promotion.policy import PromotionPolicy

NAMED = 5


@dataclass(frozen=True, slots=True)
class Question:
    """A challenger, the champion, and what their held-out lines say.

    Attributes
    ----------
    champion
        None where there is none yet.
    """

    challenger: Bundle
    champion: Bundle | None
    policy: PromotionPolicy
    comparison: Comparison

    def answer(self, name: str, rule: str, *, passed: bool, found: str, needed: str) -> Check:
        """Put an answer down, with the policy's reason for the rule."""
        return Check(name, passed, found, needed, self.policy.reasons[rule])

    @property
    def not_comparable(self) -> str | None:
        """Why the held-out lines of the two cannot be compared; None where they can be."""
        if self.champion is None:
            return None
        found = self.comparison
        if not found.n_shared:
            return "the two have no drug in common"
        needed = self.policy.compared_drugs_share * found.n_shared
        if len(found.differences) >= max(needed, 1):
            return None
        counted = f"{len(found.differences)} of {found.n_shared} shared drugs can be compared"
        drug, why = next(iter(found.not_compared.items()))
        return f"{counted}; {drug}: {why}"


def unknown(name: str, why: str, *, needed: str) -> Check:
    """Put down that a check cannot be computed, and why."""
    return Check(name, None, "not known", needed, why)


def nothing_to_compare(name: str, needed: str) -> Check:
    """Put down that there is no champion to hold the challenger against."""
    return Check(name, None, "no champion yet", needed, "the first champion is compared with none")


def interval_text(interval: Interval, *, signed: bool = False) -> str:
    """Value and bounds, to three decimals; with the sign where it is a difference."""
    plus = "+" if signed else ""
    value, low, high = (f"{one:{plus}.3f}" for one in (interval.value, interval.low, interval.high))
    return f"{value} [{low}, {high}]"


def names_text(names: Sequence[str]) -> str:
    """Count of some drugs and the first of their names."""
    if not names:
        return "none"
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{len(names)}: {', '.join(names[:NAMED])}{rest}"
