"""Results of the project's own classes in files: arrays as npz, the rest as JSON, no pickle.

Only dataclasses of `features`, `models` and `training` are made when a file is read, from plain
values; nothing in a file is run.
"""

from __future__ import annotations

import importlib
import json
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = ("features", "models", "training")
DOCUMENT = "document"
BAD_FILE = (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, EOFError)


def write_object(path: Path, value: Any) -> None:
    """Write a value, whole or not at all.

    Parameters
    ----------
    value
        Dataclasses of the project, arrays, bytes, tuples, lists, dicts whose keys are texts or
        whole numbers, and plain values, in any nesting.

    Raises
    ------
    TypeError
        It holds something else.
    """
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    document = json.dumps(_encode(value, arrays))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{uuid.uuid4().hex}.npz")
    np.savez(partial, allow_pickle=False, **{DOCUMENT: np.array(document)}, **arrays)
    partial.replace(path)


def read_object(path: Path) -> Any:
    """Read what `write_object` wrote; None where it is missing, damaged or of other code."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return _decode(json.loads(str(archive[DOCUMENT])), archive)
    except (*BAD_FILE, zipfile.BadZipFile):
        return None


def _encode(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray | bytes):
        name = f"array{len(arrays)}"
        kind = "bytes" if isinstance(value, bytes) else "array"
        arrays[name] = np.frombuffer(value, np.uint8) if isinstance(value, bytes) else value
        return {f"${kind}": name}
    if isinstance(value, tuple | list):
        listed = [_encode(one, arrays) for one in value]
        return {"$tuple": listed} if isinstance(value, tuple) else listed
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            return {"$items": [[_key(key), _encode(one, arrays)] for key, one in value.items()]}
        return {"$dict": {key: _encode(one, arrays) for key, one in value.items()}}
    if is_dataclass(value) and type(value).__module__.partition(".")[0] in PACKAGES:
        known = {one.name: _encode(getattr(value, one.name), arrays) for one in fields(value)}
        return {"$class": [type(value).__module__, type(value).__qualname__], "fields": known}
    raise TypeError(f"{type(value).__qualname__} cannot be kept in a file")


def _decode(document: Any, archive: Mapping[str, np.ndarray[Any, Any]]) -> Any:
    if isinstance(document, list):
        return [_decode(one, archive) for one in document]
    if not isinstance(document, dict):
        return document
    if "$array" in document:
        return archive[document["$array"]]
    if "$bytes" in document:
        return archive[document["$bytes"]].tobytes()
    if "$tuple" in document:
        return tuple(_decode(one, archive) for one in document["$tuple"])
    if "$dict" in document:
        return {key: _decode(one, archive) for key, one in document["$dict"].items()}
    if "$items" in document:
        return {key: _decode(one, archive) for key, one in document["$items"]}
    known = {name: _decode(one, archive) for name, one in document["fields"].items()}
    return _class(*document["$class"])(**known)


def _class(module: str, name: str) -> Any:
    if module.partition(".")[0] not in PACKAGES:
        raise ValueError(f"{module} is not of this project")
    found = getattr(importlib.import_module(module), name)
    if not (isinstance(found, type) and is_dataclass(found)):
        raise ValueError(f"{name} is no dataclass")
    return found


def _key(key: Any) -> str | int:
    if not isinstance(key, str | int):
        raise TypeError(f"a dict with the key {key!r} cannot be kept in a file")
    return key
