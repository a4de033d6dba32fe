"""Arrays and JSON as bytes: the same content always gives the same bytes, and never a pickle."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import BundleError

Arrays = Mapping[str, NDArray[Any]]

# The earliest time that a zip can hold; numpy.savez would write the time of day.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def npz_bytes(arrays: Arrays) -> bytes:
    """Write arrays as .npz, not compressed, in the order of their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(arrays):
            array = np.asanyarray(arrays[name])
            if array.dtype.hasobject:
                raise BundleError(
                    f"The array {name!r} holds Python objects.",
                    needed="numbers, booleans or text of fixed width.",
                    remedy="convert it, for example with .astype(str).",
                )
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", ZIP_TIME), member.getvalue())
    return buffer.getvalue()


def read_npz(raw: bytes) -> dict[str, NDArray[Any]]:
    """Read what `npz_bytes` wrote; compressed members and objects are refused (ValueError)."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise ValueError("compressed members")
    with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def json_bytes(content: object, *, sort_keys: bool = False) -> bytes:
    """Write JSON in UTF-8; NaN is refused, for it is not JSON."""
    try:
        text = json.dumps(
            content,
            indent=1,
            sort_keys=sort_keys,
            ensure_ascii=False,
            allow_nan=False,
            default=_plain,
        )
    except (ValueError, TypeError) as error:
        raise BundleError(
            f"Something that JSON cannot hold: {error}.",
            needed="numbers, text, lists and mappings; None where a figure could not be had.",
            remedy="replace NaN and infinity by None in cards and provenance.",
        ) from error
    return text.encode() + b"\n"


def read_json(raw: bytes) -> Any:
    """Read JSON; NaN, Infinity and duplicated keys are refused (ValueError)."""
    return json.loads(raw, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} {value!r}")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"the constant {name}")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a key that stands twice")
    return content
