"""/v1/reviews: bundles at the desk, the queue, and judgements."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from serving.access.callers import Caller
from serving.access.requirement import requires
from serving.catalogue.listing import refuse_parameters, refuse_repeated
from serving.reviews.answers import (
    CONFLICT,
    IfMatch,
    Responses,
    answer_json,
    next_page,
    seen_version,
)
from serving.reviews.decision_routes import add_accounts, add_sign_offs
from serving.reviews.entries import NewEntry, assign, judge
from serving.reviews.histories import read_finding
from serving.reviews.material_store import list_bundles
from serving.reviews.queries import FindingQuery
from serving.reviews.queue import list_findings
from serving.reviews.requests import AssignmentBody, EntryBody
from serving.reviews.reviewers import (
    READ,
    WRITE,
    named_reviewer,
    role_of,
)
from serving.reviews.schemas import (
    FindingDetail,
    FindingPage,
    ReviewedBundleList,
)
from serving.services import Services
from serving.strict_route import strict_route

FindingId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
FINDING = "/v1/reviews/findings/{finding}"
CSV: Responses = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


def reviews_router(services: Services) -> APIRouter:
    """Routes of the review desk."""
    router = APIRouter(tags=["Reviews"], route_class=strict_route(services.settings))
    _add_reading(router, services)
    _add_bundles(router, services)
    _add_judging(router, services)
    add_sign_offs(router, services)
    add_accounts(router, services)
    return router


def _add_reading(router: APIRouter, services: Services) -> None:
    database, reads = services.access.database, Depends(requires(services.access, *READ))

    @router.get(
        "/v1/reviews/findings",
        summary="Findings to judge, the most pressing first",
        response_model=FindingPage,
        dependencies=[reads],
    )
    def review_findings(request: Request, query: Annotated[FindingQuery, Query()]) -> Response:
        refuse_repeated(request, query)
        page = list_findings(database, query.filters(), limit=query.limit, cursor=query.cursor)
        following = next_page(request, page.next_cursor)
        return answer_json({"items": page.findings, "total": page.total, "next": following})

    @router.get(
        FINDING,
        summary="A finding with its history",
        response_model=FindingDetail,
        dependencies=[reads, Depends(refuse_parameters)],
    )
    def review_finding(finding: FindingId) -> Response:
        return answer_json(read_finding(database, finding))


def _add_bundles(router: APIRouter, services: Services) -> None:
    database, settings = services.access.database, services.settings
    reads = Depends(requires(services.access, *READ))

    @router.get(
        "/v1/reviews/bundles",
        summary="Bundles at the review desk, and what the caller may do there",
        response_model=ReviewedBundleList,
        dependencies=[Depends(refuse_parameters)],
    )
    def review_bundles(caller: Caller = reads) -> Response:
        about = {
            "items": [asdict(bundle) for bundle in list_bundles(database)],
            "role": role_of(caller),
            "two_person_rule": settings.two_person_rule,
            "sign_off_role": settings.sign_off_role,
        }
        return answer_json(about)


def _add_judging(router: APIRouter, services: Services) -> None:
    database, writes = services.access.database, Depends(requires(services.access, *WRITE))

    @router.post(
        f"{FINDING}/entries",
        summary="Judge a finding, or take a judgement back",
        status_code=201,
        response_model=FindingDetail,
        responses=CONFLICT,
        dependencies=[Depends(refuse_parameters)],
    )
    def judge_finding(
        finding: FindingId, body: EntryBody, if_match: IfMatch, caller: Caller = writes
    ) -> Response:
        judged = judge(
            database,
            finding,
            NewEntry(body.verdict, body.comment, body.reference),
            seen_version=seen_version(if_match),
            reviewer=named_reviewer(caller),
            now=_now(services),
        )
        return answer_json(judged, status=201)

    @router.post(
        f"{FINDING}/assignment",
        summary="Give a finding to a reviewer",
        status_code=201,
        response_model=FindingDetail,
        responses={412: CONFLICT[412]},
        dependencies=[Depends(refuse_parameters)],
    )
    def assign_finding(
        finding: FindingId, body: AssignmentBody, if_match: IfMatch, caller: Caller = writes
    ) -> Response:
        assigned = assign(
            database,
            finding,
            body.assignee,
            seen_version=seen_version(if_match),
            reviewer=named_reviewer(caller),
            now=_now(services),
        )
        return answer_json(assigned, status=201)


def _now(services: Services) -> datetime:
    return datetime.fromtimestamp(services.clock(), UTC)
