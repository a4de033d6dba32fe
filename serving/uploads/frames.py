"""What goes through the pipes between the service and a reader: a JSON header and raw bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

_LENGTHS = struct.Struct(">QQ")


@dataclass(frozen=True, slots=True)
class Frame:
    """One order, or one reply.

    Attributes
    ----------
    header
        What it is about, as JSON has it.
    payload
        What JSON would be slow for: arrays, or a whole file.
    """

    header: Mapping[str, Any]
    payload: bytes | memoryview = b""


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Write a frame; OSError where the other end is gone."""
    header = orjson.dumps(frame.header)
    stream.write(_LENGTHS.pack(len(header), len(frame.payload)))
    stream.write(header)
    stream.write(frame.payload)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame | None:
    """Read the next frame; None where the other end closed the pipe or broke off."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    header_bytes, payload_bytes = _LENGTHS.unpack(lengths)
    header = stream.read(header_bytes)
    payload = stream.read(payload_bytes)
    if len(header) < header_bytes or len(payload) < payload_bytes:
        return None
    return Frame(orjson.loads(header), payload)
