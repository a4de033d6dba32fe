"""Answers fit the schemas that the OpenAPI file shows."""

import pytest
from pydantic import TypeAdapter

from models.jobs.job import JobState, Outcome
from models.jobs.spec import KINDS, STEPS
from serving.jobs import schemas
from serving.jobs.schemas import ExecutorList, JobDetail, JobList, JobLog


def fits(kind, answer):
    names = set(kind.model_fields)
    assert set(answer) == names
    kind.model_validate(answer, strict=True)


def test_answers_fit_their_schemas(sqlite_client, sqlite_board, sqlite_worker, retrain):
    made = sqlite_client.request("POST", "/v1/jobs", json=retrain).json()
    sqlite_worker.change(
        made["job_id"],
        lines=["one", "two"],
        state="running",
        step="train",
        percent=12.5,
        seconds_left=40.0,
        figures={"roc_auc_mean": 0.7, "cohort": "ccle-gdsc2"},
        started_at=1_800_000_000.5,
    )
    shown = sqlite_client.get(made["url"]).json()
    fits(JobDetail, shown)
    assert shown["started_at"] == "2027-01-15T08:00:00.500Z"
    fits(JobList, sqlite_client.get("/v1/jobs").json())
    fits(JobLog, sqlite_client.get(f"{made['url']}/log").json())
    fits(ExecutorList, sqlite_client.get("/v1/executors").json())


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        (schemas.Step, STEPS),
        (schemas.State, JobState),
        (schemas.Outcome, Outcome),
        (schemas.Kind, KINDS),
    ],
)
def test_what_is_shown_is_what_jobs_have(shown, known):
    assert TypeAdapter(shown).json_schema()["enum"] == list(map(str, known))
