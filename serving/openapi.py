"""The OpenAPI document: what FastAPI derives from the routes, and the problems of each.

A bare ASGI handler is documented by a FastAPI route on the same path, which ThinPaths goes before.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from serving.problem_types import PROBLEM_TYPES

METHODS = ("get", "post", "put", "patch", "delete")
DESCRIPTION = (
    "Calibrated predictions of cancer drug response from cuproptosis and mitochondrial-dynamics "
    "gene sets, each with its uncertainty, its evidence and its provenance. Research use only."
)
ALWAYS = (400, 404, 405, 406, 429, 500, 503)
WITH_KEY, WITH_BODY, WITH_INPUT = (401, 403), (408, 409, 413, 415), (422,)
MEANINGS = {400: "The request cannot be read"} | {
    kind.status: kind.title
    for kind in reversed(PROBLEM_TYPES.values())
    if kind.slug not in {"malformed-json", "malformed-body", "took-too-long"}
}
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457. `type` is the address of a page that explains it.",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "enum": [kind.uri for kind in PROBLEM_TYPES.values()]},
        "title": TEXT,
        "status": WHOLE,
        "detail": {"type": "string", "description": "What was found; never a value that was sent."},
        "needed": {"type": "string", "description": "What would have been right."},
        "remedy": {"type": "string", "description": "What to do."},
        "errors": {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["pointer", "message"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body; ?name for a query parameter, "
                        "{name} for one of the path, name: for a header.",
                    },
                    "message": TEXT,
                },
            },
        },
        "request_id": TEXT,
    },
}
V2_SCHEMA = {"type": "object", "required": ["error"], "properties": {"error": TEXT}}
MLFLOW_SCHEMA = {
    "type": "object",
    "required": ["error_code", "message"],
    "properties": {"error_code": TEXT, "message": TEXT},
}


def build_openapi(app: FastAPI) -> dict[str, Any]:
    """Build the document of an application, OpenAPI 3.1."""
    document = get_openapi(
        title="cupromark",
        version=version("cupromark"),
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas |= {"Problem": PROBLEM_SCHEMA, "V2Error": V2_SCHEMA, "MlflowError": MLFLOW_SCHEMA}
    for path, operation in operations(document):
        _add_problems(path, operation)
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Iterate over paths and operations."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, item[method]


def readable_id(route: APIRoute) -> str:
    """Make the id of an operation, by which generated clients name their functions."""
    return route.name


def _add_problems(path: str, operation: dict[str, Any]) -> None:
    statuses = {*ALWAYS}
    if operation.get("security"):
        statuses |= {*WITH_KEY}
    if "requestBody" in operation:
        statuses |= {*WITH_BODY, *WITH_INPUT}
    if operation.get("parameters"):
        statuses |= {*WITH_INPUT}
    answers = operation.setdefault("responses", {})
    if "HTTPValidationError" in str(answers.get("422")):
        del answers["422"]  # FastAPI's own form, which is never answered here
    for status in sorted(statuses):
        answers.setdefault(str(status), _answer(path, status))


def _answer(path: str, status: int) -> dict[str, Any]:
    if path == "/v2" or path.startswith("/v2/"):
        media_type, name = "application/json", "V2Error"
    elif path == "/invocations":
        media_type, name = "application/json", "MlflowError"
    else:
        media_type, name = "application/problem+json", "Problem"
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": MEANINGS[status], "content": {media_type: {"schema": schema}}}
