"""The live shadow as Prometheus metrics: what became of requests, and whether it is on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.shadow.challenger import Standing

OUTCOMES = ("answered", "refused", "failed", "dropped", "no_challenger")


class ShadowCollector(Collector):
    """Gives the metrics of the shadow; register it with the registry of the service.

    Parameters
    ----------
    standing
        Gives whether the shadow answers.
    """

    def __init__(self, standing: Callable[[], Standing]) -> None:
        self._standing = standing
        self._requests = dict.fromkeys(OUTCOMES, 0)

    @property
    def requests(self) -> dict[str, int]:
        """Requests of this process by what became of them."""
        return dict(self._requests)

    def count(self, outcome: str) -> None:
        """Count a request."""
        self._requests[outcome] += 1  # `dropped` is counted by the event loop, the rest elsewhere

    def collect(self) -> Iterable[Metric]:
        """Read them now."""
        requests = CounterMetricFamily(
            "cupromark_shadow_requests",
            "Requests chosen for the challenger, by what became of them",
            labels=("outcome",),
        )
        for outcome, count in self._requests.items():
            requests.add_metric([outcome], count)
        yield requests
        is_on = self._standing().state == "on"
        yield GaugeMetricFamily(
            "cupromark_shadow_on", "1 when a challenger answers in the shadow", value=float(is_on)
        )

    def describe(self) -> Iterable[Metric]:
        """Name no metrics on registration: they are read when they are asked for."""
        return ()
