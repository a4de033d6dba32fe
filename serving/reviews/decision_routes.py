"""/v1/reviews: signing off, export and audit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from serving.access.callers import Caller
from serving.access.requirement import requires
from serving.catalogue.listing import refuse_parameters, refuse_repeated
from serving.negotiation import choose_media_type
from serving.predictions.answer_csv import MEDIA_TYPE as CSV_TYPE
from serving.reviews.answers import (
    CONFLICT,
    NO_STORE,
    IfMatch,
    Responses,
    answer_json,
    next_page,
    seen_version,
)
from serving.reviews.decisions import list_decisions
from serving.reviews.export import export_csv, export_json
from serving.reviews.queries import AuditQuery, ExportQuery, SignOffQuery
from serving.reviews.requests import SignOffBody
from serving.reviews.reviewers import READ, WRITE, named_reviewer, refuse_all_but_leads
from serving.reviews.schemas import DecisionPage, DrugsToSign, DrugToSign, ExportAnswer
from serving.reviews.sign_offs import NewSignOff, list_drugs, sign_off
from serving.services import Services
from serving.settings import ServingSettings

CSV: Responses = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}


def add_sign_offs(router: APIRouter, services: Services) -> None:
    """Add the routes of sign-offs."""
    database, settings = services.access.database, services.settings
    n_people = n_people_needed(settings)
    reads, writes = (Depends(requires(services.access, *scopes)) for scopes in (READ, WRITE))

    @router.get(
        "/v1/reviews/sign-offs",
        summary="Drugs of a bundle: what is decided on, and what was decided",
        response_model=DrugsToSign,
        dependencies=[reads],
    )
    def sign_offs(request: Request, query: Annotated[SignOffQuery, Query()]) -> Response:
        refuse_repeated(request, query)
        drugs = list_drugs(database, query.bundle, n_people=n_people, drug=query.drug)
        return answer_json({"items": drugs})

    @router.post(
        "/v1/reviews/sign-offs",
        summary="Approve a drug of a bundle, approve it with limits, or reject it",
        status_code=201,
        response_model=DrugToSign,
        responses={412: CONFLICT[412]},
        dependencies=[Depends(refuse_parameters)],
    )
    def sign_drug_off(body: SignOffBody, if_match: IfMatch, caller: Caller = writes) -> Response:
        reviewer = named_reviewer(caller)
        if settings.sign_off_role == "lead":
            refuse_all_but_leads(reviewer, "sign a drug off")
        signed = sign_off(
            database,
            NewSignOff(**body.model_dump()),
            seen_version=seen_version(if_match),
            reviewer=reviewer,
            now=datetime.fromtimestamp(services.clock(), UTC),
            n_people=n_people,
        )
        services.approvals.look_now()
        return answer_json(signed, status=201)


def add_accounts(router: APIRouter, services: Services) -> None:
    """Add the routes that give account of the desk."""
    database, reviews = services.access.database, Depends(requires(services.access, *WRITE))
    n_people = n_people_needed(services.settings)

    @router.get(
        "/v1/reviews/export",
        summary="Everything about a bundle as JSON, or one table as CSV, by Accept",
        response_model=ExportAnswer,
        responses=CSV,
        dependencies=[reviews],
    )
    def export_reviews(request: Request, query: Annotated[ExportQuery, Query()]) -> Response:
        refuse_repeated(request, query)
        offered = ("application/json", "text/csv")
        if choose_media_type(request.headers.get("accept"), offered) == offered[0]:
            return answer_json(export_json(database, query.bundle, n_people=n_people))
        content = export_csv(database, query.bundle, query.what, n_people=n_people)
        return Response(content, headers=NO_STORE, media_type=CSV_TYPE)

    @router.get(
        "/v1/reviews/audit",
        summary="Who decided what, when, on which figures; newest first",
        response_model=DecisionPage,
        dependencies=[reviews],
    )
    def audit_reviews(request: Request, query: Annotated[AuditQuery, Query()]) -> Response:
        refuse_repeated(request, query)
        decisions, cursor = list_decisions(
            database,
            bundle_sha256=query.bundle,
            drug=query.drug,
            reviewer=query.reviewer,
            limit=query.limit,
            cursor=query.cursor,
        )
        return answer_json({"items": decisions, "next": next_page(request, cursor)})


def n_people_needed(settings: ServingSettings) -> int:
    """How many different people an approval takes."""
    return 2 if settings.two_person_rule else 1
