"""Drift as Prometheus metrics: what the last look found; none by gene, of which there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.drift.watch import Checked

OUTCOMES = ("stored", "too_many", "too_few", "lost", "damaged")


class DriftCollector(Collector):
    """Gives the metrics of drift; register it with the registry of the service.

    Parameters
    ----------
    latest
        Gives what the last look found.
    """

    def __init__(self, latest: Callable[[], Checked | None]) -> None:
        self._latest = latest
        self._profiles = dict.fromkeys(OUTCOMES, 0)

    def count(self, outcome: str, profiles: int) -> None:
        """Count profiles that were stored, or left out."""
        self._profiles[outcome] += profiles

    def collect(self) -> Iterable[Metric]:
        """Read them now."""
        profiles = CounterMetricFamily(
            "cupromark_drift_profiles",
            "Profiles counted for drift, by what became of them",
            labels=("outcome",),
        )
        for outcome, count in self._profiles.items():
            profiles.add_metric([outcome], count)
        yield profiles
        checked = self._latest()
        if checked is not None:
            yield from _gauges(checked)

    def describe(self) -> Iterable[Metric]:
        """Name no metrics on registration: they are read when they are asked for."""
        return ()


def _gauges(checked: Checked) -> Iterable[Metric]:
    found = checked.summary
    for name, text, value in (
        ("window_profiles", "Profiles that the last look was at", found.n_profiles),
        ("psi_median", "Median population stability index over genes", found.median_index),
        ("genes_share", "Share of the genes that have drifted", found.share_drifted),
        ("detected", "1 when enough genes have drifted", found.has_drifted),
        ("far_out_share", "Share of profiles beyond the 90th percentile", found.far_out.value),
        ("no_call_share", "Share of answers without a call", found.no_calls.value),
        ("no_call_expected", "The same, as the cards have it", found.no_calls.expected),
        ("checked_timestamp_seconds", "When it was looked at last", checked.at),
    ):
        if value is not None:
            yield GaugeMetricFamily(f"cupromark_drift_{name}", text, value=float(value))
