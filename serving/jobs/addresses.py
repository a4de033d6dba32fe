"""Addresses of jobs, and what the layers before the routes have to know of them."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

JOBS, JOB = "/v1/jobs", "/v1/jobs/{job_id}"
EVENTS = re.compile(r"/v1/jobs/[^/]+/events")
# A job is made once for a key, even if the service was started anew between two attempts.
KEY_KEEPERS = re.compile(r"/v1/jobs(?:/[^/]+/retry)?")


def is_event_stream(scope: MutableMapping[str, Any]) -> bool:
    """Whether the answer takes as long as the job that it tells of."""
    return scope["method"] == "GET" and EVENTS.fullmatch(scope["path"]) is not None


def keeps_keys(path: str) -> bool:
    """Whether the board keeps the Idempotency-Keys of requests to this path."""
    return KEY_KEEPERS.fullmatch(path) is not None
