"""A problem as an answer: RFC 9457, and the forms that V2 and MLflow prescribe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.responses import Response

from serving.errors import InvalidField
from serving.problem_types import ProblemType
from serving.request_context import context_of

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """One occurrence of a problem.

    Attributes
    ----------
    kind
        What kind of problem it is.
    detail, needed, remedy
        What was found, what would have been right, and what to do.
    errors
        At most 20 places of the request.
    headers
        Headers that the answer carries, such as Retry-After and Allow.
    more
        Further members of the body (RFC 9457, section 3.2).
    """

    kind: ProblemType
    detail: str
    needed: str | None = None
    remedy: str | None = None
    errors: tuple[InvalidField, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)


def respond(problem: Problem, scope: Mapping[str, Any]) -> Response:
    """Make the answer, in the form that the route's protocol prescribes."""
    context = context_of(scope)  # type: ignore[arg-type]
    context.problem = problem.kind.slug
    path = scope.get("path", "")
    if path == "/v2" or path.startswith("/v2/"):
        body, media_type = _v2_body(problem), "application/json"
    elif path == "/invocations":
        body, media_type = _mlflow_body(problem), "application/json"
    else:
        body, media_type = _problem_body(problem, context.request_id), MEDIA_TYPE
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(
        orjson.dumps(body), status_code=problem.kind.status, headers=headers, media_type=media_type
    )


def _problem_body(problem: Problem, request_id: str) -> dict[str, object]:
    body: dict[str, object] = {
        "type": problem.kind.uri,
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.detail,
    }
    if problem.needed:
        body["needed"] = problem.needed
    if problem.remedy:
        body["remedy"] = problem.remedy
    if problem.errors:
        body["errors"] = [
            {"pointer": place.pointer, "message": place.message} for place in problem.errors
        ]
    return body | {**problem.more, "request_id": request_id}


def _v2_body(problem: Problem) -> dict[str, object]:
    return {"error": _sentence(problem)}


def _mlflow_body(problem: Problem) -> dict[str, object]:
    codes = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "RESOURCE_DOES_NOT_EXIST"}
    codes |= {429: "REQUEST_LIMIT_EXCEEDED", 503: "TEMPORARILY_UNAVAILABLE"}
    status = problem.kind.status
    other = "INTERNAL_ERROR" if status >= 500 else "BAD_REQUEST"
    return {"error_code": codes.get(status, other), "message": _sentence(problem)}


def _sentence(problem: Problem) -> str:
    places = [place for place in problem.errors if place.message not in problem.detail]
    parts = [problem.detail, *(f"{place.pointer}: {place.message}." for place in places)]
    if problem.needed:
        parts.append(f"Needed: {problem.needed}")
    if problem.remedy:
        parts.append(f"What to do: {problem.remedy}")
    return " ".join(parts)
