"""Whatever goes wrong further in becomes an answer here; nothing gets past."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from pathlib import Path

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.errors import TookTooLongError
from serving.middleware.time_bound import OutOfTimeError, in_time
from serving.problem_forms import respond
from serving.problems import problem_of
from serving.request_context import context_of

log = structlog.get_logger(__name__)


class ErrorBoundary:
    """Turns errors into answers, and bounds the time that an answer may take.

    Parameters
    ----------
    app
        The next layer.
    request_seconds
        Time after which the answer is 503; a computation in a thread still runs to its end.
    is_unending
        Tells requests whose answers take as long as what they tell of.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        request_seconds: float,
        is_unending: Callable[[Scope], bool] = lambda scope: False,
    ) -> None:
        self._app = app
        self._request_seconds = request_seconds
        self._is_unending = is_unending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            if self._is_unending(scope):
                await self._app(scope, receive, send)
                return
            await in_time(self._app(scope, receive, send), self._ends_at)  # type: ignore[arg-type]
        except Exception as caught:  # noqa: BLE001 - the last layer: a caller gets an answer always
            error = self._too_long() if isinstance(caught, OutOfTimeError) else caught
            problem = problem_of(error)
            if problem.kind.slug == "internal-error":
                log_fault(error, context_of(scope).request_id)
            if context_of(scope).status is None:
                await respond(problem, scope)(scope, receive, send)

    def _ends_at(self) -> float:
        return asyncio.get_running_loop().time() + self._request_seconds

    def _too_long(self) -> TookTooLongError:
        return TookTooLongError(
            f"The answer was not there within {self._request_seconds:g} s.",
            needed="a request that can be answered in that time.",
            remedy="send fewer profiles or drugs in one request, or ask again later.",
            retry_after_seconds=self._request_seconds,
        )


def log_fault(error: BaseException, request_id: str) -> None:
    """Log where a fault arose; its message and its variables may hold values of a profile."""
    frames = [
        f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    log.error("request.fault", request_id=request_id, error=type(error).__name__, frames=frames)
