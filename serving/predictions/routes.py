"""/v1/predictions: the handler that answers, and the route that describes it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Depends, Response
from starlette.types import ASGIApp

from serving.access.requirement import requires
from serving.examples import SHORT, prediction_examples
from serving.predictions.endpoint import CSV, PARQUET, PredictionEndpoint
from serving.predictions.request_body import json_body
from serving.predictions.schemas import (
    PredictionAnswer,
    QuestionByColumn,
    QuestionByProfile,
)
from serving.services import Services
from serving.uploads.answer_parquet import predictions_parquet
from serving.uploads.documentation import with_files
from serving.uploads.options import OF_A_QUESTION
from serving.uploads.upload import read_question_with_file

PATH = "/v1/predictions"


def prediction_paths(services: Services) -> Mapping[tuple[str, str], ASGIApp]:
    """Handlers that go before FastAPI's routing."""
    endpoint = PredictionEndpoint(services, read_question_with_file, predictions_parquet)
    return {("POST", PATH): endpoint}


def predictions_router(services: Services) -> APIRouter:
    """Describe the route for the OpenAPI file, and for requests of another method."""
    router = APIRouter(tags=["Predictions"])
    body = json_body(
        (QuestionByColumn, QuestionByProfile),
        prediction_examples(SHORT),
    )

    @router.post(
        PATH,
        summary="Predict how sensitive each sample is to each drug",
        response_model=PredictionAnswer,
        responses={
            200: {
                "description": "One answer a sample and drug.",
                "content": {
                    CSV: {"schema": {"type": "string"}},
                    PARQUET: {"schema": {"type": "string", "contentMediaType": PARQUET}},
                },
            }
        },
        dependencies=[Depends(requires(services.access, "predict"))],
        openapi_extra=with_files(body, OF_A_QUESTION),
    )
    async def predict() -> Response:
        raise AssertionError("the bare handler of this path answers")  # pragma: no cover

    return router
