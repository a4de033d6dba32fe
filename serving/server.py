"""uvicorn as this service runs it: one process, and an end without a dropped request."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from uvicorn import Config, Server

from serving.errors import SettingsError
from serving.http_protocol import EndingState, PatientProtocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from serving.settings import ServingSettings

BACKLOG = 2048
KEEP_ALIVE_SECONDS = 75  # longer than the usual proxy keeps a connection that it may use again


class PatientServer(Server):
    """Finishes what is in flight when it is told to end, and says so in the answers.

    Parameters
    ----------
    config
        Of uvicorn.
    on_started
        Called once the service listens.
    on_ending
        Called on the event loop when it begins to end: answers that would go on and on end too.
    """

    def __init__(
        self,
        config: Config,
        *,
        on_started: Callable[[], None],
        on_ending: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self.server_state = EndingState()
        self._on_started = on_started
        self._on_ending = on_ending

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, finish what is in flight, close every connection."""
        state = self.server_state
        assert isinstance(state, EndingState)  # noqa: S101 - narrows the type
        state.is_ending = True
        self._on_ending()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT as a wish to end, which is then granted: no second death."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def server_config(app: ASGIApp, settings: ServingSettings) -> Config:
    """Configure uvicorn; logs and start-up are ours."""
    options: dict[str, Any] = {
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": list(settings.trusted_proxies),
    }
    return Config(
        app,
        http=PatientProtocol,
        loop="uvloop",
        ws="none",
        interface="asgi3",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_seconds)),
        **options,
    )


def bind(host: str, port: int) -> socket.socket:
    """Take the address before anything else is done.

    Raises
    ------
    SettingsError
        It is in use, or not an address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return _bound(socket.socket(family, kind, protocol), address)
    except OSError as error:
        raise SettingsError(
            f"{host}, port {port} cannot be listened on: {error.strerror or error}.",
            needed="an address of this machine, and a port that no other program uses.",
            remedy="name another one with --port (0 takes a free one) or --host.",
        ) from error


def _bound(listener: socket.socket, address: Any) -> socket.socket:
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener
