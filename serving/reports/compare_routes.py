"""/v1/compare, /v1/compare/{drug}, and the page that shows them."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from serving.access.requirement import public, requires
from serving.bundles.served import ServedBundle
from serving.catalogue.drugs import find_name
from serving.catalogue.listing import refuse_repeated
from serving.errors import NotFoundError
from serving.pages.evidence_strip import known_drug
from serving.pages.site import Site
from serving.reports.choice import CHAMPION
from serving.reports.compare import compare_bundles
from serving.reports.compare_choice import (
    CHALLENGER,
    SIDE_PATTERN,
    at_hand,
    choose_side,
    is_unread,
    usual_other,
)
from serving.reports.compare_drug import compare_drug
from serving.reports.compare_schemas import CompareAnswer, CompareDrugAnswer
from serving.reports.desk import ReportDesk
from serving.reports.orders import RECORD
from serving.services import Services

WHICH = "An alias such as `champion`, the number of a version, or the sha256 of a bundle."


class CompareQuery(BaseModel):
    """Which two bundles."""

    model_config = ConfigDict(extra="forbid")

    a: str = Field(CHAMPION, pattern=SIDE_PATTERN, description=WHICH)
    b: str = Field(CHALLENGER, pattern=SIDE_PATTERN, description=WHICH)


class ComparePageQuery(BaseModel):
    """Which two bundles, and of which drug; all may be chosen on the page."""

    model_config = ConfigDict(extra="forbid")

    a: str = Field(CHAMPION, pattern=SIDE_PATTERN)
    b: str | None = Field(None, pattern=SIDE_PATTERN)
    drug: str | None = Field(None, max_length=200)


def add_comparisons(router: APIRouter, services: Services, desk: ReportDesk) -> None:
    """Add the routes of comparisons, for programs and for people, to those of reports."""
    _add_records(router, services, desk)
    _add_page(router, services)


def _add_records(router: APIRouter, services: Services, desk: ReportDesk) -> None:
    with_key = [Depends(requires(services.access, "predict"))]

    def both(request: Request, query: CompareQuery) -> tuple[ServedBundle, ServedBundle]:
        refuse_repeated(request, query)
        return choose_side(services.bundles, query.a), choose_side(services.bundles, query.b)

    @router.get(
        "/v1/compare",
        summary="Two bundles, drug by drug",
        response_model=CompareAnswer,
        dependencies=with_key,
    )
    def compare(request: Request, query: Annotated[CompareQuery, Query()]) -> dict[str, Any]:
        """Compare what the cards say; while a version is being fetched, the answer is 503."""
        a, b = both(request, query)
        return {**compare_bundles(a, b), "bundles": at_hand(services.bundles)}

    # A path: names of drugs may hold slashes.
    @router.get(
        "/v1/compare/{drug:path}",
        summary="One drug in two bundles: figures, labels, what each rests on, the same lines",
        response_model=CompareDrugAnswer,
        dependencies=with_key,
    )
    def compare_one(
        request: Request, drug: str, query: Annotated[CompareQuery, Query()]
    ) -> dict[str, Any]:
        """Compare two reports; each is made where it is not there yet, in some seconds."""
        a, b = both(request, query)
        name = _in_both(drug, a, b)
        records = [orjson.loads(desk.file(served, name, RECORD)) for served in (a, b)]
        return compare_drug(name, a, b, *records)


def _add_page(router: APIRouter, services: Services) -> None:
    site = Site(services)

    def values(query: ComparePageQuery) -> dict[str, Any]:
        site.served()
        other = query.b or usual_other(services.bundles)
        return {
            "a": query.a,
            "b": other,
            "drug": query.drug,
            "is_unread": is_unread(services.bundles),
            "bundles": at_hand(services.bundles),
        }

    @router.get(
        "/compare", include_in_schema=False, dependencies=[Depends(public(services.access))]
    )
    async def compare_page(
        request: Request, query: Annotated[ComparePageQuery, Query()]
    ) -> Response:
        return await site.show(request, "compare.html", lambda: values(query), page="compare")


def _in_both(drug: str, a: ServedBundle, b: ServedBundle) -> str:
    """Find the drug in both bundles; NotFoundError says where it is not."""
    found = [find_name(drug, served.bundle.drugs) for served in (a, b)]
    if found == [None, None]:
        return known_drug(a, drug)  # which says that there is none
    name = found[0] or found[1]
    if name is None or found[0] != found[1]:
        raise NotFoundError(
            f"{name} is in one of the two bundles only.",
            needed="a drug that both bundles know by the same name.",
            remedy="look at its report in the bundle that knows it.",
        )
    return name
