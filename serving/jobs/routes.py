"""/v1/jobs and /v1/executors: jobs submitted, listed and looked at."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from serving.access.callers import Caller, Scope
from serving.access.requirement import requires
from serving.catalogue.listing import refuse_parameters, refuse_repeated
from serving.jobs.action_routes import add_actions
from serving.jobs.addresses import JOB, JOBS
from serving.jobs.answers import answer, executor_json, job_json, line_json
from serving.jobs.desk import JobDesk
from serving.jobs.event_routes import add_events
from serving.jobs.parameters import IdempotencyKey, JobId
from serving.jobs.queries import JobQuery, LogQuery
from serving.jobs.requests import JobBody, spec_of
from serving.jobs.schemas import ExecutorList, JobAnswer, JobDetail, JobList, JobLog
from serving.reviews.answers import next_page
from serving.services import Services
from serving.strict_route import strict_route

READ, OPERATE = (Scope.REVIEW, Scope.OPERATE), Scope.OPERATE
TAIL_LINES = 20
MADE: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "It is in the queue; the header Location leads to it. With a key that came "
        "before: the job of then, as it stands.",
    }
}


def jobs_router(services: Services) -> APIRouter:
    """Routes of jobs."""
    router = APIRouter(tags=["Jobs"], route_class=strict_route(services.settings))
    desk = JobDesk(services)
    reads = Depends(requires(services.access, *READ))
    operates = Depends(requires(services.access, OPERATE))
    _add_submitting(router, desk, operates)
    _add_list(router, services, reads)
    _add_reading(router, services, reads)
    add_actions(router, desk, operates)
    add_events(router, services, READ)
    return router


def _add_submitting(router: APIRouter, desk: JobDesk, operates: Any) -> None:
    @router.post(
        JOBS,
        summary="Put a job into the queue",
        status_code=202,
        response_model=JobAnswer,
        responses=MADE,
        dependencies=[Depends(refuse_parameters)],
    )
    def submit_job(
        request: Request,
        body: JobBody,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = operates,
    ) -> Response:
        submitted = desk.submit(spec_of(body), caller, request.scope, key=idempotency_key)
        content = job_json(submitted.job)
        headers = {"Location": content["url"]}
        if not submitted.created:
            headers["Idempotency-Replayed"] = "true"
        return answer(content, status=202, **headers)


def _add_list(router: APIRouter, services: Services, reads: Any) -> None:
    jobs = services.jobs

    @router.get(JOBS, summary="Jobs, newest first", response_model=JobList, dependencies=[reads])
    def list_jobs(request: Request, query: Annotated[JobQuery, Query()]) -> Response:
        refuse_repeated(request, query)
        page = jobs.ask(
            lambda board: board.list(
                state=query.state, kind=query.kind, limit=query.limit, before=query.cursor
            )
        )
        items = [job_json(job) for job in page.jobs]
        return answer({"items": items, "next": next_page(request, page.next)})

    @router.get(
        "/v1/executors",
        summary="Workers, and how many jobs stand where",
        response_model=ExecutorList,
        dependencies=[reads, Depends(refuse_parameters)],
    )
    def list_executors() -> Response:
        executors, counts = jobs.ask(lambda board: (board.executors(), board.counts()))
        counted = {str(state): count for state, count in counts.items()}
        return answer({"items": [executor_json(one) for one in executors], "jobs": counted})


def _add_reading(router: APIRouter, services: Services, reads: Any) -> None:
    jobs = services.jobs

    @router.get(
        JOB,
        summary="A job as it stands, with the end of its log",
        response_model=JobDetail,
        dependencies=[reads, Depends(refuse_parameters)],
    )
    def show_job(job_id: JobId) -> Response:
        job, lines = jobs.ask(lambda board: (board.get(job_id), board.tail(job_id, TAIL_LINES)))
        return answer({**job_json(job), "log": [line_json(line) for line in lines]})

    @router.get(
        f"{JOB}/log",
        summary="Lines of a job's log, oldest first",
        response_model=JobLog,
        dependencies=[reads],
    )
    def job_log(request: Request, job_id: JobId, query: Annotated[LogQuery, Query()]) -> Response:
        refuse_repeated(request, query)
        lines = jobs.ask(lambda board: board.log(job_id, after=query.after, limit=query.limit))
        last = lines[-1].number if lines else query.after
        return answer({"items": [line_json(line) for line in lines], "last": last})
