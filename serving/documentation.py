"""/openapi.json, and /docs: a page made from it that needs no script and no other host."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Depends, FastAPI, Request, Response

from serving.access.requirement import public
from serving.examples import example_profiles, fill_examples
from serving.openapi import build_openapi
from serving.pages.visitor import Visitor, greeted
from serving.reading_pages import Responses, page, style_sheet
from serving.reference import reference
from serving.services import Services


def document(app: FastAPI, services: Services) -> None:
    """Add the routes of the documentation to an application that has all its other routes."""
    made: dict[tuple[str, int] | None, dict[str, Any]] = {}

    def openapi() -> dict[str, Any]:
        served = services.bundles.current()
        approvals = services.approvals.snapshot
        of = None if served is None else (served.sha256, approvals.number)
        found = made.get(of)
        if found is None:
            found = build_openapi(app)
            if served is not None:
                fill_examples(found, example_profiles(served, approvals.standing(served)))
            made.clear()
            made[of] = found
        return found

    setattr(app, "openapi", openapi)  # noqa: B010 - how FastAPI has it replaced
    app.include_router(_documentation_router(app, services))


def _documentation_router(app: FastAPI, services: Services) -> APIRouter:
    router = APIRouter(tags=["Documentation"], dependencies=[Depends(public(services.access))])
    greets = Depends(greeted(services.access))
    html: Responses = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}
    css: Responses = {200: {"content": {"text/css": {"schema": {"type": "string"}}}}}

    @router.get("/openapi.json", summary="This interface, as OpenAPI 3.1")
    def openapi_document() -> dict[str, Any]:
        content = orjson.dumps(app.openapi())
        return Response(content, media_type="application/json")  # type: ignore[return-value]

    @router.get(
        "/docs", summary="This interface, as a page", response_class=Response, responses=html
    )
    def reference_page(request: Request, visitor: Visitor = greets) -> Response:
        shown = reference(app.openapi())
        return page(request, "reference.html", page="docs", visitor=visitor, **shown)

    @router.get(
        "/docs/reading.css", summary="Style of the pages", response_class=Response, responses=css
    )
    def reading_style() -> Response:
        return style_sheet()

    return router
