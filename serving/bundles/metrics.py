"""The state of the bundle as Prometheus metrics, read when they are scraped."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from serving.bundles.holder import ServedBundles


class BundleCollector(Collector):
    """Gives the metrics of `ServedBundles`; register it with the registry of the service.

    Parameters
    ----------
    bundles
        Whose state is shown.
    """

    def __init__(self, bundles: ServedBundles) -> None:
        self._bundles = bundles

    def collect(self) -> Iterable[Metric]:
        """Read the state now."""
        state = self._bundles.state()
        served = GaugeMetricFamily(
            "cupromark_bundle_info",
            "1 for the bundle that answers",
            labels=("bundle", "version", "sha256", "source"),
        )
        if state.ready:
            labels = (state.name, state.version, state.sha256, state.source)
            served.add_metric([label or "" for label in labels], 1)
        yield served
        yield _gauge("ready", "1 when a bundle answers", state.ready)
        yield _gauge("degraded", "1 when another bundle should answer", state.degraded)
        if state.store_reachable is not None:
            yield _gauge(
                "store_reachable", "1 when the store answered the last time", state.store_reachable
            )
        if state.last_check_at is not None:
            yield _gauge(
                "store_answered_timestamp_seconds",
                "When the store answered last",
                state.last_check_at,
            )
        yield _counter("swaps", "Bundles put in place", state.swaps)
        yield _counter("refusals", "Bundles that were refused", state.refusals)
        yield _counter("watcher_restarts", "Starts of the watching child again", state.restarts)

    def describe(self) -> Iterable[Metric]:
        """Name no metrics on registration: the state is read when it is asked for."""
        return ()


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"cupromark_bundle_{name}", text, value=value)


def _counter(name: str, text: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"cupromark_bundle_{name}", text, value=value)
