"""Counts by label, for Prometheus: an addition each, where its own counters also look and check."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from threading import Lock

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector


class Tally(Collector):
    """A counter.

    Parameters
    ----------
    name, help_text
        As Prometheus shows them.
    labels
        Names of the labels.
    """

    def __init__(self, name: str, help_text: str, labels: Sequence[str]) -> None:
        self._name, self._help_text, self._labels = name, help_text, labels
        self._counts: dict[tuple[object, ...], int] = {}
        self._adding = Lock()

    def add(self, labels: tuple[object, ...], count: int = 1) -> None:
        """Count under labels, in the order of their names."""
        with self._adding:
            self._counts[labels] = self._counts.get(labels, 0) + count

    def collect(self) -> Iterable[Metric]:
        """Read the counts."""
        family = CounterMetricFamily(self._name, self._help_text, labels=self._labels)
        for labels, count in list(self._counts.items()):
            family.add_metric([str(label) for label in labels], count)
        yield family


class TimesTally(Collector):
    """A histogram of seconds, added to by one thread.

    Parameters
    ----------
    name, help_text
        As Prometheus shows them.
    labels
        Names of the labels.
    bounds
        Upper bounds of the buckets, ascending.
    """

    def __init__(
        self, name: str, help_text: str, labels: Sequence[str], bounds: Sequence[float]
    ) -> None:
        self._name, self._help_text, self._labels = name, help_text, labels
        self._bounds = tuple(bounds)
        self._times: dict[tuple[object, ...], tuple[list[int], list[float]]] = {}

    def add(self, labels: tuple[object, ...], seconds: float) -> None:
        """Count a time under labels, in the order of their names."""
        found = self._times.get(labels)
        if found is None:
            found = self._times[labels] = [0] * (len(self._bounds) + 1), [0.0]
        counts, total = found
        counts[bisect_left(self._bounds, seconds)] += 1
        total[0] += seconds

    def collect(self) -> Iterable[Metric]:
        """Read the histograms."""
        family = HistogramMetricFamily(self._name, self._help_text, labels=self._labels)
        for labels, (counts, total) in list(self._times.items()):
            buckets, below = [], 0
            for bound, count in zip((*self._bounds, "+Inf"), counts, strict=True):
                below += count
                buckets.append((str(bound), float(below)))
            family.add_metric([str(label) for label in labels], buckets, total[0])
        yield family
