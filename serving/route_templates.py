"""The template of the route that answered, such as /v1/drugs/{drug}: never what a caller put in."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from serving.request_context import RequestContext

UNMATCHED = "unmatched"


def template_of(scope: MutableMapping[str, Any], context: RequestContext) -> str:
    """Return the template; "unmatched" where no route took the request."""
    if context.route is not None:
        return context.route
    path = getattr(scope.get("route"), "path", None)
    context.route = path if isinstance(path, str) else UNMATCHED
    return context.route
