"""No more requests at a time than the process can hold."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.errors import NotReadyError


class InFlight:
    """How many requests are being answered; changed on the event loop only."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0


class Admission:
    """Refuses requests beyond a number that are being answered.

    Parameters
    ----------
    app
        The next layer.
    in_flight
        Where they are counted.
    most_in_flight
        Requests at a time.
    """

    def __init__(self, app: ASGIApp, *, in_flight: InFlight, most_in_flight: int) -> None:
        self._app = app
        self._in_flight = in_flight
        self._most_in_flight = most_in_flight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        in_flight = self._in_flight
        if in_flight.count >= self._most_in_flight:
            raise NotReadyError(
                f"{self._most_in_flight:,} requests are being answered.",
                needed="fewer requests at a time.",
                remedy="ask again after the time in Retry-After.",
                retry_after_seconds=1.0,
            )
        in_flight.count += 1
        try:
            await self._app(scope, receive, send)
        finally:
            in_flight.count -= 1
