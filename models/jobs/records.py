"""Jobs from rows of their table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
    """Give the job of a row.

    Parameters
    ----------
    mlflow_url
        Where MLflow's pages are; None for jobs without links.
    """
    return Job(
        spec=JobSpec.from_json(row["spec"]),
        state=JobState(row["state"]),
        reasons=tuple(row["reasons"]),
        mlflow_url=_run_page(row, mlflow_url),
        **{name: row[name] for name in SAME},
    )


def _run_page(row: Mapping[Any, Any], mlflow_url: str | None) -> str | None:
    if mlflow_url is None or row["run_id"] is None or row["experiment_id"] is None:
        return None
    base = mlflow_url.rstrip("/")
    return f"{base}/#/experiments/{row['experiment_id']}/runs/{row['run_id']}"
