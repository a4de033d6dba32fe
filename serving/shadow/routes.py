"""GET /v1/shadow, and the page /shadow."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from serving.access.callers import Scope
from serving.access.requirement import public, requires
from serving.catalogue.listing import refuse_repeated
from serving.pages.site import Site
from serving.private import private_json
from serving.services import Services
from serving.shadow.questions import shadow_answer
from serving.shadow.recorder import LEAST_PROFILES
from serving.shadow.schemas import ShadowAnswer, ShadowQuery


def shadow_router(services: Services) -> APIRouter:
    """Routes of the live shadow."""
    router = APIRouter(tags=["Operation"])

    @router.get(
        "/v1/shadow",
        summary="How the challenger answers the same requests as the champion",
        response_model=ShadowAnswer,
        dependencies=[Depends(requires(services.access, "operate"))],
    )
    def shadow(request: Request, query: Annotated[ShadowQuery, Query()]) -> Response:
        refuse_repeated(request, query)
        return private_json(shadow_answer(services, query))

    _add_page(router, services)
    return router


def _add_page(router: APIRouter, services: Services) -> None:
    site, settings = Site(services), services.settings

    def values() -> dict[str, Any]:
        return {
            "is_on": settings.shadow_share > 0,
            "least_profiles": LEAST_PROFILES,
            "store_seconds": f"{settings.shadow_store_seconds:g}",
        }

    everybody = [Depends(public(services.access))]

    @router.get("/shadow", include_in_schema=False, dependencies=everybody)
    async def shadow_page(request: Request) -> Response:
        scopes = (Scope.OPERATE,)
        return await site.show(request, "shadow.html", values, scopes=scopes, page="shadow")
