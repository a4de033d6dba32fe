"""/v1/jobs/{job_id}/cancel, /resume and /retry."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Depends, Request, Response

from serving.access.callers import Caller
from serving.catalogue.listing import refuse_parameters
from serving.jobs.addresses import JOB
from serving.jobs.answers import answer, job_json
from serving.jobs.desk import JobDesk
from serving.jobs.parameters import IdempotencyKey, JobId
from serving.jobs.schemas import JobAnswer
from serving.reviews.answers import PROBLEM

WRONG_STATE: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "The job does not stand where this can be done; `can` of it says what can.",
        "content": PROBLEM,
    }
}
NO_PARAMETERS = [Depends(refuse_parameters)]


def add_actions(router: APIRouter, desk: JobDesk, operates: Any) -> None:
    """Add the routes that change what becomes of a job."""
    _add_change(router, desk, operates, "cancel", "End a job; its worker stops within seconds")
    _add_change(
        router, desk, operates, "resume", "Let a job that failed or was cancelled go on from its "
        "last checkpoint",
    )  # fmt: skip

    @router.post(
        f"{JOB}/retry",
        summary="Make a new job that does the same as one that is over",
        status_code=202,
        response_model=JobAnswer,
        responses=WRONG_STATE,
        dependencies=NO_PARAMETERS,
    )
    def retry_job(
        request: Request,
        job_id: JobId,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = operates,
    ) -> Response:
        submitted = desk.retry(job_id, caller, request.scope, key=idempotency_key)
        content = job_json(submitted.job)
        headers = {"Location": content["url"]}
        if not submitted.created:
            headers["Idempotency-Replayed"] = "true"
        return answer(content, status=202, **headers)


def _add_change(
    router: APIRouter,
    desk: JobDesk,
    operates: Any,
    action: Literal["cancel", "resume"],
    summary: str,
) -> None:
    @router.post(
        f"{JOB}/{action}",
        name=f"{action}_job",
        summary=summary,
        response_model=JobAnswer,
        responses=WRONG_STATE,
        dependencies=NO_PARAMETERS,
    )
    def change_job(request: Request, job_id: JobId, caller: Caller = operates) -> Response:
        return answer(job_json(desk.change(action, job_id, caller, request.scope)))
