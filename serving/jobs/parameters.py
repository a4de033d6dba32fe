"""Parameters of the path and headers that routes of jobs share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Path

JobId = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,64}$")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key with the same job gives the same job, also after a restart.",
    ),
]
