from dataclasses import replace

from prometheus_client import CollectorRegistry

from serving.bundles.holder import ServedBundles
from serving.bundles.metrics import BundleCollector


def test_metrics_follow_the_state(say):
    bundles, registry = ServedBundles(), CollectorRegistry()
    registry.register(BundleCollector(bundles))

    def value(name, **labels):
        return registry.get_sample_value(f"cupromark_bundle_{name}", labels or None)

    assert (value("ready"), value("degraded"), value("store_reachable")) == (0, 0, None)
    bundles.serve(say.served("1"))
    labels = {"bundle": "made-up", "version": "1", "sha256": say.sha256_of("1"), "source": "store"}
    assert (value("ready"), value("info", **labels), value("swaps_total")) == (1, 1, 1)
    changes = {"looked": True, "store_reachable": True, "last_check_at": 12.5}
    bundles.note(replace(bundles.progress, wanted=say.known("2"), **changes))
    assert (value("degraded"), value("store_reachable")) == (1, 1)
    assert value("store_answered_timestamp_seconds") == 12.5
    bundles.serve(say.served("2"))
    assert (value("degraded"), value("info", **labels)) == (0, None)
