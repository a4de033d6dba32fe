"""The outermost layer: an id, what every answer carries, and what is kept of every request."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.request_context import KEY, RequestContext

Header = tuple[bytes, bytes]
ACCEPTED_ID = re.compile(rb"[A-Za-z0-9._:+=/-]{1,128}")
ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
DATA_POLICY: Header = (
    b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"
)  # fmt: skip
PAGE_POLICY: Header = (
    b"content-security-policy",
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    b"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    b"frame-ancestors 'none'",
)


class Recorder(Protocol):
    """Keeps something of a request that was answered: a log line, a metric, a line of audit."""

    def __call__(
        self, scope: MutableMapping[str, Any], context: RequestContext, seconds: float, sent: int
    ) -> None:
        """Record it; `seconds` it took, `sent` bytes of body."""
        ...


class Exchange:
    """Gives each request an id and each answer its headers, then hands both to the recorders.

    Parameters
    ----------
    app
        The next layer.
    recorders
        Called in order once the request is over.
    monotonic
        Seconds of a clock that never goes back.
    headers
        Carried by every answer beside the fixed ones.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        recorders: Sequence[Recorder],
        monotonic: Callable[[], float],
        headers: Sequence[Header] = (),
    ) -> None:
        self._app = app
        self._recorders = recorders
        self._monotonic = monotonic
        self._data_headers = (*ALWAYS, DATA_POLICY, *headers)
        self._page_headers = (*ALWAYS, PAGE_POLICY, *headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._monotonic()
        request_id = _request_id(scope["headers"])
        context = scope[KEY] = RequestContext(request_id.decode("ascii"))
        sent = 0

        async def send_dressed(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
            elif message["type"] == "http.response.start":
                context.status = message["status"]
                message["headers"] = self._dressed(message.get("headers", ()), request_id, context)
            await send(message)

        try:
            await self._app(scope, receive, send_dressed)
        finally:
            seconds = self._monotonic() - began
            for record in self._recorders:
                record(scope, context, seconds, sent)

    def _dressed(
        self, headers: Iterable[Header], request_id: bytes, context: RequestContext
    ) -> list[Header]:
        answer = [*headers, (b"x-request-id", request_id), *context.answer_headers]
        for name, value in answer:
            if name == b"content-type" and value.startswith(b"text/html"):
                return [*answer, *self._page_headers]
        return [*answer, *self._data_headers]


def _request_id(headers: Iterable[Header]) -> bytes:
    """Take the caller's id where it is harmless in a log, else make one."""
    for name, value in headers:
        if name == b"x-request-id" and ACCEPTED_ID.fullmatch(value):
            return value
    return secrets.token_hex(16).encode("ascii")
