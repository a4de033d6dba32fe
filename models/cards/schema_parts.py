"""Pieces of a JSON Schema; each figure says its unit and direction, for people and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]
INTERVAL: Json = {"$ref": "#/$defs/interval"}
REASON: Json = {"$ref": "#/$defs/reason"}
HIGHER, LOWER, NONE = "higher is better", "lower is better", "no direction"


def _said(description: str, unit: str, direction: str) -> Json:
    """Write unit and direction into the description, and as annotations of their own."""
    sentence = f"{description} Unit: {unit}; {direction}."
    return {"description": sentence, "x-unit": unit, "x-direction": direction}


def number(description: str, unit: str, direction: str) -> Json:
    """Describe a number that is always there."""
    return {"type": "number", **_said(description, unit, direction)}


def interval(description: str, unit: str, direction: str) -> Json:
    """Describe a number with its 95% interval."""
    return {**INTERVAL, **_said(description, unit, direction)}


def figure(description: str, unit: str, direction: str) -> Json:
    """Describe a number, one with its interval, or the reason why there is none."""
    forms = [INTERVAL, {"type": "number", "description": "Without interval."}, REASON]
    return {"anyOf": forms, **_said(description, unit, direction)}


def count(description: str, unit: str) -> Json:
    """Describe a whole number of things."""
    return {"type": "integer", "minimum": 0, **_said(description, unit, NONE)}


def band(description: str, unit: str, direction: str) -> Json:
    """Describe lowest and highest."""
    ends = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    return {**ends, **_said(description, unit, direction)}


def text(description: str) -> Json:
    """Describe words."""
    return {"type": "string", "description": description}


def flag(description: str) -> Json:
    """Describe a yes or no."""
    return {"type": "boolean", "description": description}


def choice(description: str, words: Sequence[str]) -> Json:
    """Describe one of some words."""
    return {"enum": list(words), "description": description}


def items(description: str, of: Json) -> Json:
    """Describe a list."""
    return {"type": "array", "items": of, "description": description}


def map_of(description: str, of: Json) -> Json:
    """Describe names that the data bring, each with the same kind of value."""
    return {"type": "object", "additionalProperties": of, "description": description}


def record(description: str, fields: Mapping[str, Json]) -> Json:
    """Describe all of these fields, and no others."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
        "description": description,
    }


def or_reason(of: Json, *, null: bool = False) -> Json:
    """Describe the same, or the reason why it is not there; null where nothing is to be said."""
    said: Json = {name: of[name] for name in ("description", "x-unit", "x-direction") if name in of}
    nothing: list[Json] = [{"type": "null", "description": "None."}] if null else []
    return {"anyOf": [of, REASON, *nothing], **said}


def definitions() -> dict[str, Json]:
    """Describe what `INTERVAL` and `REASON` refer to."""
    ends = {
        "value": "The figure.",
        "low": "Lower end of its 95% interval.",
        "high": "Upper end of its 95% interval.",
    }
    said = {
        name: {"type": "number", "description": f"{text} Unit: that of the field."}
        for name, text in ends.items()
    }
    reason: Json = {
        "type": "string",
        "pattern": "^not (estimable|run): .+",
        "description": "Why there is no figure, or how to get it.",
    }
    return {"interval": record("A figure with its interval.", said), "reason": reason}
