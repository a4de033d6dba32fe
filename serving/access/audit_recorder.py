"""From a request that is over to its line of the audit trail."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from serving.access.audit import AuditLog
from serving.access.audit_entries import AuditEntry
from serving.request_context import RequestContext
from serving.route_templates import template_of

# Written down although nobody was recognised: attempts to get in.
REFUSALS = frozenset({401, 403, 429})
# Of callers that nobody knows: whoever hammers the door must not fill the trail.
STRANGERS_PER_MINUTE = 120


class AuditRecorder:
    """Writes down every request of a known caller, and every one that was refused.

    Parameters
    ----------
    audit
        Takes the lines.
    clock
        Seconds since 1970.
    """

    def __init__(self, audit: AuditLog, *, clock: Callable[[], float]) -> None:
        self._audit = audit
        self._clock = clock
        self._minute = -1
        self._strangers = 0

    def __call__(
        self, scope: MutableMapping[str, Any], context: RequestContext, seconds: float, sent: int
    ) -> None:
        """Write a request down (a `serving.middleware.exchange.Recorder`)."""
        del seconds, sent
        if context.caller_name is None and (
            context.status not in REFUSALS or self._is_one_too_many()
        ):
            return
        # The template, never the path: what a caller wrote into a path is not the trail's to keep.
        route = template_of(scope, context)
        entry = AuditEntry(
            at=self._clock(),
            action=context.action,
            key_id=context.caller_key_id,
            caller=context.caller_name,
            method=scope["method"],
            route=route,
            status=context.status,
            bundle_sha256=context.bundle_sha256,
            bundle_version=context.bundle_version,
            profiles=context.profiles,
            drugs=context.drugs,
            request_id=context.request_id,
            detail=_detail(context.withheld),
        )
        self._audit.record(entry)

    def _is_one_too_many(self) -> bool:
        """Whether so many strangers were refused this minute that they would crowd out the rest.

        How many were left out is one line of the next minute.
        """
        minute = int(self._clock() // 60)
        if minute != self._minute:
            left_out = self._strangers - STRANGERS_PER_MINUTE
            self._minute, self._strangers = minute, 0
            if left_out > 0:
                detail = f"{left_out} refusals of unknown callers were not written down"
                self._audit.record(
                    AuditEntry(at=self._clock(), action="refusals.left_out", detail=detail)
                )
        self._strangers += 1
        return self._strangers > STRANGERS_PER_MINUTE


def _detail(n_withheld: int | None) -> str | None:
    if n_withheld is None:
        return None
    return f"{n_withheld} {'drug' if n_withheld == 1 else 'drugs'} withheld by review"
