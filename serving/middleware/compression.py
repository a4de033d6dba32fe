"""Answers compressed by gzip or br, where the caller accepts it and it is worth it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, Protocol

import brotli
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]
Encoding = Literal["br", "gzip"]
LEAST_BYTES = 1024
THREAD_BYTES = 128 * 1024  # larger bodies are compressed beside the event loop
GZIP_LEVEL, BROTLI_QUALITY = 4, 4
COMPRESSIBLE = (
    b"application/json", b"application/problem+json", b"application/openapi+json", b"text/",
    b"application/javascript", b"image/svg+xml", b"application/xml",
)  # fmt: skip
EVENTS = b"text/event-stream"  # each is a few bytes, and must not wait for others


class Encoder(Protocol):
    """Encodes a body piece by piece."""

    def encode(self, piece: bytes, *, last: bool) -> bytes:
        """Encode a piece so that the caller can decode all of it now."""
        ...


class GzipEncoder:
    """Encodes gzip."""

    def __init__(self) -> None:
        self._zlib = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def encode(self, piece: bytes, *, last: bool) -> bytes:
        """Encode a piece."""
        mode = zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH
        return self._zlib.compress(piece) + self._zlib.flush(mode)


class BrotliEncoder:
    """Encodes br."""

    def __init__(self) -> None:
        self._brotli = brotli.Compressor(quality=BROTLI_QUALITY)

    def encode(self, piece: bytes, *, last: bool) -> bytes:
        """Encode a piece."""
        encoded = self._brotli.process(piece)
        return bytes(encoded + (self._brotli.finish() if last else self._brotli.flush()))


class Compression:
    """Compresses answers of at least 1 KiB by what Accept-Encoding prefers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        encoding = accepted_encoding(scope["headers"]) if scope["type"] == "http" else None
        if encoding is None:
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _CompressedSend(send, encoding).send)


def accepted_encoding(headers: Iterable[Header]) -> Encoding | None:
    """Choose an encoding by the quality values of Accept-Encoding; br where they are equal."""
    values = [value for name, value in headers if name == b"accept-encoding"]
    return _preferred(b",".join(values)) if values else None


@lru_cache(maxsize=256)  # clients send the same few headers over and over
def _preferred(value: bytes) -> Encoding | None:
    quality: dict[str, float] = {}
    for item in value.decode("latin-1").lower().split(","):
        name, _, parameter = item.partition(";")
        quality[name.strip()] = _quality(parameter)
    other = quality.get("*", 0.0)
    brotli_quality, gzip_quality = quality.get("br", other), quality.get("gzip", other)
    if max(brotli_quality, gzip_quality) <= 0:
        return None
    return "br" if brotli_quality >= gzip_quality else "gzip"


def _quality(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0


class _CompressedSend:
    __slots__ = ("_encoder", "_encoding", "_send", "_start")

    def __init__(self, send: Send, encoding: Encoding) -> None:
        self._send = send
        self._encoding: Encoding = encoding
        self._start: Message | None = None  # held back until the first piece shows the size
        self._encoder: Encoder | None = None

    async def send(self, message: Message) -> None:
        """Send a message, or hold it back until it is known what becomes of it."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send_start()
            await self._send(message)
            return
        if self._start is not None:
            self._begin(self._start, message)
        if self._encoder is not None:
            message = await self._encoded(self._encoder, message)
        await self._send_start()
        await self._send(message)

    def _begin(self, start: Message, first: Message) -> None:
        headers: list[Header] = list(start.get("headers", ()))
        if not _is_compressible(start["status"], headers):
            return
        headers.append((b"vary", b"Accept-Encoding"))
        piece, more = first.get("body", b""), first.get("more_body", False)
        if more or len(piece) >= LEAST_BYTES:
            self._encoder = BrotliEncoder() if self._encoding == "br" else GzipEncoder()
            headers = [_weakened(pair) for pair in headers if pair[0] != b"content-length"]
            headers.append((b"content-encoding", self._encoding.encode("ascii")))
        start["headers"] = headers

    async def _encoded(self, encoder: Encoder, message: Message) -> Message:
        piece, more = message.get("body", b""), message.get("more_body", False)
        if len(piece) >= THREAD_BYTES:
            encoded = await asyncio.to_thread(encoder.encode, piece, last=not more)
        else:
            encoded = encoder.encode(piece, last=not more)
        if self._start is not None and not more:
            self._start["headers"].append((b"content-length", b"%d" % len(encoded)))
        return {**message, "body": encoded}

    async def _send_start(self) -> None:
        if self._start is not None:
            start, self._start = self._start, None
            await self._send(start)


def _is_compressible(status: int, headers: Iterable[Header]) -> bool:
    content_type = b""
    for name, value in headers:
        if name in {b"content-encoding", b"content-range"}:
            return False
        if name == b"content-type":
            content_type = value
    if status in {204, 206, 304} or content_type.startswith(EVENTS):
        return False
    return content_type.startswith(COMPRESSIBLE)


def _weakened(pair: Header) -> Header:
    """Weaken an ETag: it names bytes, and the compressed answer has others of the same meaning."""
    name, value = pair
    return (name, b"W/" + value) if name == b"etag" and not value.startswith(b"W/") else pair
