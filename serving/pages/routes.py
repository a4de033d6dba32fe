"""/, /predict, /drugs, /claims, /gene-sets, and the files that these pages load."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from serving.access.requirement import public, requires
from serving.pages.assets import load_assets
from serving.pages.claim_rows import claims_page
from serving.pages.drug_pages import drug_page, drugs_page, review_of
from serving.pages.evidence_strip import evidence_fragment
from serving.pages.example_profiles import example_profiles
from serving.pages.front import front_page
from serving.pages.gene_set_entries import gene_sets_page
from serving.pages.plotly_file import NAME as PLOTLY
from serving.pages.plotly_file import answer_plotly
from serving.pages.predict_form import predict_page
from serving.pages.site import Site
from serving.private import PRIVATE
from serving.reviews.reviewers import READ
from serving.services import Services

TABLE_TYPE = "text/tab-separated-values; charset=utf-8"


def pages_router(services: Services) -> APIRouter:
    """Pages for people; programs find the same under /v1."""
    router = APIRouter(include_in_schema=False)
    site = Site(services)
    _add_pages(router, site, services)
    _add_drugs(router, site, services)
    _add_pieces(router, site, services)

    @router.get("/static/{version}/{name}", dependencies=[Depends(public(services.access))])
    def static_file(request: Request, version: str, name: str) -> Response:
        if name == PLOTLY:
            return answer_plotly(request, version)
        return load_assets().answer(version, name)

    return router


def _add_pages(router: APIRouter, site: Site, services: Services) -> None:
    everybody = [Depends(public(services.access))]

    @router.get("/", dependencies=everybody)
    async def front(request: Request) -> Response:
        return await site.show(request, "front.html", page="front", **front_page(services))

    @router.get("/predict", dependencies=everybody)
    async def predict(request: Request) -> Response:
        return await site.show(
            request, "predict.html", lambda: _predict_page(site, services), page="predict"
        )

    @router.get("/claims", dependencies=everybody)
    async def claims(request: Request) -> Response:
        return await site.show(request, "claims.html", claims_page, scopes=READ, page="claims")

    @router.get("/gene-sets", dependencies=everybody)
    async def gene_sets(request: Request) -> Response:
        return await site.show(
            request, "gene_sets.html", lambda: gene_sets_page(site.served()), page="gene-sets"
        )


def _add_drugs(router: APIRouter, site: Site, services: Services) -> None:
    everybody = [Depends(public(services.access))]

    @router.get("/drugs", dependencies=everybody)
    async def drugs(request: Request) -> Response:
        return await site.show(
            request, "drugs.html", lambda: _drugs_page(site, services), page="drugs"
        )

    # A path: names of drugs may hold slashes.
    @router.get("/drugs/{drug:path}", dependencies=everybody)
    async def drug(request: Request, drug: str) -> Response:
        return await site.show(
            request,
            "drug.html",
            lambda: _drug_page(site, services, drug),
            scopes=READ,
            page="drugs",
        )


def _add_pieces(router: APIRouter, site: Site, services: Services) -> None:
    """Add what the script of the form fetches with its key."""
    with_key = [Depends(requires(services.access, "predict"))]

    @router.get("/predict/example.tsv", dependencies=with_key)
    def example() -> Response:
        return Response(example_profiles(site.served()), media_type=TABLE_TYPE, headers=PRIVATE)

    @router.get("/predict/evidence/{drug:path}", dependencies=with_key)
    def evidence(drug: str) -> Response:
        html = evidence_fragment(site.served(), drug)
        return Response(html, media_type="text/html; charset=utf-8", headers=PRIVATE)


def _drugs_page(site: Site, services: Services) -> dict[str, Any]:
    served = site.served()
    standing = services.approvals.snapshot.standing(served)
    return {**drugs_page(served), "standing": standing}


def _drug_page(site: Site, services: Services, drug: str) -> dict[str, Any]:
    served = site.served()
    shown = drug_page(served, drug)
    standing = services.approvals.snapshot.standing(served)
    return {**shown, **review_of(standing, shown["drug"])}


def _predict_page(site: Site, services: Services) -> dict[str, Any]:
    served = site.served()
    return predict_page(served, services.approvals.snapshot.standing(served))
