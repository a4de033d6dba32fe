"""What is counted, for Prometheus, in a registry of its own."""

from __future__ import annotations

import math
from collections.abc import Callable, MutableMapping
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    ProcessCollector,
    generate_latest,
)

from serving.bundles.holder import ServedBundles
from serving.bundles.metrics import BundleCollector
from serving.request_context import RequestContext
from serving.route_templates import template_of
from serving.tallies import Tally, TimesTally

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counters of one process. Every label has few values: templates of routes, never paths."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Tally(
            "cupromark_requests", "Requests answered.", ("method", "route", "status")
        )
        self._seconds = TimesTally(
            "cupromark_request_seconds", "Time from the head of a request to its answer.",
            ("method", "route"), SECONDS,
        )  # fmt: skip
        self._problems = Counter(
            "cupromark_problems", "Requests answered with a problem.", ("type",),
            registry=self.registry,
        )  # fmt: skip
        self._predictions = Tally(
            "cupromark_predictions", "Answers, one for each profile and drug.",
            ("label", "evidence"),
        )  # fmt: skip
        self._withheld = Tally(
            "cupromark_predictions_withheld",
            "Answers that were asked for and not given, one for each profile and drug.",
            ("approval",),
        )
        self._audit_dropped = Counter(
            "cupromark_audit_dropped", "Lines of the audit trail that were lost.",
            registry=self.registry,
        )  # fmt: skip
        self._in_flight = Gauge(
            "cupromark_requests_in_flight", "Requests that are being answered.",
            registry=self.registry,
        )  # fmt: skip
        ProcessCollector(registry=self.registry)
        for tally in (self._requests, self._seconds, self._predictions, self._withheld):
            self.registry.register(tally)

    def record_request(
        self, scope: MutableMapping[str, Any], context: RequestContext, seconds: float, sent: int
    ) -> None:
        """Count an answered request; a `serving.middleware.exchange.Recorder`."""
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = template_of(scope, context)
        self._requests.add((method, route, context.status or 499))
        self._seconds.add((method, route), seconds)
        if context.problem is not None:
            self._problems.labels(context.problem).inc()

    def count_predictions(self, label: str, evidence: str, count: int) -> None:
        """Count answers by label (sensitive, resistant, no_call) and the drug's evidence status."""
        self._predictions.add((label, evidence), count)

    def count_withheld(self, approval: str, count: int) -> None:
        """Count answers that reviews withhold, by where the review of the drug stands."""
        self._withheld.add((approval,), count)

    def count_audit_dropped(self, count: int) -> None:
        """Count lines of the audit trail that were lost."""
        self._audit_dropped.inc(count)

    def watch_in_flight(self, count: Callable[[], float]) -> None:
        """Report how many requests are being answered whenever metrics are read."""
        self._in_flight.set_function(count)

    def watch_approvals(self, age_seconds: Callable[[], float | None]) -> None:
        """Report how old the approvals in memory are whenever metrics are read; NaN for none."""
        age = Gauge(
            "cupromark_approvals_age_seconds",
            "How long ago the database was seen to have the approvals that answers carry.",
            registry=self.registry,
        )

        def known_age() -> float:
            seconds = age_seconds()
            return math.nan if seconds is None else seconds

        age.set_function(known_age)

    def watch_bundles(self, bundles: ServedBundles) -> None:
        """Report on the bundle whenever metrics are read."""
        self.registry.register(BundleCollector(bundles))

    def render(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self.registry)
