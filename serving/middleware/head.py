"""HEAD wherever there is GET."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD_ONLY = "head_only"  # in the scope: for answers that would go on and on


class HeadAsGet:
    """Has HEAD answered as GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_bodiless(message: Message) -> None:
            # The server looks at the method to know that a body of length 0 is right.
            scope["method"] = "HEAD"
            if message["type"] != "http.response.body":
                await send(message)
            elif not message.get("more_body", False):
                await send({**message, "body": b""})

        scope["method"] = "GET"
        scope[HEAD_ONLY] = True
        try:
            await self._app(scope, receive, send_bodiless)
        finally:
            scope["method"] = "HEAD"
