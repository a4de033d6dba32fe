"""Request bodies for the OpenAPI file, of routes whose bodies FastAPI does not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel


def json_body(forms: Sequence[type[BaseModel]], examples: Mapping[str, object]) -> dict[str, Any]:
    """Describe a JSON body that has one of several forms."""
    return {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"anyOf": [_inline(form.model_json_schema()) for form in forms]},
                "examples": {name: {"value": value} for name, value in examples.items()},
            }
        },
    }


def _inline(schema: dict[str, Any]) -> dict[str, Any]:
    """Put definitions where they are referred to: a request body has no place for them."""
    definitions = schema.pop("$defs", {})

    def resolved(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return resolved(definitions[node["$ref"].rsplit("/", 1)[1]])
            return {name: resolved(value) for name, value in node.items()}
        return [resolved(one) for one in node] if isinstance(node, list) else node

    return resolved(schema)  # type: ignore[no-any-return]
