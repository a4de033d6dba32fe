"""Bounds on the body of a request: bytes on the wire, bytes decoded, and time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Never

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import RequestTimeoutError, RequestTooLargeError
from serving.middleware.content_encoding import Decoder, decoder_for, malformed_body
from serving.middleware.time_bound import OutOfTimeError, in_time

BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What a body may take.

    Attributes
    ----------
    json_wire_bytes, json_bytes
        Of a JSON body, as it comes and decoded.
    upload_bytes
        Of any other body, as it comes and decoded.
    total_seconds, pause_seconds
        For the whole body, and between two pieces of it.
    """

    json_wire_bytes: int
    json_bytes: int
    upload_bytes: int
    total_seconds: float
    pause_seconds: float


class BodyGuard:
    """Hands on the body decoded, piece by piece, and refuses it at a limit.

    Parameters
    ----------
    app
        The next layer.
    limits
        What a body may take.
    """

    def __init__(self, app: ASGIApp, *, limits: BodyLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] in BODILESS:
            await self._app(scope, receive, send)
            return
        length, encoding, is_json = _described(scope["headers"])
        limits = self._limits
        wire_bytes = limits.json_wire_bytes if is_json else limits.upload_bytes
        if length > wire_bytes:
            _refuse(wire_bytes)
        body_bytes = limits.json_bytes if is_json else limits.upload_bytes
        decoder = decoder_for(encoding)
        guarded = _GuardedBody(receive, limits, wire_bytes, body_bytes, decoder)
        if decoder is not None:
            hidden = (b"content-encoding", b"content-length")
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in hidden]
        await self._app(scope, guarded.receive, send)


class _GuardedBody:
    __slots__ = (
        "_body_bytes", "_decoder", "_ends_at", "_is_over", "_limits", "_met", "_receive",
        "_wire_bytes", "_wire_met",
    )  # fmt: skip

    def __init__(
        self,
        receive: Receive,
        limits: BodyLimits,
        wire_bytes: int,
        body_bytes: int,
        decoder: Decoder | None,
    ) -> None:
        self._receive = receive
        self._limits = limits
        self._wire_bytes = wire_bytes
        self._body_bytes = body_bytes
        self._decoder = decoder
        self._wire_met = self._met = 0
        self._ends_at = 0.0
        self._is_over = False

    async def receive(self) -> Message:
        """Return the next piece of the body; whatever comes after it is not bounded in time."""
        if self._is_over:
            return await self._receive()
        message = await self._in_time()
        if message["type"] != "http.request":
            self._is_over = True
            return message
        piece = message.get("body", b"")
        self._is_over = not message.get("more_body", False)
        self._wire_met += len(piece)
        if self._wire_met > self._wire_bytes:
            _refuse(self._wire_bytes)
        if self._decoder is None:
            return message
        return {**message, "body": self._decoded(self._decoder, piece)}

    async def _in_time(self) -> Message:
        try:
            return await in_time(self._receive(), self._wait_until)  # type: ignore[arg-type]
        except OutOfTimeError:
            self._is_over = True
            raise RequestTimeoutError(
                "The body of the request did not arrive in time.",
                needed=f"a body within {self._limits.total_seconds:g} s, without a pause of more "
                f"than {self._limits.pause_seconds:g} s.",
                remedy="compress the body, or split it into several requests.",
            ) from None

    def _wait_until(self) -> float:
        now = asyncio.get_running_loop().time()
        if not self._ends_at:
            self._ends_at = now + self._limits.total_seconds
        return min(self._ends_at, now + self._limits.pause_seconds)

    def _decoded(self, decoder: Decoder, piece: bytes) -> bytes:
        room = self._body_bytes - self._met
        decoded = decoder.decode(piece, limit=room + 1) if piece else b""
        self._met += len(decoded)
        if len(decoded) > room:
            _refuse(self._body_bytes)
        if self._is_over and not decoder.is_complete:
            raise malformed_body()
        return decoded


def _described(headers: Iterable[tuple[bytes, bytes]]) -> tuple[int, bytes, bool]:
    """Content-Length (0 when there is none), Content-Encoding, and whether it claims to be JSON."""
    length, encoding, is_json = 0, b"", False
    for name, value in headers:
        if name == b"content-length":
            length = int(value) if value.isdigit() and len(value) < 19 else 0
        elif name == b"content-encoding":
            encoding = encoding + b", " + value if encoding else value
        elif name == b"content-type":
            is_json = b"json" in value.lower()
    return length, encoding, is_json


def _refuse(limit: int) -> Never:
    raise RequestTooLargeError(
        f"The body is larger than {limit:,} bytes.",
        needed=f"a body of at most {limit:,} bytes.",
        remedy="split it into several requests, or send fewer genes: those of /v1/gene-sets.",
    )
