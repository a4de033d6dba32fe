"""/v1/session: who the caller is, and what the caller may do."""

from __future__ import annotations

from typing import Literal

import orjson
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from serving.access.callers import Caller, Scope
from serving.access.credentials import read_credential
from serving.access.requirement import requires
from serving.access.session_tokens import page_token
from serving.catalogue.listing import refuse_parameters
from serving.reading_pages import OWN
from serving.reviews.reviewers import role_of
from serving.services import Services


class SessionAnswer(BaseModel):
    """Whoever calls."""

    name: str | None = Field(description="Of the API key; null in open mode.")
    key_id: str | None = Field(description="Public part of the API key; null in open mode.")
    role: Literal["viewer", "reviewer", "lead", "admin"] | None
    scopes: list[Scope]
    open_mode: bool
    csrf_token: str | None = Field(
        description="For the header X-CSRF-Token; null where no cookie speaks for the caller."
    )


def session_router(services: Services) -> APIRouter:
    """Route of the login that holds."""
    router = APIRouter(tags=["Access"])
    anybody = Depends(requires(services.access, *Scope))
    cookies = services.access.cookies

    @router.get(
        "/v1/session",
        summary="Who the caller is, and what the caller may do",
        response_model=SessionAnswer,
        dependencies=[Depends(refuse_parameters)],
    )
    def session(request: Request, caller: Caller = anybody) -> Response:
        headers = request.scope["headers"]
        by_key = caller.open_mode or read_credential(headers) is not None
        secret = None if by_key else cookies.read_session(headers)
        about = {
            "name": None if caller.open_mode else caller.name,
            "key_id": caller.key_id,
            "role": role_of(caller),
            "scopes": [scope for scope in Scope if scope in caller.scopes],
            "open_mode": caller.open_mode,
            "csrf_token": None if secret is None else page_token(secret),
        }
        return Response(orjson.dumps(about), media_type="application/json", headers=OWN)

    return router
