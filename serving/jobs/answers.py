"""Jobs, lines of their logs and workers as JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import Response

from models.jobs.job import Executor, Job, LogLine

NO_STORE = {"Cache-Control": "no-store"}
MOMENTS = ("submitted_at", "started_at", "ended_at")


def job_json(job: Job) -> dict[str, Any]:
    """Give a job; times as ISO 8601 in UTC."""
    content = job.to_json()
    return {
        **content,
        **{name: moment(content[name]) for name in MOMENTS},
        "kind": job.spec.kind,
        "can": list(job.can),
        "url": f"/v1/jobs/{job.job_id}",
    }


def line_json(line: LogLine) -> dict[str, Any]:
    """Give a line of a log."""
    return {**asdict(line), "at": moment(line.at)}


def executor_json(executor: Executor) -> dict[str, Any]:
    """Give a worker."""
    times = {name: moment(getattr(executor, name)) for name in ("started_at", "beat_at")}
    return {**asdict(executor), **times}


def moment(seconds: float | None) -> str | None:
    """Write a time as ISO 8601 in UTC, to the millisecond."""
    if seconds is None:
        return None
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def answer(content: Any, *, status: int = 200, **headers: str) -> Response:
    """Answer with JSON that nobody stores."""
    return Response(
        orjson.dumps(content),
        status_code=status,
        headers={**NO_STORE, **headers},
        media_type="application/json",
    )
