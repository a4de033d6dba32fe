"""Query parameters of jobs; a parameter that is not named here is refused."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from serving.jobs.schemas import Kind, State

LAST_NUMBER = 2**31 - 1


class JobQuery(BaseModel):
    """Which jobs, and which page."""

    model_config = ConfigDict(extra="forbid")

    state: State | None = Field(None, description="Only jobs that stand there.")
    kind: Kind | None = Field(None, description="Only jobs of this kind.")
    limit: int = Field(50, ge=1, le=500, description="Most jobs on a page.")
    cursor: str | None = Field(
        None, pattern="^[0-9]{1,9}$", description="From `next` of the page before."
    )


class LogQuery(BaseModel):
    """Which lines of a log."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(0, ge=0, le=LAST_NUMBER, description="Only lines with larger numbers.")
    limit: int = Field(200, ge=1, le=1000, description="Most lines.")


class EventQuery(BaseModel):
    """From where on a job is told of."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(
        0,
        ge=0,
        le=LAST_NUMBER,
        description="Number of the last line of the log that is known; the header Last-Event-ID "
        "goes before it.",
    )
