"""/problems and /problems/{slug}: what a type of problem means, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from serving.access.requirement import public
from serving.errors import NotFoundError
from serving.negotiation import choose_media_type
from serving.pages.visitor import Visitor, greeted
from serving.problem_types import PROBLEM_TYPES
from serving.reading_pages import Responses, page
from serving.services import Services


class ProblemPage(BaseModel):
    """A type of problem: `type` never changes its meaning."""

    type: str
    slug: str
    status: int
    title: str
    cause: str
    remedy: str


def problem_router(services: Services) -> APIRouter:
    """Pages of the types of problems."""
    router = APIRouter(tags=["Problems"], dependencies=[Depends(public(services.access))])
    greets = Depends(greeted(services.access))
    html: Responses = {200: {"content": {"text/html": {"schema": {"type": "string"}}}}}

    @router.get(
        "/problems",
        summary="All types of problems, as a page or as JSON by Accept",
        response_model=list[ProblemPage],
        responses=html,
    )
    def problems(request: Request, visitor: Visitor = greets) -> Response:
        if _wants_html(request):
            return page(request, "problems.html", visitor=visitor, kinds=PROBLEM_TYPES.values())
        return JSONResponse([_content(slug) for slug in PROBLEM_TYPES])

    @router.get(
        "/problems/{slug}",
        summary="What a type of problem means, as a page or as JSON by Accept",
        response_model=ProblemPage,
        responses=html,
    )
    def problem(request: Request, slug: str, visitor: Visitor = greets) -> Response:
        if slug not in PROBLEM_TYPES:
            raise NotFoundError(
                "There is no such type of problem.",
                needed="one of those that /problems lists.",
                remedy="see /problems.",
            )
        if _wants_html(request):
            return page(request, "problem.html", visitor=visitor, kind=PROBLEM_TYPES[slug])
        return JSONResponse(_content(slug))

    return router


def _wants_html(request: Request) -> bool:
    accept = request.headers.get("accept")
    return choose_media_type(accept, ("application/json", "text/html")) == "text/html"


def _content(slug: str) -> dict[str, object]:
    kind = PROBLEM_TYPES[slug]
    return {"type": kind.uri, **asdict(kind)}
