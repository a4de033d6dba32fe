"""/v1/drugs, /v1/gene-sets, /v1/claims and /v1/bundles."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from serving.access.requirement import requires
from serving.catalogue.bundles import list_bundles
from serving.catalogue.claims import ClaimCatalogue
from serving.catalogue.drugs import describe_drug, list_drugs, state_of
from serving.catalogue.gene_sets import describe_gene_set, list_gene_sets
from serving.catalogue.listing import answer_listing, answer_one, refuse_parameters
from serving.catalogue.queries import BundleQuery, ClaimQuery, DrugQuery, GeneSetQuery
from serving.catalogue.schemas import (
    BundleList,
    ClaimAnswer,
    ClaimList,
    DrugDetail,
    DrugList,
    GeneSetDetail,
    GeneSetList,
)
from serving.services import Services

Responses = dict[int | str, dict[str, Any]]
KNOWN: Responses = {304: {"description": "The page that If-None-Match names is still right."}}
PAGE: Responses = {
    **KNOWN,
    200: {
        "description": "A page; the header Link leads to the next one.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    },
}


def catalogue_router(services: Services) -> APIRouter:
    """Routes of the lists."""
    router = APIRouter(
        tags=["Catalogue"], dependencies=[Depends(requires(services.access, "predict"))]
    )
    _add_drugs(router, services)
    _add_gene_sets(router, services)
    _add_claims(router)

    @router.get(
        "/v1/bundles",
        summary="Registered bundles, and which one answers",
        response_model=BundleList,
        responses=PAGE,
    )
    def bundles(request: Request, query: Annotated[BundleQuery, Query()]) -> Response:
        return answer_listing(request, list_bundles(services.bundles, query), query)

    return router


def _add_drugs(router: APIRouter, services: Services) -> None:
    @router.get(
        "/v1/drugs",
        summary="Drugs of the bundle that answers, with what their evidence amounts to",
        response_model=DrugList,
        responses=PAGE,
    )
    def drugs(request: Request, query: Annotated[DrugQuery, Query()]) -> Response:
        return answer_listing(request, list_drugs(services.bundles.require(), query), query)

    # A path: names of drugs may hold slashes.
    @router.get(
        "/v1/drugs/{drug:path}",
        summary="The evidence card and the label card of a drug",
        response_model=DrugDetail,
        responses=KNOWN,
        dependencies=[Depends(refuse_parameters)],
    )
    def drug(request: Request, drug: str) -> Response:
        served = services.bundles.require()
        return answer_one(request, describe_drug(served, drug), state_of(served))


def _add_gene_sets(router: APIRouter, services: Services) -> None:
    @router.get(
        "/v1/gene-sets",
        summary="Gene sets of the bundle that answers; in CSV a row a set and gene",
        response_model=GeneSetList,
        responses=PAGE,
    )
    def gene_sets(request: Request, query: Annotated[GeneSetQuery, Query()]) -> Response:
        return answer_listing(request, list_gene_sets(services.bundles.require(), query), query)

    @router.get(
        "/v1/gene-sets/{name:path}",
        summary="A gene set, gene by gene, with sources and directions",
        response_model=GeneSetDetail,
        responses=KNOWN,
        dependencies=[Depends(refuse_parameters)],
    )
    def gene_set(request: Request, name: str) -> Response:
        served = services.bundles.require()
        return answer_one(request, describe_gene_set(served, name), state_of(served))


def _add_claims(router: APIRouter) -> None:
    catalogue = ClaimCatalogue()

    @router.get(
        "/v1/claims",
        summary="Claims of the literature, and which of them contradict each other",
        response_model=ClaimList,
        responses=PAGE,
    )
    def claims(request: Request, query: Annotated[ClaimQuery, Query()]) -> Response:
        return answer_listing(request, catalogue.list(query), query)

    @router.get(
        "/v1/claims/{claim_id}",
        summary="One claim",
        response_model=ClaimAnswer,
        responses=KNOWN,
        dependencies=[Depends(refuse_parameters)],
    )
    def claim(request: Request, claim_id: str) -> Response:
        return answer_one(request, catalogue.describe(claim_id), catalogue.version)
