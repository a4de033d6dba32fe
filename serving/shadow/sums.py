"""What is added up of two bundles' answers to the same profiles; no profile is kept."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import sqrt

import numpy as np
from numpy.typing import NDArray

SHOWN_LABELS = ("no_call", "sensitive", "resistant")
CHANGES = tuple(f"{one}_to_{other}" for one in SHOWN_LABELS for other in SHOWN_LABELS)
"""Champion's label and challenger's; the order of `DrugSums.changes`."""

# Place in `models.conformal.LABELS` -> place in `SHOWN_LABELS`: sets of both and of none are
# both no call.
_OF_CODE = np.array([0, 1, 2, 0])
# Probabilities closer to 0 or 1 than this count as this: log-odds of certainty are infinite.
NEAREST_TO_CERTAIN = 1e-4


@dataclass(frozen=True, slots=True)
class DrugSums:
    """Sums of one drug over profiles that both answered.

    Attributes
    ----------
    n
        Answers of both.
    missing
        Answers of the champion that the challenger did not give.
    total, squares
        Sums of the difference of log-odds, challenger minus champion, and of its square.
    changes
        (9,) answers by champion's and challenger's label, as `CHANGES` orders them.
    """

    n: int
    missing: int
    total: float
    squares: float
    changes: tuple[int, ...]

    @property
    def mean(self) -> float | None:
        """Mean difference of log-odds; None without an answer."""
        return self.total / self.n if self.n else None

    @property
    def sd(self) -> float | None:
        """Its standard deviation over profiles; None for fewer than two."""
        if self.n < 2:
            return None
        return sqrt(max(0.0, self.squares - self.total**2 / self.n) / (self.n - 1))

    @property
    def n_changed(self) -> int:
        """Answers with another label."""
        return self.n - sum(self.changes[:: len(SHOWN_LABELS) + 1])


@dataclass(slots=True)
class PairSums:
    """Sums of requests that a champion and a challenger answered.

    Attributes
    ----------
    n_requests
        Requests that both answered.
    n_refused
        Requests that the challenger refused.
    n_failed
        Requests at which it failed in a way that no bundle should.
    n_profiles
        Profiles of the requests that both answered.
    champion_seconds, challenger_seconds
        Processor time of these.
    champion_genes, challenger_genes
        Sums over profiles of the share of the panel that they held.
    """

    n_requests: int = 0
    n_refused: int = 0
    n_failed: int = 0
    n_profiles: int = 0
    champion_seconds: float = 0.0
    challenger_seconds: float = 0.0
    champion_genes: float = 0.0
    challenger_genes: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked."""
        return not (self.n_requests or self.n_refused or self.n_failed)

    def to_row(self) -> dict[str, float]:
        """Give every number by name."""
        return {name: getattr(self, name) for name in PAIR_NUMBERS}


PAIR_NUMBERS = tuple(one.name for one in fields(PairSums))


def log_odds_differences(
    challenger: NDArray[np.float64], champion: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Challenger minus champion in log-odds, from two (n, d) arrays of probabilities."""
    return _log_odds(challenger) - _log_odds(champion)


def label_changes(champion: NDArray[np.int8], challenger: NDArray[np.int8]) -> NDArray[np.intp]:
    """(n, d) places in `CHANGES`, from two (n, d) arrays of set codes."""
    changes: NDArray[np.intp] = _OF_CODE[champion] * len(SHOWN_LABELS) + _OF_CODE[challenger]
    return changes


def _log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(probability, NEAREST_TO_CERTAIN, 1 - NEAREST_TO_CERTAIN)
    log_odds: NDArray[np.float64] = np.log(inside) - np.log1p(-inside)
    return log_odds
