"""The worker's own log: lines with fields on standard error, of libraries too."""

from __future__ import annotations

import contextlib
import logging
import sys
from typing import Any, TextIO, cast

import structlog

from training.jobs.errors import StepAbandoned, StepFailedError
from training.jobs.settings import WorkerSettings


def configure_worker_logs(settings: WorkerSettings) -> None:
    """Set up structlog and the standard library's logging, for the process as a whole."""
    level = getattr(logging, settings.log_level.upper())
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendering: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if settings.log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[*shared, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lossy(sys.stderr))),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    handler.addFilter(_is_news)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.WARNING))


class _Lossy:
    """Standard error whose lines are lost where it goes to a full disk: work matters more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write, if that can be done."""
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Write what is held back, if that can be done."""
        with contextlib.suppress(OSError):
            self._stream.flush()


def _is_news(record: logging.LogRecord) -> bool:
    """Leave out DBOS's word of jobs that failed or were left: the worker has said so itself."""
    kind = record.exc_info[0] if record.exc_info else None
    return kind is None or not issubclass(kind, StepFailedError | StepAbandoned)
