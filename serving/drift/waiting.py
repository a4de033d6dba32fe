"""Counts that are not stored yet: of each caller until enough different profiles are in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

from models.drift.counting import Answered, Counter
from models.drift.counts import DriftCounts
from models.drift.reference import DriftReference

# A caller, for those with too few profiles, together.
OTHERS = "others"
MOST_CALLERS = 1_000
MOST_SEEN = 100_000  # hashes of profiles of one caller

Group = tuple[str, str]  # sha256 of the bundle, caller


@dataclass(slots=True)
class Waiting:
    """Counts of a caller that are not stored yet, and hashes of the profiles in them."""

    reference: DriftReference
    counts: DriftCounts
    seen: set[int] = field(default_factory=set)


class WaitingCounts:
    """The counts of all callers that wait; not for several threads at once.

    Parameters
    ----------
    at_least
        How many different profiles are enough to be stored.
    """

    def __init__(self, *, at_least: int) -> None:
        self._at_least = at_least
        self._waiting: dict[Group, Waiting] = {}

    def add(self, group: Group, counter: Counter, answered: Sequence[Answered]) -> bool:
        """Count answers; False where so many callers wait that there is no place for another."""
        waiting = self._waiting.get(group)
        if waiting is None:
            if len(self._waiting) >= MOST_CALLERS:
                return False
            nothing = DriftCounts.none(len(counter.reference.genes))
            waiting = self._waiting[group] = Waiting(counter.reference, nothing)
        if len(waiting.seen) > MOST_SEEN:
            waiting.seen.clear()
        waiting.counts += counter.count(answered, waiting.seen)
        return True

    def enough(self) -> list[tuple[Group, Waiting]]:
        """List what can be stored."""
        return [pair for pair in self._waiting.items() if not self._is_small(pair[1])]

    def remove(self, group: Group) -> None:
        """Forget what was stored."""
        del self._waiting[group]

    def join_small_callers(self) -> None:
        """Put callers with too few profiles together where together they have enough."""
        small: dict[str, list[Group]] = {}
        for group, waiting in self._waiting.items():
            if self._is_small(waiting):
                small.setdefault(group[0], []).append(group)
        for sha256, groups in small.items():
            joined = reduce(_joined, (self._waiting[group] for group in groups))
            if len(joined.seen) >= self._at_least:
                for group in groups:
                    del self._waiting[group]
                self._waiting[sha256, OTHERS] = joined

    def clear(self) -> list[int]:
        """Forget everything; how many profiles of each caller that were."""
        left = [int(waiting.counts.n_profiles) for waiting in self._waiting.values()]
        self._waiting.clear()
        return left

    def _is_small(self, waiting: Waiting) -> bool:
        return waiting.counts.n_profiles < self._at_least


def _joined(one: Waiting, other: Waiting) -> Waiting:
    return Waiting(one.reference, one.counts + other.counts, one.seen | other.seen)
