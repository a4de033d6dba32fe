"""Answers about jobs, as the JSON that they are; tests hold these types to the OpenAPI file."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

JobState = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled"]
JobKind = Literal["retrain", "promote"]
JobStep = Literal[
    "fetch",
    "verify",
    "join",
    "train",
    "evidence",
    "report",
    "register",
    "shadow",
    "gate",
    "promote",
]
JobOutcome = Literal["promoted", "refused", "registered", "nothing_new"]


class JobAnswer(TypedDict):
    """A job as it stands; times are ISO 8601 in UTC."""

    job_id: str
    kind: JobKind
    spec: dict[str, Any]
    state: JobState
    step: JobStep | None
    percent: float
    seconds_left: float | None
    reason: str | None
    outcome: JobOutcome | None
    reasons: list[str]
    figures: dict[str, float | str]
    run_id: str | None
    mlflow_url: str | None
    version: str | None
    submitted_at: str
    started_at: str | None
    ended_at: str | None
    submitted_by: str
    executor_id: str | None
    attempt: int
    can: list[Literal["cancel", "resume", "retry"]]
    url: str


class JobLogLine(TypedDict):
    """A line of a job's log; numbers begin at 1 and have no holes."""

    number: int
    at: str
    level: str
    text: str


class JobDetail(JobAnswer):
    """A job as it stands, with the end of its log."""

    log: list[JobLogLine]


class JobLog(TypedDict):
    """Some lines of a job's log; `last` is the number after which the next ones come."""

    items: list[JobLogLine]
    last: int


class ExecutorAnswer(TypedDict):
    """A worker that was heard of lately."""

    executor_id: str
    host: str
    started_at: str
    beat_at: str
    job_id: str | None


class ExecutorList(TypedDict):
    """Workers that were heard of lately, and the number of jobs by state."""

    items: list[ExecutorAnswer]
    jobs: dict[JobState, int]


class ScheduleAnswer(TypedDict):
    """A job that is submitted again and again; times are ISO 8601 in UTC."""

    name: str
    cron: str
    time_zone: str
    spec: dict[str, Any]
    paused: bool
    created_by: str
    created_at: str
    due_at: str | None
    last_due_at: str | None
    last_job_id: str | None
    note: str | None
