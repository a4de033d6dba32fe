"""Schedules as the OpenAPI file describes them; tests hold the answers to these."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Body
from pydantic import BaseModel, Field

from serving.jobs.requests import JobRequest
from serving.predictions.schemas import Strict

NAME = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


class ScheduleRequest(Strict):
    """A job that is to be submitted again and again."""

    name: str = Field(pattern=NAME)
    cron: str = Field(
        min_length=1,
        max_length=200,
        description="Minute, hour, day of the month, month, day of the week; or such as @daily.",
    )
    time_zone: str = Field("UTC", min_length=1, max_length=80, description="Of the tz database.")
    job: JobRequest


ScheduleBody = Annotated[
    ScheduleRequest,
    Body(
        openapi_examples={
            "every Monday at three": {
                "value": {
                    "name": "weekly",
                    "cron": "0 3 * * 1",
                    "time_zone": "Europe/Berlin",
                    "job": {"kind": "retrain", "cohort": "ccle-gdsc2"},
                }
            }
        }
    ),
]


class ScheduleAnswer(BaseModel):
    """A schedule as it stands."""

    name: str
    cron: str
    time_zone: str
    spec: dict[str, Any] = Field(description="The job that is submitted, with every default.")
    paused: bool
    created_by: str
    created_at: str
    due_at: str | None = Field(description="Its next run; null while it is paused.")
    last_due_at: str | None = Field(description="The run before.")
    last_job_id: str | None = Field(description="Job of the run before.")
    note: str | None = Field(
        description="Runs that the last one made up for, or why nothing was submitted."
    )


class ScheduleList(BaseModel):
    """Every schedule, by name."""

    items: list[ScheduleAnswer]
