import time
from datetime import datetime

import pytest

from models.jobs.board import JobBoard
from models.jobs.durable import DurableQueue
from models.jobs.errors import BoardAway
from models.jobs.job import CAN, JobState
from models.jobs.spec import JobSpec
from serving.access.audit_entries import read_entries
from serving.access.opening import open_access
from serving.settings import ServingSettings


def post(client, path, body=None, **headers):
    return client.request("POST", path, json=body, headers=headers)


def keyed(client, body, key="one", path="/v1/jobs"):
    return post(client, path, body, **{"Idempotency-Key": key})


def test_a_job_is_made_and_found_where_the_answer_says(client, board, retrain):
    answer = post(client, "/v1/jobs", retrain)
    assert answer.status_code == 202
    made = answer.json()
    assert answer.headers["location"] == made["url"] == f"/v1/jobs/{made['job_id']}"
    assert JobSpec.from_json(made["spec"]) == JobSpec.from_json(retrain)
    assert (made["state"], made["kind"], made["percent"]) == ("queued", "retrain", 0.0)
    assert made["submitted_by"] == "open mode"
    assert datetime.fromisoformat(made["submitted_at"]).tzinfo is not None
    assert client.get(made["url"]).json() == {**made, "log": []}
    assert board.get(made["job_id"]).spec.cohort == retrain["cohort"]


WRONG = [
    ({"kind": "retrain"}, "/cohort"),
    ({"kind": "retrain", "cohort": "../etc/passwd"}, "/cohort"),
    ({"kind": "retrain", "cohort": "tcga", "surprise": 1}, "/surprise"),
    ({"kind": "retrain", "cohort": "tcga", "n_folds": True}, "/n_folds"),
    ({"kind": "retrain", "cohort": "tcga", "n_folds": 1}, "/n_folds"),
    ({"kind": "retrain", "cohort": "tcga", "drugs": ["A", "A"]}, "/drugs"),
    ({"kind": "retrain", "cohort": "tcga", "drugs": []}, "/drugs"),
    ({"kind": "retrain", "cohort": "tcga", "bundle": "3"}, "/bundle"),
    ({"kind": "retrain", "cohort": "tcga", "reason": "whim"}, "/reason"),
    ({"kind": "retrain", "cohort": "tcga", "policy": "../p.json"}, "/policy"),
    ({"kind": "promote"}, "/bundle"),
    ({"kind": "train", "cohort": "tcga"}, ""),
    ([], ""),
]


def test_a_job_that_cannot_be_is_refused_where_it_is_wrong(sqlite_client, sqlite_board):
    for body, pointer in WRONG:
        answer = post(sqlite_client, "/v1/jobs", body)
        assert answer.status_code == 422, body
        assert {place["pointer"] for place in answer.json()["errors"]} == {pointer}, body
        assert "passwd" not in answer.text
    assert sqlite_board.list().jobs == ()


def test_a_key_gives_the_same_job_also_after_a_restart(
    client, make_service, asgi_client, jobs_address, board, retrain
):
    first, again = keyed(client, retrain), keyed(client, retrain)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    anew = asgi_client(make_service(jobs_database_url=jobs_address))
    assert keyed(anew, retrain).json() == again.json() == first.json()
    other = keyed(anew, retrain | {"seed": 1})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key")
    assert keyed(anew, retrain | {"seed": 1}, key="two").status_code == 202
    assert len(board.list().jobs) == 2


def test_callers_do_not_share_keys(make_service, asgi_client, tmp_path, jobs_address, retrain):
    client = asgi_client(make_service(jobs_database_url=jobs_address, open_mode=False))
    store = open_access(ServingSettings(state=tmp_path), clock=time.time, monotonic=time.monotonic)
    # Of the same name, which is what the board keeps of a caller.
    keys = [store.keys.create("A", ["operate"], created_by="test")[0].text for _ in range(2)]
    store.close()
    made = {
        post(client, "/v1/jobs", retrain, **{"Idempotency-Key": "k", "X-API-Key": key}).json()[
            "job_id"
        ]
        for key in keys
        for _ in range(2)
    }
    assert len(made) == 2


def test_lists_are_filtered_and_turned_page_by_page(client, board, worker):
    spec = JobSpec.from_json({"kind": "promote", "bundle": "challenger"})
    other = JobSpec.from_json({"kind": "retrain", "cohort": "tcga"})
    ids = [board.submit(spec, submitted_by="a").job.job_id for _ in range(5)]
    ids += [board.submit(other, submitted_by="a").job.job_id for _ in range(2)]
    worker.change(ids[0], state="failed")
    found, address = [], "/v1/jobs?limit=3"
    while address:
        page = client.get(address).json()
        found.append([job["job_id"] for job in page["items"]])
        address = page["next"]
    assert [len(page) for page in found] == [3, 3, 1]
    assert [job_id for page in found for job_id in page] == ids[::-1]
    promotions = client.get("/v1/jobs?kind=promote&state=queued").json()["items"]
    assert [job["job_id"] for job in promotions] == ids[4:0:-1]
    for wrong in ("state=done", "limit=0", "cursor=x", "surprise=1", "state=failed&state=queued"):
        assert client.get(f"/v1/jobs?{wrong}").status_code == 422, wrong


def test_the_log_is_read_from_a_number_on_and_a_job_shows_its_end(client, worker, job):
    worker.change(job.job_id, lines=[f"line {number}" for number in range(1, 48)])
    address = f"/v1/jobs/{job.job_id}"
    first = client.get(f"{address}/log?limit=40").json()
    rest = client.get(f"{address}/log?after={first['last']}").json()
    numbers = [line["number"] for page in (first, rest) for line in page["items"]]
    assert numbers == list(range(1, 48))
    assert (rest["last"], rest["items"][-1]["text"]) == (47, "line 47")
    assert client.get(f"{address}/log?after=47").json() == {"items": [], "last": 47}
    shown = client.get(address).json()["log"]
    assert [line["number"] for line in shown] == list(range(28, 48))


@pytest.mark.parametrize("state", JobState)
def test_what_can_be_done_is_what_is_let_happen(
    sqlite_client, sqlite_board, sqlite_worker, retrain, state
):
    client, spec = sqlite_client, JobSpec.from_json(retrain)
    for action in ("cancel", "resume", "retry"):
        made = sqlite_board.submit(spec, submitted_by="a").job
        if state is not JobState.QUEUED:
            sqlite_worker.change(made.job_id, state=state)
        shown = client.get(f"/v1/jobs/{made.job_id}").json()
        assert tuple(shown["can"]) == CAN[state]
        answer = post(client, f"/v1/jobs/{made.job_id}/{action}")
        if action in shown["can"]:
            assert answer.status_code == (202 if action == "retry" else 200)
        else:
            assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
            assert str(state) in answer.json()["detail"]


def test_a_job_is_cancelled_resumed_and_made_again(client, board, job):
    address = f"/v1/jobs/{job.job_id}"
    cancelled = post(client, f"{address}/cancel").json()
    assert (cancelled["state"], cancelled["reason"]) == ("cancelled", "cancelled by open mode")
    again = keyed(client, None, path=f"{address}/retry")
    assert again.status_code == 202
    made = again.json()
    assert made["job_id"] != job.job_id
    assert JobSpec.from_json(made["spec"]) == job.spec
    assert keyed(client, None, path=f"{address}/retry").json()["job_id"] == made["job_id"]
    assert post(client, f"{address}/resume").json()["state"] == "queued"
    assert post(client, f"{address}/resume").status_code == 409
    assert len(board.list().jobs) == 2


def test_an_unknown_job_is_not_found(client):
    for path in ("", "/log", "/events", "/cancel", "/resume", "/retry"):
        method = "POST" if path in ("/cancel", "/resume", "/retry") else "GET"
        answer = client.request(method, f"/v1/jobs/none-such{path}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


def test_workers_and_counts_are_listed(client, job):
    found = client.get("/v1/executors").json()
    assert found["items"] == []
    assert found["jobs"] == {state: int(state == "queued") for state in map(str, JobState)}


def test_every_action_leaves_its_line_in_the_audit_trail(sqlite_client, sqlite_database, retrain):
    job_id = post(sqlite_client, "/v1/jobs", retrain).json()["job_id"]
    for action in ("cancel", "resume", "cancel", "retry"):
        assert post(sqlite_client, f"/v1/jobs/{job_id}/{action}").is_success
    lines = wait_for_lines(sqlite_database, 5)
    done = [line.action.removeprefix("job.") for line in reversed(lines)]
    assert done == ["submitted", "cancelled", "resumed", "cancelled", "submitted"]
    assert all(line.caller == "open mode" and line.request_id for line in lines)
    assert lines[-1].detail == f"{job_id}: retrain ccle-gdsc2"


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one"}])
def test_a_job_made_again_has_the_same_line_with_and_without_a_key(
    sqlite_client, sqlite_database, sqlite_board, retrain, headers
):
    first = sqlite_board.submit(JobSpec.from_json(retrain), submitted_by="a").job.job_id
    sqlite_board.cancel(first, by="a")
    made = post(sqlite_client, f"/v1/jobs/{first}/retry", **headers)
    if headers:
        again = post(sqlite_client, f"/v1/jobs/{first}/retry", **headers)
        assert again.headers["idempotency-replayed"] == "true"
    assert made.status_code == 202
    post(sqlite_client, "/v1/jobs", retrain)
    newest, line = wait_for_lines(sqlite_database, 2)
    assert line.action == newest.action == "job.submitted"
    assert line.detail == f"{made.json()['job_id']}: retrain ccle-gdsc2 again, as {first}"


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "one"}])
def test_a_job_that_ends_while_it_is_asked_for_again_is_made_once_at_most(
    sqlite_client, sqlite_board, sqlite_worker, retrain, headers, monkeypatch
):
    job_id = sqlite_board.submit(JobSpec.from_json(retrain), submitted_by="a").job.job_id
    read = JobBoard.get

    def read_before_its_end(board, asked):
        job = read(board, asked)
        sqlite_worker.change(asked, state="failed")
        return job

    monkeypatch.setattr(JobBoard, "get", read_before_its_end)
    answer = post(sqlite_client, f"/v1/jobs/{job_id}/retry", **headers)
    assert answer.status_code == 409
    assert len(sqlite_board.list().jobs) == 1


@pytest.mark.parametrize(
    ("action", "queued", "done"), [("cancel", True, "cancelled"), ("resume", False, "resumed")]
)
def test_what_was_stored_is_answered_and_audited_though_the_queue_is_away(
    sqlite_client, sqlite_board, sqlite_database, retrain, monkeypatch, action, queued, done
):
    job_id = sqlite_board.submit(JobSpec.from_json(retrain), submitted_by="a").job.job_id
    if not queued:
        sqlite_board.cancel(job_id, by="a")

    def away(queue, asked):
        raise BoardAway("It is away.", needed="it.", remedy="nothing was stored.")

    monkeypatch.setattr(DurableQueue, action, away)
    answer = post(sqlite_client, f"/v1/jobs/{job_id}/{action}")
    assert (answer.status_code, answer.json()["job_id"]) == (200, job_id)
    (line,) = wait_for_lines(sqlite_database, 1)
    assert line.action == f"job.{done}"


def test_a_job_of_another_release_spoils_no_page(client, board, worker, job):
    worker.change(job.job_id, spec={**job.spec.to_json(), "n_gpus": 2})
    found = client.get("/v1/jobs")
    assert (found.status_code, len(found.json()["items"])) == (200, 1)
    assert client.get(f"/v1/jobs/{job.job_id}").json()["spec"] == job.spec.to_json()
    board.cancel(job.job_id, by="a")
    again = post(client, f"/v1/jobs/{job.job_id}/retry")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/conflict")
    assert "n_gpus" in again.json()["detail"]


def wait_for_lines(database, n_lines):
    """Lines of the trail about jobs, newest first, which a thread writes in its own time."""
    deadline = time.monotonic() + 20
    while True:
        lines = [line for line in read_entries(database) if line.action.startswith("job.")]
        if len(lines) >= n_lines or time.monotonic() > deadline:
            return lines
        time.sleep(0.05)


def test_the_database_away_is_said_at_once_and_not_waited_for_again(
    postgres, make_service, asgi_client, retrain
):
    name = "jobs_away"
    postgres.execute(f"CREATE DATABASE {name}")
    client = asgi_client(make_service(jobs_database_url=postgres.address(name)))
    job_id = post(client, "/v1/jobs", retrain).json()["job_id"]
    postgres.stop()
    try:
        for address in ("/v1/jobs", f"/v1/jobs/{job_id}", f"/v1/jobs/{job_id}/events"):
            answer = client.get(address)
            assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
            assert int(answer.headers["retry-after"]) >= 1
        assert post(client, "/v1/jobs", retrain).status_code == 503
        assert client.get("/service-info").status_code == 200
    finally:
        postgres.start()
    deadline = time.monotonic() + 20
    while client.get("/v1/jobs").status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert client.get(f"/v1/jobs/{job_id}").json()["state"] == "queued"
