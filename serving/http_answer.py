"""One request and its answer on a connection: uvicorn's, with a short answer written at once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    RequestResponseCycle,
)

BODILESS = frozenset({204, 304})
NOT_PLAIN = frozenset({b"connection", b"transfer-encoding"})
HEADER_LINES = 512


class WholeAnswer(RequestResponseCycle):
    """Holds the head of an answer back until its body comes, and writes both where that is all.

    uvicorn writes the two apart: two calls of the system and two packets, a sixth of the time of a
    prediction. An answer that comes in pieces goes uvicorn's way.
    """

    _head: dict[str, Any] | None = None

    async def send(self, message: Any) -> None:
        """Send a message of ASGI."""
        if message["type"] == "http.response.start" and not self.response_started:
            self._head = message  # of two heads the second is that of an answer to a fault
            return
        head, self._head = self._head, None
        if head is not None:
            if self._is_plain(head, message):
                self._write(head, message["body"])
                return
            await super().send(head)  # type: ignore[arg-type]
        await super().send(message)

    def _is_plain(self, head: dict[str, Any], message: Any) -> bool:
        if (
            self.disconnected
            or self.flow.write_paused
            or message.get("more_body", False)
            or self.scope["method"] == "HEAD"
            or head["status"] in BODILESS
        ):
            return False
        lengths = []
        for name, value in head["headers"]:
            if name in NOT_PLAIN:
                return False
            if name == b"content-length":
                lengths.append(value)
        return lengths == [b"%d" % len(message.get("body", b""))]

    def _write(self, head: dict[str, Any], body: bytes) -> None:
        lines = [STATUS_LINE[head["status"]]]
        lines += [_line(name, value) for name, value in self.default_headers]
        lines += [_line(name, value) for name, value in head["headers"]]
        lines.append(b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n")
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.transport.writelines((b"".join(lines), body))
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()


@lru_cache(maxsize=HEADER_LINES)  # but for ids and lengths, answers carry the same few
def _line(name: bytes, value: bytes) -> bytes:
    if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        raise RuntimeError("A header of an answer that no answer may have.")
    return b"%b: %b\r\n" % (name.lower(), value)
