"""How far a job is: a share of the whole for every step, and the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

RETRAIN = {
    "fetch": 3.0,
    "verify": 1.0,
    "join": 6.0,
    "train": 60.0,
    "evidence": 10.0,
    "report": 3.0,
    "register": 8.0,
    "shadow": 3.0,
    "gate": 5.0,
    "promote": 1.0,
}
PROMOTE = {"fetch": 20.0, "shadow": 30.0, "gate": 45.0, "promote": 5.0}
LEAST_PERCENT = 2.0


@dataclass(slots=True)
class Course:
    """Where a job is on its way.

    Attributes
    ----------
    shares
        Percent of the whole by step, in order.
    begun_at, begun_percent
        Where this attempt began: what was done before says nothing of its speed.
    is_under_way
        Whether this attempt works on something that has not ended yet.
    """

    shares: Mapping[str, float]
    clock: Callable[[], float] = time.monotonic
    step: str = ""
    percent: float = 0.0
    begun_percent: float = 0.0
    begun_at: float = field(init=False)
    is_under_way: bool = False

    def __post_init__(self) -> None:
        self.begun_at = self.clock()

    def go(self, step: str, share_done: float) -> None:
        """Move to a share (0 to 1) of a step; never back within an attempt."""
        before = 0.0
        for name, share in self.shares.items():
            if name == step:
                at = before + share * min(max(share_done, 0.0), 1.0)
                self.step, self.percent = step, max(self.percent, at)
                return
            before += share

    def begin(self, step: str, share_done: float) -> None:
        """Move to where this attempt begins to work on a step, or on a share of it."""
        self.is_under_way = True
        self.go(step, share_done)

    def passed(self, step: str, share_done: float) -> None:
        """Move to where work has ended; what was never begun was done by an earlier attempt."""
        self.go(step, share_done)
        if not self.is_under_way:
            self.begun_percent, self.begun_at = self.percent, self.clock()
        self.is_under_way = False

    def waited(self, seconds: float) -> None:
        """Leave a time out in which nothing could be done."""
        self.begun_at += seconds

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at this attempt's speed; None before that can be told."""
        done = self.percent - self.begun_percent
        if done < LEAST_PERCENT:
            return None
        return (self.clock() - self.begun_at) * (100.0 - self.percent) / done
