"""Answers of the review desk: JSON that nobody stores, with the version of what was read."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

import orjson
from fastapi import Header, Request, Response

Responses = dict[int | str, dict[str, Any]]
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
CONFLICT: Responses = {
    409: {"description": "There is nothing to take back", "content": PROBLEM},
    412: {
        "description": "Somebody else wrote meanwhile; `standing` shows what.",
        "content": PROBLEM,
    },
}
NO_STORE = {"Cache-Control": "no-store"}
IfMatch = Annotated[
    str,
    Header(
        alias="If-Match",
        pattern='^"?[0-9]{1,9}"?$',
        description="Version of what was read, as its ETag or `version` says.",
    ),
]


def answer_json(content: Any, *, status: int = 200) -> Response:
    """Answer with JSON; what bears a version says it in the header ETag too."""
    headers = dict(NO_STORE)
    if isinstance(content, dict) and "version" in content:
        headers["ETag"] = f'"{content["version"]}"'
    return Response(
        orjson.dumps(content), status_code=status, headers=headers, media_type="application/json"
    )


def seen_version(if_match: str) -> int:
    """Read the version out of If-Match."""
    return int(if_match.strip('"'))


def next_page(request: Request, cursor: str | None) -> str | None:
    """Address of the page behind a cursor."""
    if cursor is None:
        return None
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != "cursor"]
    return f"{request.url.path}?{urlencode([*kept, ('cursor', cursor)])}"
