"""/v1/validations: the handler that answers, and the route that describes it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Response
from starlette.types import ASGIApp

from serving.access.requirement import requires
from serving.examples import SHORT, validation_examples
from serving.predictions.request_body import json_body
from serving.services import Services
from serving.uploads.documentation import with_files
from serving.uploads.options import OF_A_FILE
from serving.validations.endpoint import ValidationEndpoint
from serving.validations.schemas import (
    ValidateByColumn,
    ValidateByProfile,
    ValidationAnswer,
)

PATH = "/v1/validations"


def validation_paths(services: Services) -> Mapping[tuple[str, str], ASGIApp]:
    """Handlers that go before FastAPI's routing."""
    return {("POST", PATH): ValidationEndpoint(services)}


def validations_router(services: Services) -> APIRouter:
    """Describe the route for the OpenAPI file, and for requests of another method."""
    router = APIRouter(tags=["Predictions"])
    body = json_body((ValidateByColumn, ValidateByProfile), validation_examples(SHORT))

    @router.post(
        PATH,
        summary="Say what is in profiles or a file, and whether they would be accepted",
        response_model=ValidationAnswer,
        dependencies=[Depends(requires(services.access, "predict"))],
        openapi_extra=with_files(body, OF_A_FILE),
    )
    async def validate() -> Response:
        raise AssertionError("the bare handler of this path answers")  # pragma: no cover

    return router
