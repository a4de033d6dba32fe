"""Whether predictions are answered, for /v2/health/ready and for who looks after the service."""

from __future__ import annotations

from typing import Any

from serving.bundles.served import BundleState

READY, NOT_READY = 200, 503


def readiness(state: BundleState) -> tuple[int, dict[str, Any]]:
    """HTTP status and body.

    Returns
    -------
    tuple
        200 when a bundle answers, even if another one should (`degraded`), else 503; and the
        fields ready, bundle, version, sha256, source, loaded_at, degraded, wanted, failed_version,
        store_reachable, last_check_at, reason.
    """
    reason = state.last_error
    if not state.ready and reason is None:
        reason = "The store is asked for the bundle to serve; nothing is loaded yet."
    body = {
        "ready": state.ready,
        "bundle": state.name,
        "version": state.version,
        "sha256": state.sha256,
        "source": state.source,
        "loaded_at": state.loaded_at,
        "degraded": state.degraded,
        "wanted": state.wanted,
        "failed_version": state.failed_version,
        "store_reachable": state.store_reachable,
        "last_check_at": state.last_check_at,
        "reason": reason,
    }
    return (READY if state.ready else NOT_READY), body
