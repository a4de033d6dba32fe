"""Traces by OpenTelemetry, for whoever turns them on and installed the extra."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from serving.errors import SettingsError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

MODULES = (
    "opentelemetry.sdk.trace",
    "opentelemetry.exporter.otlp.proto.http",
    "opentelemetry.instrumentation.asgi",
)


def traced(app: ASGIApp) -> ASGIApp:
    """Wrap an application so that every request is a span, sent as the OTEL_ variables say.

    Raises
    ------
    SettingsError
        The extra `telemetry` is not installed.
    """
    if not all(_is_installed(module) for module in MODULES):
        raise SettingsError(
            "Telemetry is on, and OpenTelemetry is not installed.",
            needed="the extra `telemetry`.",
            remedy="install cupromark[telemetry], or set CUPROMARK_SERVE_TELEMETRY=false.",
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "cupromark"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    wrapped: ASGIApp = OpenTelemetryMiddleware(
        app, tracer_provider=provider, exclude_spans=["receive", "send"]
    )
    return wrapped


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
