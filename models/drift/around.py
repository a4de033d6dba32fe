"""Drift beside the genes: the domain percentile, no calls, and gene coverage."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from models.drift.chances import Z_95, share_interval
from models.drift.counts import N_DOMAIN_BINS, DriftCounts

# The last tenth of the training lines, each held against the others.
FAR_OUT = 1 / N_DOMAIN_BINS


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95% interval, and what is expected without drift.

    Attributes
    ----------
    value, low, high
        None where nothing was counted.
    expected
        Of profiles like the training lines; None where nobody knows.
    changed
        Whether what is expected lies outside the interval.
    """

    value: float | None
    low: float | None
    high: float | None
    expected: float | None

    @property
    def changed(self) -> bool:
        """Whether what is expected lies outside the interval."""
        if self.low is None or self.high is None or self.expected is None:
            return False
        return not self.low <= self.expected <= self.high

    @property
    def is_more(self) -> bool:
        """Whether all of the interval lies above what is expected."""
        return self.low is not None and self.expected is not None and self.low > self.expected


UNKNOWN = Share(None, None, None, None)


def far_out(counts: DriftCounts) -> Share:
    """Share of profiles whose domain percentile is 90 or more, with Wilson's interval.

    A tenth is expected: the percentile says how many training lines, each held against the others,
    are less far off.
    """
    known = int(counts.by_domain.sum())
    if not known:
        return UNKNOWN
    beyond = int(counts.by_domain[-1])
    low, high = share_interval(beyond, known)
    return Share(beyond / known, low, high, FAR_OUT)


def no_calls(counts: DriftCounts) -> Share:
    """Share of answers without a call.

    Answers of one profile depend on each other, so that the interval is that of a mean over
    profiles: of its difference from what the evidence cards say. Two more profiles, half of their
    answers off on either side, keep it from vanishing where few profiles agree.
    """
    n = counts.n_called
    if n < 2:
        return UNKNOWN
    share, expected = counts.no_calls / n, counts.no_calls_expected / n
    excess = share - expected
    around = max(counts.no_calls_excess_squared - n * excess**2, 0.0) + 2 * 0.5**2
    reach = Z_95 * sqrt(around / (n + 1) / (n + 2))
    return Share(share, max(0.0, share - reach), min(1.0, share + reach), expected)
