"""Routes of FastAPI whose JSON bodies are read strictly, once, whatever FastAPI would let through.

Routers of this service are made with `APIRouter(route_class=strict_route(settings))`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from serving.errors import UnsupportedMediaError
from serving.settings import ServingSettings
from serving.strict_json import JsonLimits, parse_strict


def json_limits(settings: ServingSettings) -> JsonLimits:
    """Limits of the structure of a JSON body."""
    return JsonLimits(
        depth=settings.max_json_depth,
        containers=settings.max_json_containers,
        names=settings.max_json_names,
    )


def strict_route(settings: ServingSettings) -> type[APIRoute]:
    """Make the class of routes for these settings."""
    limits = json_limits(settings)

    class StrictRequest(Request):
        async def json(self) -> Any:
            return parse_strict(await self.body(), limits=limits)

    class StrictRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()
            takes_json = self.body_field is not None

            async def handle_strictly(request: Request) -> Response:
                if takes_json:
                    _refuse_other_types(request.headers.get("content-type", ""))
                return await handle(StrictRequest(request.scope, request.receive))

            return handle_strictly

    return StrictRoute


def _refuse_other_types(content_type: str) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json"):
        return
    raise UnsupportedMediaError(
        "The body does not come as JSON.",
        needed="Content-Type: application/json.",
        remedy="send JSON, and name it in the header Content-Type.",
    )
