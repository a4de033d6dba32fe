"""Jobs from rows of their table, and the row of a new one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from models.jobs.errors import JobSpecError, WrongState
from models.jobs.job import Job, JobState
from models.jobs.spec import JobSpec

SAME = (
    "job_id",
    "step",
    "percent",
    "seconds_left",
    "reason",
    "outcome",
    "figures",
    "run_id",
    "version",
    "submitted_at",
    "started_at",
    "ended_at",
    "submitted_by",
    "executor_id",
    "attempt",
)


def job_of(row: Mapping[Any, Any], mlflow_url: str | None) -> Job:
    """Give the job of a row, as far as this release knows its fields.

    Parameters
    ----------
    mlflow_url
        Where MLflow's pages are; None for jobs without links.
    """
    return Job(
        spec=JobSpec.from_stored(row["spec"]),
        state=JobState(row["state"]),
        reasons=tuple(row["reasons"]),
        mlflow_url=_run_page(row, mlflow_url),
        **{name: row[name] for name in SAME},
    )


def known_spec(row: Mapping[Any, Any]) -> JobSpec:
    """Give what a job does, to do the same again.

    Raises
    ------
    WrongState
        Another release submitted it, with fields that this one does not know.
    """
    try:
        return JobSpec.from_json(row["spec"])
    except JobSpecError as error:
        raise WrongState(
            f"The job {row['job_id']} was submitted by a release with other fields: {error.found}",
            needed="a job whose fields this release knows.",
            remedy="submit a new job.",
            state=str(row["state"]),
            can=(),
        ) from error


def row_of(spec: JobSpec, submitted_by: str, key: str | None, *, at: float) -> dict[str, Any]:
    """Give the row of a new job."""
    return {
        "job_id": secrets.token_hex(8),
        "kind": spec.kind,
        "spec": spec.to_json(),
        "state": JobState.QUEUED,
        "percent": 0.0,
        "reasons": [],
        "figures": {},
        "submitted_at": at,
        "submitted_by": submitted_by,
        "idempotency_key": key,
        "attempt": 0,
        "n_lines": 0,
    }


def _run_page(row: Mapping[Any, Any], mlflow_url: str | None) -> str | None:
    if mlflow_url is None or row["run_id"] is None or row["experiment_id"] is None:
        return None
    base = mlflow_url.rstrip("/")
    return f"{base}/#/experiments/{row['experiment_id']}/runs/{row['run_id']}"
