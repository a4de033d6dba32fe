"""A job as it stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from models.jobs.spec import JobSpec


class JobState(StrEnum):
    """Where a job stands.

    `waiting`: it runs, and waits for something that is away; its reason says what.
    """

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens unless someone resumes it."""
        return self in OVER


OVER = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
UNDER_WAY = (JobState.RUNNING, JobState.WAITING)  # in the hands of a worker
CLAIMABLE = (JobState.QUEUED, *UNDER_WAY)


class Outcome(StrEnum):
    """What came of a job that succeeded; `refused` is the word of the gate."""

    PROMOTED = "promoted"
    REFUSED = "refused"
    REGISTERED = "registered"
    NOTHING_NEW = "nothing_new"


CAN = {
    JobState.QUEUED: ("cancel",),
    JobState.RUNNING: ("cancel",),
    JobState.WAITING: ("cancel",),
    JobState.SUCCEEDED: ("retry",),
    JobState.FAILED: ("resume", "retry"),
    JobState.CANCELLED: ("resume", "retry"),
}


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stands.

    Attributes
    ----------
    step
        The one it is at, of `STEPS`; None before the first.
    percent
        0 to 100.
    seconds_left
        Until it is expected to end; None where that is not known.
    reason
        Why it waits, failed or was cancelled.
    outcome
        Of a job that succeeded: one of `Outcome`.
    reasons
        What the gate had against it.
    figures
        Numbers and names known so far, such as roc_auc_mean.
    run_id, mlflow_url, version
        What it left in MLflow.
    submitted_at, started_at, ended_at
        Seconds since 1970.
    executor_id
        Worker that has or had it.
    attempt
        How often a worker took it up; 0 before the first.
    """

    job_id: str
    spec: JobSpec
    state: JobState
    step: str | None
    percent: float
    seconds_left: float | None
    reason: str | None
    outcome: str | None
    reasons: tuple[str, ...]
    figures: dict[str, float | str]
    run_id: str | None
    mlflow_url: str | None
    version: str | None
    submitted_at: float
    started_at: float | None
    ended_at: float | None
    submitted_by: str
    executor_id: str | None
    attempt: int

    @property
    def can(self) -> tuple[str, ...]:
        """What can be done with it: cancel, resume, retry."""
        return CAN[self.state]

    def to_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        document = asdict(self)
        document |= {"spec": self.spec.to_json(), "state": str(self.state)}
        return document | {"reasons": list(self.reasons), "can": list(self.can)}


@dataclass(frozen=True, slots=True)
class Submitted:
    """A job, and whether this call made it."""

    job: Job
    created: bool


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some jobs, newest first; `next` is where the next page begins, None on the last."""

    jobs: tuple[Job, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a job's log; numbers begin at 1 and have no holes."""

    number: int
    at: float
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Executor:
    """A worker: when it began, when it was last heard of, and the job it has."""

    executor_id: str
    host: str
    started_at: float
    beat_at: float
    job_id: str | None
