"""HTTP/1.1 connections: uvicorn's, with bounds on the head of a request and a patient end."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from serving.http_answer import WholeAnswer
from serving.problem_types import PROBLEM_TYPES

HEAD_SECONDS = 10.0
HEAD_BYTES = 64 * 1024
LINGER_SECONDS = 0.5  # a request that is on its way when the service ends is still answered
UNREAD_SECONDS = 10.0  # of a body that goes on after its answer: so that the answer can be read


class _NoTrailers(list[tuple[bytes, bytes]]):
    """Where fields after a chunked body go: nobody may add headers, or fill our memory, so late."""

    def append(self, field: tuple[bytes, bytes]) -> None:
        """Keep nothing."""


NO_TRAILERS = _NoTrailers()


class EndingState(ServerState):
    """State of a server that knows whether it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.is_ending = False


class PatientProtocol(HttpToolsProtocol):
    """One connection.

    The head of a request must arrive within `HEAD_SECONDS` and `HEAD_BYTES`; uvicorn waits forever
    and takes everything. Trailers are dropped, and whoever goes on sending a body that was answered
    already is cut off after `UNREAD_SECONDS`. When the service ends, a request that crosses with
    the end is answered, and the answer says that the connection closes.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_bytes = 0
        self._is_in_head = True
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the head of the first request."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, and bound what is still not a whole head."""
        super().data_received(data)
        if not self._is_in_head or self.transport.is_closing():
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_BYTES:
            self.send_400_response("The head of the request is too large.")
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Hand the request to the application."""
        self._is_in_head = False
        self._stop_timer()
        super().on_headers_complete()
        # uvicorn makes the object itself, and asks nobody of which class; its task has not begun.
        self.cycle.__class__ = WholeAnswer
        self.headers = NO_TRAILERS
        if getattr(self.server_state, "is_ending", False):
            self.cycle.keep_alive = False

    def on_response_complete(self) -> None:
        """Go on with the next request, or give the caller a moment to end a body it still sends."""
        super().on_response_complete()
        cycle = self.cycle
        if cycle.more_body and cycle.response_complete and not self.transport.is_closing():
            self.loop.call_later(UNREAD_SECONDS, self._end_unread, cycle)

    def shutdown(self) -> None:
        """End the connection after its request; an idle one a little later, in case one comes."""
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LINGER_SECONDS, self._end_linger)
        else:
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP as every other problem."""
        kind = PROBLEM_TYPES["bad-request"]
        body = orjson.dumps(
            {"type": kind.uri, "title": kind.title, "status": kind.status, "detail": msg}
        )
        head = (
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
            b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body)
        )
        self.transport.write(head + body)
        self.transport.close()

    def _give_up(self) -> None:
        self._head_timer = None
        if self._is_in_head and not self.transport.is_closing():
            self.transport.close()

    def _end_unread(self, cycle: Any) -> None:
        if self.cycle is cycle and not self.transport.is_closing():
            self.transport.close()

    def _end_linger(self) -> None:
        # After a stall uvloop runs timers before it reads what has arrived meanwhile, and what is
        # asked for soon as well; only what that asks for comes after it has read.
        self.loop.call_soon(self.loop.call_soon, self._close_if_idle)

    def _close_if_idle(self) -> None:
        is_idle = self.cycle is None or self.cycle.response_complete
        if is_idle and not self.transport.is_closing():
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
