"""What a call of the service can end in, other than an answer."""

from __future__ import annotations

from typing import Any

from features.errors import CupromarkError


class UnreachableError(CupromarkError):
    """The service did not answer at all."""


class ClientSettingError(CupromarkError):
    """The address or the API key cannot be that of a service."""


class ServiceError(CupromarkError):
    """The service answered with a problem.

    Attributes
    ----------
    status
        HTTP status.
    kind
        The problem's stable type, such as /problems/gene-coverage.
    errors
        Places of the request that are wrong: pointer and message.
    request_id
        To be named when asking whoever runs the service.
    retry_after_seconds
        When it is worth asking again; None where the service does not say.
    """

    def __init__(
        self, status: int, problem: dict[str, Any], *, retry_after_seconds: float | None = None
    ) -> None:
        self.status = status
        self.kind = str(problem.get("type", "about:blank"))
        self.errors: list[dict[str, str]] = list(problem.get("errors", []))
        self.request_id = problem.get("request_id")
        self.retry_after_seconds = retry_after_seconds
        super().__init__(
            str(problem.get("detail") or problem.get("title") or f"HTTP status {status}."),
            needed=str(problem.get("needed") or "a request that the service can answer."),
            remedy=str(problem.get("remedy") or "see the service's /docs."),
        )
