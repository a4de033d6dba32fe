"""GET /v1/drift, and the page /drift."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from serving.access.callers import Scope
from serving.access.requirement import public, requires
from serving.catalogue.listing import refuse_repeated
from serving.drift.questions import drift_answer
from serving.drift.schemas import DriftAnswer, DriftQuery
from serving.pages.site import Site
from serving.private import private_json
from serving.services import Services

PAGE_DAYS = (1, 7, 30, 90, 365)


def drift_router(services: Services) -> APIRouter:
    """Routes of drift."""
    router = APIRouter(tags=["Operation"])

    @router.get(
        "/v1/drift",
        summary="How the profiles of requests differ from the training lines",
        response_model=DriftAnswer,
        dependencies=[Depends(requires(services.access, "operate"))],
    )
    def drift(request: Request, query: Annotated[DriftQuery, Query()]) -> Response:
        refuse_repeated(request, query)
        return private_json(drift_answer(services, query))

    _add_page(router, services)
    return router


def _add_page(router: APIRouter, services: Services) -> None:
    site, settings = Site(services), services.settings

    def values() -> dict[str, Any]:
        return {
            "days": settings.drift_days,
            "choices": sorted({*PAGE_DAYS, settings.drift_days}),
            "is_on": settings.drift,
            "least_profiles": settings.drift_least_profiles,
            "store_seconds": f"{settings.drift_store_seconds:g}",
            "submits": settings.drift_submit,
            "again_days": settings.drift_again_days,
        }

    everybody = [Depends(public(services.access))]

    @router.get("/drift", include_in_schema=False, dependencies=everybody)
    async def drift_page(request: Request) -> Response:
        scopes = (Scope.OPERATE,)
        return await site.show(request, "drift.html", values, scopes=scopes, page="drift")
