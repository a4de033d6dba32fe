"""Logs as JSON lines (or text) on standard error: fields, never expression values or keys."""

from __future__ import annotations

import atexit
import logging
import sys
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, TextIO, cast

import orjson
import structlog

from serving.request_context import RequestContext
from serving.request_lines import RequestLines, request_fields

if TYPE_CHECKING:
    from serving.middleware.exchange import Recorder
    from serving.settings import ServingSettings

access_log = structlog.get_logger("serving.access_log")


def configure_logs(settings: ServingSettings) -> Recorder:
    """Set up structlog and the standard library's logging, for the process as a whole.

    Returns
    -------
    Recorder
        Writes the line of each request into the same log.
    """
    lines = RequestLines(sys.stderr)
    atexit.register(lines.flush)
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
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", lines)),
        cache_logger_on_first_use=True,
    )
    _configure_standard_logging(level, lines, shared, rendering)
    return lines if as_json and level <= logging.INFO else log_request


def _configure_standard_logging(
    level: int, lines: RequestLines, shared: list[Any], rendering: list[Any]
) -> None:
    """Libraries log through the standard library: their lines get the same form."""
    handler = logging.StreamHandler(lines)
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
    """Log an answered request as structlog is set up; a `serving.middleware.exchange.Recorder`."""
    access_log.info("request", **request_fields(scope, context, seconds, sent))


def _dumped(event: object, **_structlog_options: Any) -> str:
    return orjson.dumps(event, default=str).decode()
