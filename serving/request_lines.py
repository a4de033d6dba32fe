"""The log's line of each request, past structlog, whose processors take longer than the answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

from serving.request_context import RequestContext
from serving.route_templates import template_of

MOST_WAITING = 256
FORM = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


class RequestLines:
    """Writes one line of JSON a request; a `serving.middleware.exchange.Recorder`.

    Lines of requests that end in one turn of the event loop are written together at its end. What
    is written to this object as to a stream comes after the lines that wait, so that the order of
    the log is that of the events.

    Parameters
    ----------
    stream
        Where lines go.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: deque[bytes] = deque()

    def __call__(
        self, scope: MutableMapping[str, Any], context: RequestContext, seconds: float, sent: int
    ) -> None:
        """Take the line of an answered request."""
        line = orjson.dumps(
            {
                **request_fields(scope, context, seconds, sent),
                "event": "request",
                "level": "info",
                "timestamp": datetime.now(UTC),
            },
            option=FORM,
        )
        self._waiting.append(line)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self.flush)
        elif len(self._waiting) >= MOST_WAITING:
            self.flush()

    def write(self, text: str) -> int:
        """Write a line of somebody else, after those that wait."""
        return self._stream.write(self._taken() + text)

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._stream.write(self._taken())
        self._stream.flush()

    def _taken(self) -> str:
        lines = []
        with suppress(IndexError):  # another thread may write, and take them, at the same time
            while True:
                lines.append(self._waiting.popleft())
        return b"".join(lines).decode()


def request_fields(
    scope: MutableMapping[str, Any], context: RequestContext, seconds: float, sent: int
) -> dict[str, Any]:
    """List what the log says of a request: no value, no key, nothing of a caller's but the id."""
    return {
        "request_id": context.request_id,
        "method": scope["method"],
        "route": template_of(scope, context),
        "status": context.status,
        "ms": round(seconds * 1000, 2),
        "bytes": sent,
        "key_id": context.caller_key_id,
        "bundle": context.bundle_version,
        "problem": context.problem,
    }
