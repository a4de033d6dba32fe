"""Logs as JSON lines (or text) on standard error: fields, never expression values or keys."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from serving.request_context import RequestContext
from serving.route_templates import template_of

if TYPE_CHECKING:
    from serving.settings import ServingSettings

access_log = structlog.get_logger("serving.access_log")


def configure_logs(settings: ServingSettings) -> None:
    """Set up structlog and the standard library's logging, for the process as a whole."""
    level = getattr(logging, settings.log_level.upper())
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = settings.log_format == "json"
    rendering: list[Any] = (
        [structlog.processors.JSONRenderer(serializer=_dumped)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _configure_standard_logging(level, shared, rendering)


def _configure_standard_logging(level: int, shared: list[Any], rendering: list[Any]) -> None:
    """Libraries log through the standard library: their lines get the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True


def log_request(
    scope: MutableMapping[str, Any], context: RequestContext, seconds: float, sent: int
) -> None:
    """Log an answered request; a `serving.middleware.exchange.Recorder`."""
    access_log.info(
        "request",
        request_id=context.request_id,
        method=scope["method"],
        route=template_of(scope, context),
        status=context.status,
        ms=round(seconds * 1000, 2),
        bytes=sent,
        key_id=context.caller_key_id,
        bundle=context.bundle_version,
        problem=context.problem,
    )


def _dumped(event: object, **_structlog_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()
