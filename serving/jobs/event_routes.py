"""/v1/jobs/{job_id}/events: a job as it goes, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Send

from serving.access.callers import Scope
from serving.access.requirement import requires
from serving.catalogue.listing import refuse_repeated
from serving.database.errors import DatabaseAwayError
from serving.errors import AccessError
from serving.jobs.addresses import JOB
from serving.jobs.event_stream import job_events
from serving.jobs.parameters import JobId
from serving.jobs.queries import LAST_NUMBER, EventQuery
from serving.middleware.head import HEAD_ONLY
from serving.services import Services

MEDIA_TYPE = "text/event-stream"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx hands on each event
EVENT = {
    "type": "object",
    "description": "One event: lines `event`, `data` (JSON) and for lines of the log `id`.",
    "properties": {
        "event": {"type": "string", "enum": ["state", "progress", "log", "away", "end"]},
        "data": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer"},
    },
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `state` (the job), `progress` (step, percent, seconds_left), `log` "
        "(a line; its number is the event's id), `away` (the board does not answer for now) and "
        "`end`, after which nothing comes.",
        "content": {MEDIA_TYPE: {"schema": EVENT}},
    }
}


class EventStream(StreamingResponse):
    """Events until they end, or whoever listens is gone."""

    media_type = MEDIA_TYPE

    async def stream_response(self, send: Send) -> None:
        """Send them, and let go of what they come from at once, however it ends."""
        async with aclosing(self.body_iterator):  # type: ignore[type-var]
            await super().stream_response(send)


def add_events(router: APIRouter, services: Services, scopes: tuple[Scope, ...]) -> None:
    """Add the route of events."""
    watches = services.jobs.watches
    most = max(1, services.settings.max_requests_in_flight // 2)

    @router.get(
        f"{JOB}/events",
        summary="A job as it goes, as server-sent events, until it is over",
        response_class=Response,
        responses=STREAM,
        dependencies=[Depends(requires(services.access, *scopes))],
    )
    async def watch_job(
        request: Request,
        job_id: JobId,
        query: Annotated[EventQuery, Query()],
    ) -> Response:
        refuse_repeated(request, query)
        await asyncio.to_thread(services.jobs.ask, lambda board: board.get(job_id))
        if request.scope.get(HEAD_ONLY):
            return Response(media_type=MEDIA_TYPE, headers=HEADERS)
        watches.refuse_beyond(most)
        events: AsyncIterator[bytes] = job_events(
            watches,
            job_id,
            after=_last_seen(request, query.after),
            may_go_on=_may_go_on(services, request, scopes),
        )
        return EventStream(events, headers=HEADERS)


def _last_seen(request: Request, after: int) -> int:
    """Give the number of the last line that is known; a header that is none is passed over."""
    said = request.headers.get("last-event-id", "")
    known = int(said) if said.isascii() and said.isdigit() and len(said) <= 10 else after
    return min(known, LAST_NUMBER)


def _may_go_on(
    services: Services, request: Request, scopes: tuple[Scope, ...]
) -> Callable[[], Awaitable[bool]]:
    """Whether the key or the login still holds; a database that is away is no reason to end."""
    authenticator, scope = services.access.authenticator, request.scope
    client = scope.get("client")

    async def may_go_on() -> bool:
        try:
            caller = await authenticator.authenticate_async(
                scope["headers"], client[0] if client else None, "GET"
            )
        except DatabaseAwayError:
            return True
        except AccessError:
            return False
        return not caller.scopes.isdisjoint(scopes)

    return may_go_on
