"""/reviews: the bundles at the desk, the queue of one, and the sign-off of a drug."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from serving.access.requirement import public, requires
from serving.pages.claim_sources import claims_with_sources
from serving.pages.review_values import bundles_page, drug_to_sign_page, queue_page
from serving.pages.site import Site
from serving.reviews.answers import answer_json
from serving.reviews.queries import Sha256, Words
from serving.reviews.reviewers import READ
from serving.reviews.whole_queue import whole_queue
from serving.services import Services

KEPT = {"Cache-Control": "private, max-age=3600"}
Named = Annotated[Words, Path()]
Seen = Annotated[int | None, Query(ge=0, le=2**53)]


def review_pages_router(services: Services) -> APIRouter:
    """Pages of the review desk; programs find the same under /v1/reviews."""
    router = APIRouter(include_in_schema=False)
    _add_pieces(router, services)
    _add_pages(router, Site(services), services)
    return router


def _add_pieces(router: APIRouter, services: Services) -> None:
    """Add what the scripts of the pages fetch."""
    reads = Depends(requires(services.access, *READ))

    @router.get("/reviews/claims", dependencies=[reads])
    def claims() -> Response:
        content = orjson.dumps(claims_with_sources())
        return Response(content, media_type="application/json", headers=KEPT)

    @router.get("/reviews/queue/{bundle}", dependencies=[reads])
    def queue(bundle: Annotated[Sha256, Path()], seen: Seen = None) -> Response:
        return answer_json(whole_queue(services.access.database, bundle, seen=seen))


def _add_pages(router: APIRouter, site: Site, services: Services) -> None:
    everybody = [Depends(public(services.access))]

    @router.get("/reviews", dependencies=everybody)
    async def bundles(request: Request) -> Response:
        return await site.show(
            request, "reviews.html", lambda: bundles_page(services), scopes=READ, page="reviews"
        )

    @router.get("/reviews/{bundle}", dependencies=everybody)
    async def findings(request: Request, bundle: Named) -> Response:
        return await site.show(
            request,
            "review_queue.html",
            lambda: queue_page(services, bundle),
            scopes=READ,
            page="reviews",
        )

    # A path: names of drugs may hold slashes.
    @router.get("/reviews/{bundle}/{drug:path}", dependencies=everybody)
    async def drug(request: Request, bundle: Named, drug: Named) -> Response:
        return await site.show(
            request,
            "review_drug.html",
            lambda: drug_to_sign_page(services, bundle, drug),
            scopes=READ,
            page="reviews",
        )
