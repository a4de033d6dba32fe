"""The service as one process: put together, started, announced, and ended without dropping."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from socket import socket

import structlog
import uvloop
from fastapi import FastAPI
from prometheus_client import disable_created_metrics

from serving.access.opening import open_access
from serving.app import create_app
from serving.bundles.loading import load_proved
from serving.bundles.opening import BundleSource, open_bundles
from serving.jobs.opening import open_jobs
from serving.logs import configure_logs
from serving.metrics import Metrics
from serving.server import PatientServer, bind, server_config
from serving.settings import ServingSettings
from serving.start_checks import check_writable, refuse_unsafe_secrets, with_open_mode
from serving.telemetry import traced
from serving.uploads.temporary import remove_left_over

log = structlog.get_logger(__name__)
OBJECTS_MADE = 20_000  # beyond those that ended, until the youngest are looked through


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is said once the service listens.

    Attributes
    ----------
    address
        Such as http://127.0.0.1:8000.
    port
        The one that was taken.
    bundle
        Name of the bundle that answers, None while there is none.
    version
        Its version in the store.
    reason
        Why no bundle answers yet.
    open_mode
        Whether requests are answered without an API key.
    """

    address: str
    port: int
    bundle: str | None
    version: str | None
    reason: str | None
    open_mode: bool


def serve(
    settings: ServingSettings,
    *,
    announce: Callable[[Announcement], None] = lambda said: None,
    references: Mapping[str, str] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Without a bundle the service starts all the same, answers 503 and waits for one.

    Parameters
    ----------
    settings
        Of this process.
    announce
        Told once the service listens.
    references
        Source of training data -> how reports cite it.

    Raises
    ------
    SettingsError
        The address is taken, a folder cannot be written, or an extra is missing.
    SecretsError
        A password is empty, short or a placeholder.
    CupromarkError
        Whatever else stands in the way of a start, such as tables of another release.
    """
    listener = bind(settings.host, settings.port)
    with listener:
        refuse_unsafe_secrets(settings)
        check_writable(settings.state)
        remove_left_over()
        request_log = configure_logs(settings)
        settings = with_open_mode(settings)
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second line for each counter, which nobody reads
        metrics = Metrics()
        access = open_access(
            settings,
            clock=time.time,
            monotonic=time.monotonic,
            on_audit_dropped=metrics.count_audit_dropped,
        )
        bundles = open_bundles(
            settings.bundle,
            store=settings.store,
            cache=settings.cache_folder,
            load=load_proved,
            poll_seconds=settings.watch_seconds,
        )
        jobs = open_jobs(settings, clock=time.time, monotonic=time.monotonic)
        port: int = listener.getsockname()[1]

        def started() -> None:
            announce(_announcement(settings, port, bundles))

        app = create_app(
            settings,
            bundles=bundles,
            access=access,
            metrics=metrics,
            jobs=jobs,
            references=references,
            request_log=request_log,
        )
        uvloop.run(_run(app, settings, listener, started, jobs.watches.end))


async def _run(
    app: FastAPI,
    settings: ServingSettings,
    listener: socket,
    started: Callable[[], None],
    ending: Callable[[], None],
) -> None:
    config = server_config(traced(app) if settings.telemetry else app, settings)
    async with app.router.lifespan_context(app):
        _spare_the_collector()
        server = PatientServer(config, on_started=started, on_ending=ending)
        await server.serve(sockets=[listener])
    log.info("service.stopped")


def _spare_the_collector() -> None:
    """Have the collector of cycles leave alone what lives as long as the process.

    A request leaves no cycles behind; looking through everything for some takes 50 ms each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_MADE, 10, 100)


def _announcement(settings: ServingSettings, port: int, bundles: BundleSource) -> Announcement:
    state = bundles.bundles.state()
    reason = None if state.ready else state.last_error or "it is being fetched from the store."
    host = settings.host
    said = Announcement(
        address=f"http://{f'[{host}]' if ':' in host else host}:{port}",
        port=port,
        bundle=state.name,
        version=state.version,
        reason=reason,
        open_mode=settings.open_mode,
    )
    log.info("service.started", **asdict(said))
    if reason is not None:
        log.error("service.no_bundle", reason=reason)
    return said
