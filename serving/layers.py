"""The layers that every request passes, from the outside in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from serving.access.audit_recorder import AuditRecorder
from serving.access.open_mode import HEADER as OPEN_MODE_HEADER
from serving.jobs.addresses import is_event_stream, keeps_keys
from serving.middleware.admission import Admission, InFlight
from serving.middleware.answer_store import AnswerStore
from serving.middleware.body_guard import BodyGuard, BodyLimits
from serving.middleware.compression import Compression
from serving.middleware.error_boundary import ErrorBoundary
from serving.middleware.exchange import Exchange, Recorder
from serving.middleware.head import HeadAsGet
from serving.middleware.idempotency import Idempotency
from serving.middleware.thin_paths import ThinPaths
from serving.request_context import context_of
from serving.services import Services
from serving.settings import ServingSettings

EXPOSED = ("X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy", "Idempotency-Replayed")


def layers(
    services: Services,
    *,
    monotonic: Callable[[], float],
    thin_paths: Mapping[tuple[str, str], ASGIApp],
    request_log: Recorder,
) -> list[Middleware]:
    """List the layers, the outermost first.

    Parameters
    ----------
    services
        The collaborators.
    monotonic
        Seconds of a clock that never goes back.
    thin_paths
        Bare handlers by method and path.
    request_log
        Writes the line of each request into the log.
    """
    settings = services.settings
    in_flight = InFlight()
    services.metrics.watch_in_flight(lambda: in_flight.count)
    return [
        Middleware(
            Exchange,
            recorders=_recorders(services, request_log),
            monotonic=monotonic,
            headers=(OPEN_MODE_HEADER,) if settings.open_mode else (),
        ),
        Middleware(
            ErrorBoundary,
            request_seconds=settings.request_seconds,
            is_unending=is_event_stream,
        ),
        Middleware(Admission, in_flight=in_flight, most_in_flight=settings.max_requests_in_flight),
        Middleware(Compression),
        Middleware(BodyGuard, limits=_body_limits(settings)),
        *_cross_origin(settings),
        Middleware(HeadAsGet),
        *_idempotency(services, monotonic),
        *([Middleware(ThinPaths, handlers=thin_paths)] if thin_paths else []),
    ]


def _recorders(services: Services, request_log: Recorder) -> list[Recorder]:
    audit = AuditRecorder(services.access.audit, clock=services.clock)
    return [services.metrics.record_request, audit, request_log, services.shadow.record]


def _body_limits(settings: ServingSettings) -> BodyLimits:
    return BodyLimits(
        json_wire_bytes=settings.max_body_bytes,
        json_bytes=settings.max_decompressed_bytes,
        upload_bytes=settings.max_upload_bytes,
        total_seconds=settings.body_seconds,
        pause_seconds=settings.body_pause_seconds,
    )


def _cross_origin(settings: ServingSettings) -> list[Middleware]:
    if not settings.cors_origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "X-API-Key", "Content-Type", "Idempotency-Key"),
            expose_headers=EXPOSED,
        )
    ]


def _idempotency(services: Services, monotonic: Callable[[], float]) -> list[Middleware]:
    settings = services.settings
    if not settings.idempotency_seconds:
        return []
    authenticator = services.access.authenticator

    async def identify(scope: MutableMapping[str, Any]) -> str:
        client = scope.get("client")
        caller = await authenticator.authenticate_async(
            scope["headers"], client[0] if client else None, scope["method"]
        )
        context = context_of(scope)  # an answer that is sent again has its line of audit too
        context.caller_key_id, context.caller_name = caller.key_id, caller.name
        return caller.limit_key

    answers = AnswerStore(
        seconds=settings.idempotency_seconds,
        most_bytes=settings.idempotency_bytes,
        monotonic=monotonic,
        approvals_number=lambda: services.approvals.snapshot.number,
    )
    return [
        Middleware(
            Idempotency,
            answers=answers,
            identify=identify,
            most_body_bytes=settings.max_decompressed_bytes,
            keeps_keys=keeps_keys,
        )
    ]
