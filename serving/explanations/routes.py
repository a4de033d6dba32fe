"""/v1/explanations: the handler that answers, and the route that describes it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Response
from starlette.types import ASGIApp

from features.claims import load_claims
from serving.access.requirement import requires
from serving.examples import SHORT, explanation_examples
from serving.explanations.claim_index import ClaimIndex
from serving.explanations.endpoint import ExplanationEndpoint
from serving.explanations.schemas import (
    ExplainByColumn,
    ExplainByProfile,
    ExplanationAnswer,
)
from serving.predictions.request_body import json_body
from serving.services import Services
from serving.uploads.documentation import with_files
from serving.uploads.options import OF_A_QUESTION

PATH = "/v1/explanations"


def explanation_paths(services: Services) -> Mapping[tuple[str, str], ASGIApp]:
    """Handlers that go before FastAPI's routing."""
    return {("POST", PATH): ExplanationEndpoint(services, ClaimIndex(load_claims()))}


def explanations_router(services: Services) -> APIRouter:
    """Describe the route for the OpenAPI file, and for requests of another method."""
    router = APIRouter(tags=["Predictions"])
    body = json_body((ExplainByColumn, ExplainByProfile), explanation_examples(SHORT))

    @router.post(
        PATH,
        summary="Say what each answer rests on",
        response_model=ExplanationAnswer,
        dependencies=[Depends(requires(services.access, "predict"))],
        openapi_extra=with_files(body, OF_A_QUESTION | {"top"}),
    )
    async def explain() -> Response:
        raise AssertionError("the bare handler of this path answers")  # pragma: no cover

    return router
