"""What is known of one request while it is answered, for the log, the metrics and the error body.

The outermost middleware puts one into `scope["context"]`; whoever learns something (the route,
the caller, the bundle) writes it there. It never holds a value of a profile, nor a key, but for
`shadow`, which is handed on when the answer was sent.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serving.shadow.asked import ShadowAsked

KEY = "context"


@dataclass(slots=True)
class RequestContext:
    """What is known of one request.

    Attributes
    ----------
    request_id
        Given by the caller in X-Request-ID, else made here.
    caller_key_id
        Identifier of the API key, never the key; None where no key was checked.
    bundle_version
        Version of the bundle that answered; None where none was asked.
    route
        Template such as /v1/drugs/{drug}, set by a route that FastAPI does not know of.
    status
        HTTP status of the answer, None before it is begun.
    problem
        Slug of the problem that was answered, None where there was none.
    caller_name
        Name of the API key, for the audit trail.
    bundle_sha256
        Sha256 of the bundle that answered.
    profiles, drugs
        How many were asked for, set by routes that predict or explain; for the audit trail.
    withheld
        How many of the drugs that were asked for reviews withhold; None where none.
    approvals_number
        Which approvals a prediction rests on, see `serving.reviews.snapshots.Snapshot`; None for
        anything else.
    what_if
        Whether the profile is one that somebody made up by moving genes: no drift counts it.
    shadow
        What the challenger is to answer too, see `serving.shadow`; None for nothing.
    action
        What the line of the audit trail calls it.
    answer_headers
        Headers that the answer gets whatever it will be, such as those of the rate limit.
    """

    request_id: str
    caller_key_id: str | None = None
    bundle_version: str | None = None
    route: str | None = None
    status: int | None = None
    problem: str | None = None
    caller_name: str | None = None
    bundle_sha256: str | None = None
    profiles: int | None = None
    drugs: int | None = None
    withheld: int | None = None
    approvals_number: int | None = None
    what_if: bool = False
    shadow: ShadowAsked | None = None
    action: str = "request"
    answer_headers: list[tuple[bytes, bytes]] = field(default_factory=list)


def context_of(scope: MutableMapping[str, Any]) -> RequestContext:
    """Return the context of a request; one without an id where no middleware made one."""
    context = scope.get(KEY)
    if context is None:
        context = scope[KEY] = RequestContext(request_id="")
    assert isinstance(context, RequestContext)  # noqa: S101 - narrows the type of a scope's value
    return context
