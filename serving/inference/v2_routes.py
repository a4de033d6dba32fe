"""The Open Inference Protocol: /v2, its health, its model and inference."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from serving.access.requirement import public, requires
from serving.bundles.readiness import readiness
from serving.errors import NotFoundError, UnsupportedMediaError
from serving.examples import SHORT, tensor_examples
from serving.inference.v2_metadata import model_metadata, server_metadata
from serving.inference.v2_outputs import MODEL_NAME, infer_answer
from serving.inference.v2_request import read_infer_request
from serving.inference.v2_schemas import (
    InferAnswer,
    InferRequestBody,
    Live,
    ModelMetadata,
    ModelReady,
    Ready,
    ServerMetadata,
)
from serving.predictions.endpoint import ask, note_answers
from serving.predictions.request_body import json_body
from serving.request_context import RequestContext, context_of
from serving.services import Services

if TYPE_CHECKING:
    from serving.bundles.served import ServedBundle

JSON, BINARY = "application/json", "application/octet-stream"
HEADER_LENGTH = "Inference-Header-Content-Length"
MODEL = "/v2/models/{name}"
VERSION = f"{MODEL}/versions/{{version}}"


def v2_router(services: Services) -> APIRouter:
    """Routes of the Open Inference Protocol."""
    router = APIRouter(tags=["Open Inference Protocol"])
    _add_health(router, services)
    allowed = [Depends(requires(services.access, "predict"))]

    @router.get("/v2", summary="What this server is", dependencies=allowed)
    async def server() -> ServerMetadata:
        return ServerMetadata(**server_metadata())

    with_key = APIRouter(tags=["Open Inference Protocol"], dependencies=allowed)
    _add_model(with_key, services)
    _add_inference(with_key, services)
    router.include_router(with_key)
    return router


def _add_health(router: APIRouter, services: Services) -> None:
    open_to_all = [Depends(public(services.access))]

    @router.get("/v2/health/live", summary="Whether the process answers", dependencies=open_to_all)
    async def live() -> Live:
        return Live(live=True)

    @router.get(
        "/v2/health/ready",
        summary="Whether predictions are answered, and by which bundle",
        response_model=Ready,
        responses={503: {"model": Ready, "description": "No bundle is loaded."}},
        dependencies=open_to_all,
    )
    async def ready() -> Response:
        status, state = readiness(services.bundles.state())
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": "5"} if status == 503 else {})
        return Response(orjson.dumps(state), status, headers, media_type=JSON)


def _add_model(router: APIRouter, services: Services) -> None:
    def described(served: ServedBundle) -> Response:
        known = [known.version for known in services.bundles.versions()]
        versions = known or [served.version for _ in (1,) if served.version is not None]
        content = model_metadata(served, versions, services.approvals)
        return Response(orjson.dumps(content), media_type=JSON)

    @router.get(MODEL, summary="What the model takes and gives", response_model=ModelMetadata)
    async def model(name: str) -> Response:
        return described(_served(services, name))

    @router.get(VERSION, summary="What a version takes and gives", response_model=ModelMetadata)
    async def model_version(name: str, version: str) -> Response:
        return described(_served(services, name, version))

    @router.get(f"{MODEL}/ready", summary="Whether the model answers")
    async def model_ready(name: str) -> ModelReady:
        _served(services, name)
        return ModelReady(name=name, ready=True)

    @router.get(f"{VERSION}/ready", summary="Whether a version answers; it is fetched if need be")
    async def version_ready(name: str, version: str) -> ModelReady:
        _served(services, name, version)
        return ModelReady(name=name, ready=True)


def _add_inference(router: APIRouter, services: Services) -> None:
    body = json_body((InferRequestBody,), tensor_examples(SHORT))
    body["content"][BINARY] = {"schema": {"type": "string", "contentMediaType": BINARY}}
    described: dict[str, Any] = {
        "response_model": InferAnswer,
        "response_model_exclude_none": True,
        "responses": {
            200: {"content": {BINARY: {"schema": {"type": "string", "contentMediaType": BINARY}}}}
        },
        "openapi_extra": {"requestBody": body},
    }

    @router.post(f"{MODEL}/infer", summary="Predict, profiles as tensors", **described)
    async def infer(request: Request, name: str) -> Response:
        return await _infer(request, services, _served(services, name))

    @router.post(f"{VERSION}/infer", summary="Predict with one version", **described)
    async def infer_version(request: Request, name: str, version: str) -> Response:
        return await _infer(request, services, _served(services, name, version))


async def _infer(request: Request, services: Services, served: ServedBundle) -> Response:
    content_type = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if content_type not in (JSON, BINARY):
        raise UnsupportedMediaError(
            "The body is not said to be tensors.",
            needed=f"Content-Type: {JSON}, or {BINARY} with {HEADER_LENGTH}.",
            remedy="name the form of the body in the header Content-Type.",
        )
    length, context = request.headers.get(HEADER_LENGTH), context_of(request.scope)
    body = await request.body()
    return await asyncio.to_thread(_answer, body, length, services, served, context)


def _answer(
    body: bytes,
    header_length: str | None,
    services: Services,
    served: ServedBundle,
    context: RequestContext,
) -> Response:
    asked = read_infer_request(body, header_length, services.settings)
    answers, review = ask(asked.question, served, context, services)
    note_answers(answers, served, context, services)
    encoded, length = infer_answer(
        answers,
        served,
        review,
        wanted=asked.outputs,
        request_id=asked.request_id,
        aliases=_aliases(services, served),
    )
    headers = {"Cache-Control": "no-store"}
    if length is None:
        return Response(encoded, headers=headers, media_type=JSON)
    return Response(encoded, headers=headers | {HEADER_LENGTH: str(length)}, media_type=BINARY)


def _served(services: Services, name: str, version: str | None = None) -> ServedBundle:
    if name != MODEL_NAME:
        raise NotFoundError(
            "There is no such model.",
            needed=f"the model {MODEL_NAME}.",
            remedy=f"ask /v2/models/{MODEL_NAME}.",
        )
    return services.bundles.require() if version is None else services.bundles.version(version)


def _aliases(services: Services, served: ServedBundle) -> tuple[str, ...]:
    known = services.bundles.versions()
    return next((one.aliases for one in known if one.version == served.version), ())
