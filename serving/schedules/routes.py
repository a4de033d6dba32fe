"""/v1/schedules: listed, added, paused, resumed, run by hand, removed."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Request, Response

from serving.access.audit_entries import AuditEntry
from serving.access.callers import Caller
from serving.access.requirement import requires
from serving.catalogue.listing import refuse_parameters
from serving.jobs.answers import answer, job_json
from serving.jobs.requests import spec_of
from serving.jobs.schemas import JobAnswer
from serving.request_context import context_of
from serving.reviews.answers import PROBLEM
from serving.schedules.answers import schedule_json
from serving.schedules.schemas import NAME, ScheduleAnswer, ScheduleBody, ScheduleList
from serving.services import Services
from serving.strict_route import strict_route

if TYPE_CHECKING:
    from models.jobs.schedules import ScheduleBook

SCHEDULES = "/v1/schedules"
SCHEDULE = f"{SCHEDULES}/{{name}}"
Name = Annotated[str, Path(pattern=NAME)]
TAKEN: dict[int | str, dict[str, Any]] = {
    409: {"description": "Another schedule has this name.", "content": PROBLEM}
}
Answer = TypeVar("Answer")


class ScheduleDesk:
    """Changes schedules in the name of callers, each with its line in the audit trail.

    Parameters
    ----------
    services
        The collaborators.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def ask(self, question: Callable[[ScheduleBook], Answer]) -> Answer:
        """Ask the book something; BoardAway where the database of jobs does not answer."""
        from models.jobs.schedules import ScheduleBook  # no prediction pays for what it imports

        clock = self._services.clock
        return self._services.jobs.ask(lambda board: question(ScheduleBook(board, clock=clock)))

    def record(
        self, action: str, name: str, caller: Caller, scope: MutableMapping[str, Any]
    ) -> None:
        """Write who did what."""
        self._services.access.audit.record(
            AuditEntry(
                at=self._services.clock(),
                action=f"schedule.{action}",
                key_id=caller.key_id,
                caller=caller.name,
                request_id=context_of(scope).request_id,
                detail=name,
            )
        )


def schedules_router(services: Services) -> APIRouter:
    """Routes of schedules."""
    from serving.jobs.routes import OPERATE, READ

    router = APIRouter(
        tags=["Schedules"],
        route_class=strict_route(services.settings),
        dependencies=[Depends(refuse_parameters)],
    )
    desk = ScheduleDesk(services)
    operates = Depends(requires(services.access, OPERATE))
    _add_list(router, desk, Depends(requires(services.access, *READ)))
    _add_making(router, desk, operates)
    _add_pausing(router, desk, operates)
    _add_run(router, desk, operates)
    return router


def _add_list(router: APIRouter, desk: ScheduleDesk, reads: Any) -> None:
    @router.get(
        SCHEDULES, summary="Schedules, by name", response_model=ScheduleList, dependencies=[reads]
    )
    def list_schedules() -> Response:
        found = desk.ask(lambda book: book.list())
        return answer({"items": [schedule_json(each) for each in found]})


def _add_making(router: APIRouter, desk: ScheduleDesk, operates: Any) -> None:
    @router.post(
        SCHEDULES,
        summary="Submit a job again and again",
        status_code=201,
        response_model=ScheduleAnswer,
        responses=TAKEN,
    )
    def add_schedule(request: Request, body: ScheduleBody, caller: Caller = operates) -> Response:
        spec = spec_of(body.job)
        made = desk.ask(
            lambda book: book.add(
                body.name, body.cron, spec, by=caller.name, time_zone=body.time_zone
            )
        )
        desk.record("added", body.name, caller, request.scope)
        return answer(schedule_json(made), status=201)

    @router.delete(SCHEDULE, summary="Remove a schedule; its jobs stay", status_code=204)
    def remove_schedule(request: Request, name: Name, caller: Caller = operates) -> Response:
        desk.ask(lambda book: book.remove(name))
        desk.record("removed", name, caller, request.scope)
        return Response(status_code=204)


def _add_pausing(router: APIRouter, desk: ScheduleDesk, operates: Any) -> None:
    @router.post(
        f"{SCHEDULE}/pause", summary="Submit nothing for now", response_model=ScheduleAnswer
    )
    def pause_schedule(request: Request, name: Name, caller: Caller = operates) -> Response:
        changed = desk.ask(lambda book: book.pause(name))
        desk.record("paused", name, caller, request.scope)
        return answer(schedule_json(changed))

    @router.post(
        f"{SCHEDULE}/resume",
        summary="Go on with the next time; what passed is not made up",
        response_model=ScheduleAnswer,
    )
    def resume_schedule(request: Request, name: Name, caller: Caller = operates) -> Response:
        changed = desk.ask(lambda book: book.resume(name))
        desk.record("resumed", name, caller, request.scope)
        return answer(schedule_json(changed))


def _add_run(router: APIRouter, desk: ScheduleDesk, operates: Any) -> None:
    @router.post(
        f"{SCHEDULE}/run",
        summary="Submit its job now",
        status_code=202,
        response_model=JobAnswer,
    )
    def run_schedule(request: Request, name: Name, caller: Caller = operates) -> Response:
        submitted = desk.ask(lambda book: book.run(name, by=caller.name))
        desk.record("run", name, caller, request.scope)
        content = job_json(submitted.job)
        return answer(content, status=202, Location=content["url"])
