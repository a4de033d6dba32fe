"""/reviews/audit: who decided what, when, on which figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from serving.access.callers import Scope
from serving.access.requirement import public
from serving.errors import InvalidRequestError
from serving.pages.review_values import subject_words
from serving.pages.site import Site, Values
from serving.reviews.decisions import list_decisions, list_people
from serving.reviews.material_store import list_bundles
from serving.reviews.queries import AuditQuery
from serving.reviews.references import reference_address
from serving.services import Services

FILTERS = ("bundle", "drug", "reviewer")
SAID = {
    "withdrawn": "took a judgement back",
    "approve": "approved",
    "approve_with_limits": "approved with limits",
    "reject": "rejected",
}


def audit_router(services: Services) -> APIRouter:
    """Page of the decisions; it goes before the pages of single bundles, whose paths it is like."""
    router = APIRouter(include_in_schema=False)
    site = Site(services)

    @router.get("/reviews/audit", dependencies=[Depends(public(services.access))])
    async def audit(request: Request) -> Response:
        return await site.show(
            request,
            "review_audit.html",
            lambda: audit_page(services, request.query_params),
            scopes=(Scope.REVIEW,),
            page="reviews",
        )

    return router


def audit_page(services: Services, given: Mapping[str, str]) -> Values:
    """Values of the page: the decisions that are asked for, and what can be asked for.

    Raises
    ------
    InvalidRequestError
        The address was not made by this page.
    DatabaseAwayError
        If the database does not answer.
    """
    database = services.access.database
    query = _query({name: value for name, value in given.items() if value})
    decisions, cursor = list_decisions(
        database,
        bundle_sha256=query.bundle,
        drug=query.drug,
        reviewer=query.reviewer,
        limit=query.limit,
        cursor=query.cursor,
    )
    bundles = list_bundles(database)
    asked = query.model_dump(include=set(FILTERS), exclude_none=True)
    return {
        "rows": [_row(each) for each in decisions],
        "asked": asked,
        "bundles": bundles,
        "names": {bundle.sha256: bundle.name for bundle in bundles},
        "people": list_people(database),
        "first": query.cursor is None,
        "newest": f"/reviews/audit?{urlencode(asked)}",
        "older": None if cursor is None else _older(asked, cursor),
    }


def _query(given: Mapping[str, str]) -> AuditQuery:
    try:
        return AuditQuery.model_validate(given)
    except ValidationError:
        raise InvalidRequestError(
            "The address of this page names a filter that there is not, or cannot be read.",
            needed="an address that this page made.",
            remedy="begin again at /reviews/audit.",
        ) from None


def _older(asked: Mapping[str, str], cursor: str) -> str:
    return f"/reviews/audit?{urlencode({**asked, 'cursor': cursor})}"


def _row(decision: Mapping[str, Any]) -> Values:
    at = datetime.fromisoformat(decision["at"])
    bundle, finding = decision["bundle_sha256"], decision["finding_id"]
    about = f"?finding={finding}" if finding else f"/{quote(decision['drug'], safe='')}"
    reference = decision["reference"]
    return {
        **decision,
        "day": at.strftime("%d %B %Y"),
        "time": at.strftime("%H:%M:%S UTC"),
        "subject": subject_words(decision["subject"] or ""),
        "words": _words(decision),
        "address": f"/reviews/{bundle}{about}",
        "reference_address": reference_address(reference) if reference else None,
    }


def _words(decision: Mapping[str, Any]) -> str:
    said = decision["said"]
    if decision["what"] == "assignment":
        return f"assigned to {said}" if said else "assigned to nobody"
    if said in SAID:
        return SAID[said]
    return f"judged {str(said).replace('_', ' ')}"
