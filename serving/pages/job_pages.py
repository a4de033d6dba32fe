"""/jobs and /jobs/{job_id}: jobs for people."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from serving.access.requirement import public
from serving.jobs.routes import READ
from serving.pages.job_values import job_page, jobs_page
from serving.pages.site import Site
from serving.reviews.queries import Words
from serving.services import Services


def job_pages_router(services: Services) -> APIRouter:
    """Pages of jobs; programs find the same under /v1/jobs."""
    router = APIRouter(include_in_schema=False)
    site = Site(services)
    everybody = [Depends(public(services.access))]

    @router.get("/jobs", dependencies=everybody)
    async def list_of_jobs(request: Request) -> Response:
        return await site.show(
            request,
            "jobs.html",
            lambda: jobs_page(services, request.query_params),
            scopes=READ,
            page="jobs",
        )

    @router.get("/jobs/{job_id}", dependencies=everybody)
    async def one_job(request: Request, job_id: Annotated[Words, Path()]) -> Response:
        return await site.show(
            request, "job.html", lambda: job_page(services, job_id), scopes=READ, page="jobs"
        )

    return router
