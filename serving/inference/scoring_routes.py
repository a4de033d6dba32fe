"""MLflow's scoring protocol: /invocations, /ping, /health and /version."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from models.conformal import CONFORMAL_SETS, LABELS
from serving.access.requirement import public, requires
from serving.errors import InvalidField, UnsupportedMediaError
from serving.examples import SHORT, scoring_examples
from serving.inference.options import read_options
from serving.inference.scoring_schemas import FORM_BODIES, CsvQuery, ScoringAnswer
from serving.inference.tables import FORMS, profiles_of, read_csv, read_form
from serving.predictions.endpoint import ask, headers_of, note_answers
from serving.predictions.fields import invalid
from serving.predictions.request_body import json_body
from serving.request_context import RequestContext, context_of
from serving.services import Services
from serving.strict_json import parse_strict
from serving.strict_route import json_limits

if TYPE_CHECKING:
    from models.compiled import CompiledAnswers
    from serving.bundles.served import ServedBundle
    from serving.predictions.question import Question
    from serving.reviews.answered import Review

JSON, CSV, TEXT = "application/json", "text/csv", "text/plain"
SHOWN_SHA256 = 12


def scoring_router(services: Services) -> APIRouter:
    """Routes of MLflow's scoring protocol."""
    router = APIRouter(tags=["MLflow scoring"])
    _add_health(router, services)
    body = json_body(FORM_BODIES, scoring_examples(SHORT))
    body["content"][CSV] = {"schema": {"type": "string"}}

    @router.post(
        "/invocations",
        summary="Predict, profiles as a table",
        response_model=ScoringAnswer,
        dependencies=[Depends(requires(services.access, "predict"))],
        openapi_extra={"requestBody": body},
    )
    async def invocations(request: Request, query: Annotated[CsvQuery, Query()]) -> Response:
        served = services.bundles.require()
        form = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
        raw, context = await request.body(), context_of(request.scope)
        return await asyncio.to_thread(_answer, raw, form, query, services, served, context)

    return router


def _add_health(router: APIRouter, services: Services) -> None:
    content = {TEXT: {"schema": {"type": "string"}}}
    described: dict[str, Any] = {
        "response_class": Response,
        "responses": {
            200: {"content": content},
            503: {"content": content, "description": "No bundle is loaded."},
        },
        "dependencies": [Depends(public(services.access))],
    }

    async def alive() -> Response:
        status = 503 if services.bundles.current() is None else 200
        return Response("\n", status, {"Cache-Control": "no-store"}, media_type=TEXT)

    # One route answers, so that Allow names both methods; OpenAPI has one for each of them.
    allowed = described["dependencies"]
    router.add_api_route(
        "/ping", alive, methods=["GET", "POST"], include_in_schema=False, dependencies=allowed
    )

    @router.get("/ping", summary="200 when predictions are answered", **described)
    async def ping() -> Response:
        return await alive()

    @router.post("/ping", summary="200 when predictions are answered", **described)
    async def ping_by_post() -> Response:
        return await alive()

    @router.get("/health", summary="200 when predictions are answered", **described)
    async def health() -> Response:
        return await alive()

    @router.get(
        "/version",
        summary="Version of cupromark",
        response_class=Response,
        responses={200: {"content": content}},
        dependencies=allowed,
    )
    async def cupromark_version() -> Response:
        return Response(version("cupromark"), media_type=TEXT)


def _answer(
    raw: bytes,
    form: str,
    query: CsvQuery,
    services: Services,
    served: ServedBundle,
    context: RequestContext,
) -> Response:
    question = _question(raw, form, query, services)
    answers, review = ask(question, served, context, services)
    note_answers(answers, served, context, services)
    body = orjson.dumps({"predictions": list(_records(answers, served, review))})
    further = {name.decode(): value.decode() for name, value in headers_of(review)}
    return Response(body, headers={"Cache-Control": "no-store"} | further, media_type=JSON)


def _question(raw: bytes, form: str, query: CsvQuery, services: Services) -> Question:
    settings, wrong = services.settings, list[InvalidField]()
    options = query.model_dump(exclude_unset=True)
    if form == CSV:
        profiles = profiles_of(read_csv(raw, settings), settings, wrong, at="")
        question = read_options(options, profiles, settings, wrong, at="?")
    elif form == JSON:
        wrong += [InvalidField(f"?{name}", "is for CSV; JSON has `params`") for name in options]
        document = parse_strict(raw, limits=json_limits(settings))
        question = _from_json(document, services, wrong)
    else:
        raise UnsupportedMediaError(
            "The body is neither JSON nor CSV.",
            needed=f"Content-Type: {JSON} or {CSV}.",
            remedy="send one of these; files of other formats are read at /v1/predictions.",
        )
    if wrong or question is None:
        raise invalid(*wrong)
    return question


def _from_json(document: object, services: Services, wrong: list[InvalidField]) -> Question | None:
    if not isinstance(document, dict):
        wrong.append(InvalidField("", f"must be an object with one of {', '.join(FORMS)}"))
        return None
    known = {*FORMS, "params"}
    wrong += [
        InvalidField(f"/{name}", "is no field here") for name in document if name not in known
    ]
    params = document.get("params")
    if params is not None and not isinstance(params, dict):
        wrong.append(InvalidField("/params", "must be an object"))
    found = read_form(document, wrong)
    if wrong or found is None:
        return None
    at, table = found
    profiles = profiles_of(table, services.settings, wrong, at=at)
    return read_options(params or {}, profiles, services.settings, wrong, at="/params/")


def _records(
    answers: CompiledAnswers, served: ServedBundle, review: Review
) -> Iterator[dict[str, Any]]:
    """One record a sample and drug: the columns of `models.pyfunc_model`, then its approval."""
    bundle, coverage, marks = served.bundle, answers.coverage, review.marks
    for at, sample in enumerate(answers.sample_ids):
        percentile = float(answers.domain_percentile[at])
        for of, drug in enumerate(answers.drugs):
            code = int(answers.set_codes[at, of])
            yield {
                "sample_id": sample,
                "drug": drug,
                "probability_sensitive": float(answers.probability_sensitive[at, of]),
                "label": LABELS[code],
                "status": answers.statuses[of],
                "gene_coverage": coverage.fraction,
                "bundle_version": bundle.name,
                "conformal_set": CONFORMAL_SETS[code],
                "alignment": answers.alignment,
                "lineage_used": answers.lineage_used[at],
                "n_genes_missing": len(coverage.missing),
                "cohort": bundle.cohort,
                "simulated": bundle.simulated,
                "bundle_sha256": served.sha256[:SHOWN_SHA256],
                "domain_percentile": None if math.isnan(percentile) else percentile,
                "approval": marks.states[of],
                "approval_limits": marks.limit_texts[of],
                "approval_as_of": review.as_of,
            }
