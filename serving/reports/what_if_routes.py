"""The page that takes the answer for one profile apart, and lets its genes be moved."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from serving.access.requirement import public, requires
from serving.pages.site import Site
from serving.private import PRIVATE
from serving.reports.what_if import gene_ranges, what_if_page
from serving.services import Services


class WhatIfQuery(BaseModel):
    """Of which drug."""

    model_config = ConfigDict(extra="forbid")

    drug: str | None = Field(None, min_length=1, max_length=200)


def what_if_router(services: Services) -> APIRouter:
    """Routes of the page; the profile itself goes to /v1/explanations, and is kept nowhere."""
    router = APIRouter(include_in_schema=False)
    site = Site(services)

    def values(drug: str | None) -> dict[str, Any]:
        served = site.served()
        return what_if_page(served, services.approvals.snapshot.standing(served), drug)

    @router.get("/what-if", dependencies=[Depends(public(services.access))])
    async def what_if(request: Request, query: Annotated[WhatIfQuery, Query()]) -> Response:
        return await site.show(request, "what_if.html", lambda: values(query.drug), page="what-if")

    @router.get("/what-if/genes", dependencies=[Depends(requires(services.access, "predict"))])
    def genes(response: Response) -> dict[str, Any]:
        response.headers.update(PRIVATE)
        return gene_ranges(site.served())

    return router
