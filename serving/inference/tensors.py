"""Tensors of the Open Inference Protocol, from and to JSON and the binary extension.

Protocol: https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol, binary
extension: https://github.com/triton-inference-server/server, extension_binary_data.md.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serving.errors import InvalidField

# Binary tensors are little-endian.
DTYPES = {
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
    **{f"INT{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": f"<u{bits // 8}" for bits in (8, 16, 32, 64)},
}
BYTES = "BYTES"
LENGTH_BYTES = 4
MOST_RANK = 8
NUMBERS = frozenset({int, float})


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A named array.

    Attributes
    ----------
    name, datatype
        As the protocol spells them.
    shape
        Sizes of its dimensions.
    values
        Numbers as float64 of that shape, or a flat list of text for BYTES.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    values: NDArray[np.float64] | list[str]


def read_tensor(
    described: object, raw: bytes | None, at: str, wrong: list[InvalidField]
) -> Tensor | None:
    """Read one input; None where it is wrong, which is then in `wrong`.

    Parameters
    ----------
    described
        Its JSON: name, datatype, shape, and data where they are not binary.
    raw
        Its binary data; None where they are in the JSON.
    at
        JSON pointer of the input.
    wrong
        Filled with the places that are wrong.
    """
    if not isinstance(described, dict):
        wrong.append(InvalidField(at, "must be an object"))
        return None
    before = len(wrong)
    name, datatype, shape = (described.get(key) for key in ("name", "datatype", "shape"))
    if type(name) is not str or not name:
        wrong.append(InvalidField(f"{at}/name", "must be a name"))
    if type(datatype) is not str or (datatype not in DTYPES and datatype != BYTES):
        known = ", ".join((*DTYPES, BYTES))
        wrong.append(InvalidField(f"{at}/datatype", f"must be one of {known}"))
    if not _is_shape(shape):
        wrong.append(InvalidField(f"{at}/shape", "must be a list of whole numbers from 0"))
    if ("data" in described) == (raw is not None):
        wrong.append(InvalidField(f"{at}/data", "must be there, or come as binary data; not both"))
    if len(wrong) > before:
        return None
    sizes = tuple(shape)  # type: ignore[arg-type]
    values = (
        _from_json(described["data"], str(datatype), sizes, f"{at}/data", wrong)
        if raw is None
        else _from_binary(raw, str(datatype), sizes, at, wrong)
    )
    return None if values is None else Tensor(str(name), str(datatype), sizes, values)


def to_binary(values: NDArray[Any] | Sequence[str], datatype: str) -> bytes:
    """Write a tensor's data as the binary extension has them."""
    if datatype != BYTES:
        return np.ascontiguousarray(values, dtype=DTYPES[datatype]).tobytes()
    encoded = [text.encode() for text in values]
    return b"".join(struct.pack("<I", len(one)) + one for one in encoded)


def _is_shape(shape: object) -> bool:
    return (
        isinstance(shape, list)
        and 0 < len(shape) <= MOST_RANK
        and all(type(size) is int and 0 <= size < 2**31 for size in shape)
    )


def _from_json(
    data: object, datatype: str, shape: tuple[int, ...], at: str, wrong: list[InvalidField]
) -> NDArray[np.float64] | list[str] | None:
    """Read data that are flat, or nested as the shape says."""
    if not isinstance(data, list):
        wrong.append(InvalidField(at, "must be a list"))
        return None
    flat = data if _is_flat(data) else _flattened(data, shape)
    if flat is None or len(flat) != prod(shape):
        wrong.append(InvalidField(at, "must hold as many elements as the shape says"))
        return None
    kinds = frozenset(map(type, flat))
    if datatype == BYTES:
        if kinds - {str}:
            wrong.append(InvalidField(at, "must hold texts"))
            return None
        return flat
    if kinds - ({int} if "INT" in datatype else NUMBERS):
        what = "whole numbers" if "INT" in datatype else "numbers"
        wrong.append(InvalidField(at, f"must hold {what}"))
        return None
    try:
        return np.array(flat, dtype=np.float64).reshape(shape)
    except OverflowError:  # an integer of hundreds of digits
        wrong.append(InvalidField(at, "holds numbers beyond what a double can hold"))
        return None


def _is_flat(data: Sequence[Any]) -> bool:
    return not data or not isinstance(data[0], list)


def _flattened(data: list[Any], shape: tuple[int, ...]) -> list[Any] | None:
    """Join nested lists, if they nest as the shape says."""
    level = [data]
    for depth, size in enumerate(shape):
        if any(type(part) is not list or len(part) != size for part in level):
            return None
        if depth < len(shape) - 1:
            level = [inner for part in level for inner in part]
    return [element for part in level for element in part]


def _from_binary(
    raw: bytes, datatype: str, shape: tuple[int, ...], at: str, wrong: list[InvalidField]
) -> NDArray[np.float64] | list[str] | None:
    if datatype == BYTES:
        texts = _texts(raw)
        if texts is not None and len(texts) == prod(shape):
            return texts
    else:
        dtype = np.dtype(DTYPES[datatype])
        if len(raw) == prod(shape) * dtype.itemsize:
            return np.frombuffer(raw, dtype=dtype).astype(np.float64).reshape(shape)
    wrong.append(
        InvalidField(
            f"{at}/shape", "does not fit the binary data, or these are not as they must be"
        )
    )
    return None


def _texts(raw: bytes) -> list[str] | None:
    """Read texts of which each has its length before it; None where they are not in UTF-8."""
    texts, at = [], 0
    while at < len(raw):
        start = at + LENGTH_BYTES
        at = start + int.from_bytes(raw[at:start], "little")
        if at > len(raw) or start > len(raw):
            return None
        try:
            texts.append(raw[start:at].decode())
        except UnicodeDecodeError:
            return None
    return texts


def texts_of(grid: Iterable[Iterable[str]]) -> list[str]:
    """Flatten rows of texts, in row-major order."""
    return [text for row in grid for text in row]
