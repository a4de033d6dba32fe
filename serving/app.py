"""The application: routers over the services, behind the layers that every request passes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from serving.access.opening import Access
from serving.bundles.opening import BundleSource
from serving.catalogue.routes import catalogue_router
from serving.documentation import document
from serving.drift.opening import Drift, open_drift
from serving.drift.routes import drift_router
from serving.explanations.routes import explanation_paths, explanations_router
from serving.inference.scoring_routes import scoring_router
from serving.inference.v2_routes import v2_router
from serving.jobs.opening import Jobs, open_jobs
from serving.jobs.routes import jobs_router
from serving.layers import layers
from serving.logs import log_request
from serving.metrics import Metrics
from serving.middleware.exchange import Recorder
from serving.openapi import readable_id
from serving.operation import operation_router
from serving.pages.audit_page import audit_router
from serving.pages.job_pages import job_pages_router
from serving.pages.login import login_router
from serving.pages.review_pages import review_pages_router
from serving.pages.routes import pages_router
from serving.pages.session_routes import session_router
from serving.predictions.routes import prediction_paths, predictions_router
from serving.problem_forms import respond
from serving.problem_pages import problem_router
from serving.problems import problem_of
from serving.reports.routes import reports_router
from serving.reports.what_if_routes import what_if_router
from serving.reviews.approval_cache import ApprovalCache
from serving.reviews.opening import open_approvals
from serving.reviews.routes import reviews_router
from serving.schedules.routes import schedules_router
from serving.services import Services
from serving.settings import ServingSettings
from serving.shadow.opening import Shadow, open_shadow
from serving.shadow.routes import shadow_router
from serving.uploads.readers import UploadReaders, open_uploads
from serving.validations.routes import validation_paths, validations_router

RouterOf = Callable[[Services], APIRouter]
ThinPathsOf = Callable[[Services], Mapping[tuple[str, str], ASGIApp]]

# serving.telemetry is the one way to turn traces on, and what FastAPI looks up for its own at each
# request costs 5 microseconds.
NO_TELEMETRY: TelemetryConfig = {
    "auto_configure": False, "tracing": False, "metrics": False, "logs": False,
}  # fmt: skip

# Each part of the service adds its line here.
ROUTERS: tuple[RouterOf, ...] = (
    operation_router,
    problem_router,
    session_router,
    login_router,
    audit_router,
    pages_router,
    predictions_router,
    explanations_router,
    catalogue_router,
    v2_router,
    scoring_router,
    validations_router,
    reviews_router,
    drift_router,
    shadow_router,
    jobs_router,
    schedules_router,
    job_pages_router,
    review_pages_router,
    reports_router,
    what_if_router,
)
THIN_PATHS: tuple[ThinPathsOf, ...] = (
    prediction_paths,
    explanation_paths,
    validation_paths,
)


def create_app(
    settings: ServingSettings,
    *,
    bundles: BundleSource,
    access: Access,
    metrics: Metrics | None = None,
    uploads: UploadReaders | None = None,
    jobs: Jobs | None = None,
    approvals: ApprovalCache | None = None,
    drift: Drift | None = None,
    shadow: Shadow | None = None,
    references: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    request_log: Recorder = log_request,
    routers: Sequence[RouterOf] = ROUTERS,
    thin_paths: Sequence[ThinPathsOf] = THIN_PATHS,
) -> FastAPI:
    """Put the service together; nothing is started, read or bound before its lifespan begins.

    Parameters
    ----------
    settings
        Settings of this process.
    bundles
        Where the bundle comes from; started and stopped with the application.
    access
        Who may do what; started and stopped with the application.
    metrics
        Counters; its own by default.
    uploads
        Processes that read files; its own by default. Ended with the application.
    jobs
        The board of jobs; its own by default. Closed with the application.
    approvals
        What reviewers decided; its own by default. Started and stopped with the application.
    drift
        Counts profiles; its own by default. Started and stopped with the application.
    shadow
        Has the challenger answer too; its own by default. Started and stopped with the application.
    references
        Source of training data -> how reports cite it.
    clock, monotonic
        Seconds since 1970, and seconds of a clock that never goes back.
    request_log
        Writes the line of each request into the log.
    routers, thin_paths
        Makers of the routes, and of bare handlers that go before them.
    """
    uploads = uploads or open_uploads(settings)
    jobs = jobs or open_jobs(settings, clock=clock, monotonic=monotonic)
    approvals = approvals or open_approvals(settings, access, clock=clock)
    metrics = metrics or Metrics()
    drift = drift or open_drift(
        settings,
        database=access.database,
        bundles=bundles.bundles,
        jobs=jobs,
        metrics=metrics,
        clock=clock,
    )
    shadow = shadow or open_shadow(
        settings,
        database=access.database,
        bundles=bundles.bundles,
        approvals=approvals,
        metrics=metrics,
        clock=clock,
    )
    services = Services(
        settings,
        bundles.bundles,
        access,
        metrics,
        clock,
        uploads,
        jobs,
        approvals,
        drift,
        shadow,
        references or {},
    )
    services.metrics.watch_bundles(services.bundles)
    services.metrics.watch_approvals(approvals.age_seconds)
    handlers = {path: handler for make in thin_paths for path, handler in make(services).items()}
    app = FastAPI(
        title="cupromark",
        lifespan=_lifespan(bundles, access, uploads, jobs, approvals, drift, shadow),
        middleware=layers(
            services, monotonic=monotonic, thin_paths=handlers, request_log=request_log
        ),
        exception_handlers={HTTPException: _answer, RequestValidationError: _answer},
        generate_unique_id_function=readable_id,
        openapi_url=None,  # served by serving.documentation, with pages that work offline
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    for make in routers:
        app.include_router(make(services))
    document(app, services)
    return app


async def _answer(request: Request, error: Exception) -> Response:
    return respond(problem_of(error), request.scope)


def _lifespan(
    bundles: BundleSource,
    access: Access,
    uploads: UploadReaders,
    jobs: Jobs,
    approvals: ApprovalCache,
    drift: Drift,
    shadow: Shadow,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(access.start)
        try:
            await asyncio.to_thread(approvals.start)
            await asyncio.to_thread(bundles.start)
            await asyncio.to_thread(drift.start)
            await asyncio.to_thread(shadow.start)
            yield
        finally:
            await asyncio.to_thread(shadow.close)
            await asyncio.to_thread(drift.close)
            await asyncio.to_thread(jobs.close)
            await asyncio.to_thread(uploads.close)
            await asyncio.to_thread(bundles.stop)
            await asyncio.to_thread(approvals.close)
            await asyncio.to_thread(access.close)

    return lifespan
