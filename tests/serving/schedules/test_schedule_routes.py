import importlib.util
from pathlib import Path

import pytest

_JOBS = Path(__file__).resolve().parents[1] / "jobs" / "conftest.py"
_spec = importlib.util.spec_from_file_location("services_with_jobs", _JOBS)
_jobs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_jobs)
service = _jobs.service
client = _jobs.client
JOB = {"kind": "retrain", "cohort": "ccle-gdsc2"}
NIGHTLY = {"name": "nightly", "cron": "0 3 * * *", "time_zone": "Europe/Berlin", "job": JOB}


def post(client, path, body=None):
    return client.request("POST", f"/v1/schedules{path}", json=body)


def test_a_schedule_is_added_listed_paused_resumed_run_and_removed(client, board):
    made = post(client, "", NIGHTLY)
    assert made.status_code == 201
    assert made.json()["spec"]["reason"] == "schedule:nightly"
    assert made.json()["due_at"].endswith("Z")
    assert client.get("/v1/schedules").json() == {"items": [made.json()]}
    assert post(client, "/nightly/pause").json()["due_at"] is None
    assert post(client, "/nightly/resume").json() == made.json()
    run = post(client, "/nightly/run")
    assert run.status_code == 202
    assert client.get(run.headers["location"]).json()["kind"] == "retrain"
    (listed,) = client.get("/v1/schedules").json()["items"]
    assert listed["last_job_id"] == run.json()["job_id"]
    assert client.request("DELETE", "/v1/schedules/nightly").status_code == 204
    assert client.get("/v1/schedules").json() == {"items": []}
    assert len(board.list().jobs) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"cron": "61 * * * *"}, 422),
        ({"cron": "* * * * * *"}, 422),
        ({"time_zone": "../etc/passwd"}, 422),
        ({"name": "a/b"}, 422),
        ({"job": {"kind": "retrain"}}, 422),
        ({"job": JOB | {"drugs": ["A", "A"]}}, 422),
        ({"surprise": 1}, 422),
    ],
)
def test_what_cannot_be_is_refused(client, change, status):
    answer = post(client, "", NIGHTLY | change)
    assert answer.status_code == status, answer.text
    assert "passwd" not in answer.text or change["time_zone"] in answer.json()["detail"]
    assert client.get("/v1/schedules").json() == {"items": []}


def test_a_name_is_taken_once_and_a_stranger_is_not_found(client):
    post(client, "", NIGHTLY)
    assert post(client, "", NIGHTLY).status_code == 409
    for path in ("/weekly/pause", "/weekly/resume", "/weekly/run"):
        assert post(client, path).status_code == 404
    assert client.request("DELETE", "/v1/schedules/weekly").status_code == 404
