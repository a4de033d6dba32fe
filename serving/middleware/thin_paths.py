"""Routes for which FastAPI's routing would cost more than the answer: bare ASGI handlers."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.request_context import context_of


class ThinPaths:
    """Hands the exact paths that it knows to their handlers, everything else to FastAPI.

    Parameters
    ----------
    app
        Answers everything else, other methods on the same paths included.
    handlers
        By method and path, such as ("POST", "/v1/predictions").
    """

    def __init__(self, app: ASGIApp, *, handlers: Mapping[tuple[str, str], ASGIApp]) -> None:
        self._app = app
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            handler = self._handlers.get((scope["method"], scope["path"]))
            if handler is not None:
                context_of(scope).route = scope["path"]
                await handler(scope, receive, send)
                return
        await self._app(scope, receive, send)
