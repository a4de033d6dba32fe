"""What the page of the interface shows, taken from the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from serving.openapi import METHODS

LONGEST_EXAMPLE = 6_000


def reference(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of `templates/reference.html`."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                tag = (operation.get("tags") or ["Other"])[0]
                groups.setdefault(tag, []).append(_operation(method.upper(), path, operation))
    info = document["info"]
    return {
        "title": info["title"],
        "version": info["version"],
        "description": info.get("description", ""),
        "groups": list(groups.items()),
        "schemas": [
            _schema(name, schema) for name, schema in document["components"]["schemas"].items()
        ],
    }


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    answers = operation.get("responses", {})
    fine = {status: answer for status, answer in answers.items() if status < "400"}
    return {
        "method": method,
        "path": path,
        "anchor": _anchor(f"{method}-{path}"),
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "needs_key": bool(operation.get("security")),
        "parameters": [_parameter(parameter) for parameter in operation.get("parameters", ())],
        "body": _contents(operation.get("requestBody", {})),
        "answers": [
            (status, answer.get("description", ""), _contents(answer))
            for status, answer in fine.items()
        ],
        "problems": sorted(set(answers) - set(fine)),
    }


def _parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter["name"],
        "type": f"{_type(parameter.get('schema', {}))}, in the {parameter['in']}",
        "is_required": parameter.get("required", False),
        "meaning": parameter.get("description", ""),
    }


def _contents(holder: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "media_type": media_type,
            "type": _type(content.get("schema", {})),
            "fields": _fields(content.get("schema", {})),
            "examples": list(_examples(content)),
        }
        for media_type, content in holder.get("content", {}).items()
    ]


def _examples(content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    named = {name: each.get("value") for name, each in content.get("examples", {}).items()}
    if "example" in content:
        named[""] = content["example"]
    for name, value in named.items():
        text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
        yield name, text if len(text) <= LONGEST_EXAMPLE else text[:LONGEST_EXAMPLE] + "\n…"


def _schema(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "anchor": _anchor(f"type-{name}"),
        "meaning": schema.get("description", ""),
        "type": _type(schema),
        "fields": _fields(schema),
    }


def _fields(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", ())
    return [
        {
            "name": name,
            "type": _type(field),
            "is_required": name in required,
            "meaning": field.get("description", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(_type(each) for each in schema[several])
    kind = schema.get("type", "any")
    if kind == "array":
        return f"array of {_type(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_type(schema['additionalProperties'])} by name"
    return str(kind)


def _anchor(text: str) -> str:
    return "".join(character if character.isalnum() else "-" for character in text).strip("-")
