"""Approvals as the settings have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from serving.reviews.approval_cache import ApprovalCache
from serving.reviews.decision_routes import n_people_needed

if TYPE_CHECKING:
    from serving.access.opening import Access
    from serving.settings import ServingSettings

KEPT = "approvals.json"


def open_approvals(
    settings: ServingSettings, access: Access, *, clock: Callable[[], float]
) -> ApprovalCache:
    """Put approvals together; nothing is read before `ApprovalCache.start`.

    Parameters
    ----------
    access
        Whose database holds the decisions.
    clock
        Seconds since 1970.
    """
    return ApprovalCache(
        access.database,
        n_people=n_people_needed(settings),
        unapproved=settings.unapproved,
        kept_at=settings.state / KEPT,
        refresh_seconds=settings.approval_seconds,
        clock=clock,
    )
