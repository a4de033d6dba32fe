"""Answers about jobs as the OpenAPI file describes them; tests hold the answers to these."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

NEXT = "Address of the next page; null on the last one."
State = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled"]
Kind = Literal["retrain", "promote"]
Step = Literal[
    "fetch", "verify", "join", "train", "evidence", "report", "register", "shadow", "gate",
    "promote",
]  # fmt: skip
Outcome = Literal["promoted", "refused", "registered", "nothing_new"]
Action = Literal["cancel", "resume", "retry"]


class JobAnswer(BaseModel):
    """A job as it stands."""

    job_id: str
    kind: Kind
    spec: dict[str, Any] = Field(description="What was asked for, with every default.")
    state: State = Field(
        description="`waiting` runs, and waits for something that is away: `reason` says what."
    )
    step: Step | None = Field(description="The step that it is at; null before the first.")
    percent: float = Field(description="0 to 100.")
    seconds_left: float | None = Field(description="Expected; null where that is not known.")
    reason: str | None = Field(description="Why it waits, failed or was cancelled.")
    outcome: Outcome | None = Field(
        description="Of a job that succeeded; `refused` is the gate's word."
    )
    reasons: list[str] = Field(description="What the promotion gate had against it.")
    figures: dict[str, float | str] = Field(description="Figures that are known so far.")
    run_id: str | None = Field(description="Run in MLflow.")
    mlflow_url: str | None = Field(description="Page of that run.")
    version: str | None = Field(description="Version that was registered.")
    submitted_at: str
    started_at: str | None
    ended_at: str | None
    submitted_by: str = Field(description="Name of the API key, or who ran the command.")
    executor_id: str | None = Field(description="Worker that has it, or had it last.")
    attempt: int = Field(description="How often a worker took it up.")
    can: list[Action] = Field(description="What can be done with it now.")
    url: str


class JobLogLine(BaseModel):
    """A line of a job's log."""

    number: int = Field(description="From 1 on, without holes.")
    at: str
    level: str
    text: str


class JobDetail(JobAnswer):
    """A job as it stands, with the end of its log."""

    log: list[JobLogLine] = Field(description="The last 20 lines, oldest first.")


class JobList(BaseModel):
    """A page of jobs, newest first."""

    items: list[JobAnswer]
    next: str | None = Field(description=NEXT)


class JobLog(BaseModel):
    """Some lines of a job's log, oldest first."""

    items: list[JobLogLine]
    last: int = Field(description="Number of the last line here: `after` for what comes next.")


class ExecutorAnswer(BaseModel):
    """A worker that was heard of lately."""

    executor_id: str
    host: str
    started_at: str
    beat_at: str = Field(description="When it was last heard of.")
    job_id: str | None = Field(description="The job that it runs.")


class ExecutorList(BaseModel):
    """Workers that were heard of lately, and how many jobs stand where."""

    items: list[ExecutorAnswer]
    jobs: dict[State, int] = Field(description="Number of jobs by state.")
