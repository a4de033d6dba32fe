"""Undoing the Content-Encoding of a request, never further than a limit."""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli

from serving.errors import MalformedBodyError, UnsupportedMediaError

ENCODINGS = ("gzip", "br", "deflate")


class Decoder(Protocol):
    """Decodes a body piece by piece."""

    def decode(self, piece: bytes, *, limit: int) -> bytes:
        """Decode a piece to at most `limit` bytes; what comes out at the limit may be cut off."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether the end of the encoded data was met, and nothing came after it."""
        ...


class ZlibDecoder:
    """Decodes gzip, and deflate in its zlib wrapping as RFC 9110 has it."""

    def __init__(self, wbits: int) -> None:
        self._zlib = zlib.decompressobj(wbits)

    def decode(self, piece: bytes, *, limit: int) -> bytes:
        """Decode a piece."""
        try:
            decoded = self._zlib.decompress(piece, limit)
        except zlib.error:
            raise malformed_body() from None
        if self._zlib.unused_data:  # refused at once: zlib copies all of it at every further piece
            raise malformed_body()
        return decoded

    @property
    def is_complete(self) -> bool:
        """Whether it ended with the data."""
        return self._zlib.eof


class BrotliDecoder:
    """Decodes br."""

    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def decode(self, piece: bytes, *, limit: int) -> bytes:
        """Decode a piece."""
        try:
            return bytes(self._brotli.process(piece, output_buffer_limit=limit))
        except brotli.error:
            raise malformed_body() from None

    @property
    def is_complete(self) -> bool:
        """Whether it ended with the data."""
        return bool(self._brotli.is_finished())


def decoder_for(encoding: bytes) -> Decoder | None:
    """Make the decoder of a Content-Encoding header; None for one that changes nothing.

    Raises
    ------
    UnsupportedMediaError
        It is none of gzip, br, deflate, or several at once.
    """
    match encoding.strip().lower():
        case b"" | b"identity":
            return None
        case b"gzip" | b"x-gzip":
            return ZlibDecoder(16 + zlib.MAX_WBITS)
        case b"deflate":
            return ZlibDecoder(zlib.MAX_WBITS)
        case b"br":
            return BrotliDecoder()
    raise UnsupportedMediaError(
        "The Content-Encoding of the body is not one that is read here.",
        needed=f"one of {', '.join(ENCODINGS)}, or none.",
        remedy="send the body without a Content-Encoding, or with one of those.",
    )


def malformed_body() -> MalformedBodyError:
    """Say that the body is not what its Content-Encoding says."""
    return MalformedBodyError(
        "The body is not whole in the Content-Encoding that the request names.",
        needed="a whole body in that encoding, and nothing after it.",
        remedy="compress it again, or send it without a Content-Encoding.",
    )
