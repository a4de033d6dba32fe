"""The whole of docker-compose.yml at work: submit, train, promote, predict, over HTTP.

There is no container here: every service runs its own command with its own environment on loopback.
"""

import json
import re
import secrets
import time

import httpx
import psutil
import pytest

from tests.deployment.compose_file import COMPOSE, EXAMPLE, read_env, services
from tests.deployment.composition import answers, composed, unstarted, wait_for

FILE = COMPOSE.read_text(encoding="utf-8")
EXAMPLES = read_env(EXAMPLE.read_text(encoding="utf-8"))
A_WORKER_BYTES = 512 * 1024**2  # of the gigabyte beside what a job may hold
ENDED = {"succeeded", "failed", "cancelled"}
TINY = {
    "kind": "retrain",
    "cohort": "ccle-gdsc2",
    "drugs": ["Cisplatin", "Olaparib"],
    "n_seeds": 1,
    "promote": "if_better",
}
ANOTHER = {**TINY, "drugs": ["Cisplatin"], "promote": "never"}


@pytest.fixture(scope="module")
def composition(shared_data):
    given = {n: secrets.token_hex(32) if v == "CHANGE_ME" else v for n, v in EXAMPLES.items()}
    given["CUPROMARK_MIRROR"] = str(shared_data)  # stands in for the internet
    with composed(services(FILE, given)) as running:
        running.start("mlflow", ready=lambda: answers(f"{running.address('mlflow:5000')}/health"))
        migrated = running.run("migrate")
        assert migrated.returncode == 0, migrated.stderr
        running.start("api", ready=lambda: answers(f"{running.address('api:8000')}/v2/health/live"))
        for replica in (1, 2):
            started = running.start("worker", replica=replica)
            wait_for(lambda: "takes jobs" in running.log(started), what=started)  # noqa: B023
        yield running


@pytest.fixture(scope="module")
def client(composition):
    """A caller with the key that the documentation has an operator make in the API's container."""
    created = composition.execute(
        "api", "cupromark", "keys", "create", "--name", "me", "--scope", "admin", "--json"
    )
    assert created.returncode == 0, created.stderr
    key = json.loads(created.stdout)["key"]
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(
        base_url=composition.address("api:8000"), headers=headers, timeout=30
    ) as caller:
        yield caller


def ended(client, composition, spec, *, seconds=600):
    """Submit a job and wait for its end."""
    answer = client.post("/v1/jobs", json=spec)
    assert answer.status_code == 202, answer.text
    end = time.monotonic() + seconds
    job = {"state": "queued"}
    while job["state"] not in ENDED:
        assert time.monotonic() < end, (job, composition.log("worker")[-2000:])
        time.sleep(0.3)
        job = client.get(answer.headers["Location"]).json()
    assert job["state"] == "succeeded", (job, composition.log("worker")[-2000:])
    return job


def served_version(client):
    return client.get("/v2/health/ready").json()["version"]


def test_submit_train_promote_predict(composition, client):
    assert client.get("/v2/health/ready").status_code == 503  # nothing was ever trained
    first = ended(client, composition, TINY)
    assert (first["outcome"], first["version"]) == ("promoted", "1"), first
    wait_for(lambda: served_version(client) == "1", what="the new champion")
    example = client.get("/openapi.json").json()["paths"]["/v1/predictions"]["post"]
    examples = example["requestBody"]["content"]["application/json"]["examples"]
    answer = client.post("/v1/predictions", json=next(iter(examples.values()))["value"])
    assert answer.status_code == 200, answer.text
    assert {each["drug"] for each in answer.json()["predictions"]} <= set(TINY["drugs"])

    again = ended(client, composition, TINY)
    assert again["outcome"] == "nothing_new"

    assert client.get("/v1/reviews/bundles").json()["items"], "the desk has its findings"


def test_replicas_of_the_worker_share_a_volume_and_live(composition):
    """`docker compose up --scale worker=2`: each under an id of its own."""
    both = [composition.log(name) for name in ("worker", "worker-2")]
    ids = [re.findall(r"Worker (\S+) takes jobs", log) for log in both]
    assert [len(found) for found in ids] == [1, 1], both  # neither was started anew
    assert ids[0] != ids[1]
    for name in ("worker", "worker-2"):
        process = composition.processes[name]
        assert process.poll() is None
        assert psutil.Process(process.pid).memory_info().rss < A_WORKER_BYTES


@pytest.mark.parametrize("container", ["api", "worker"])
def test_commands_in_a_container_work_on_the_store_that_is_served(composition, client, container):
    def told(*words):
        done = composition.execute(container, "cupromark", *words, "--json")
        assert done.returncode in {0, 1}, done.stderr
        return json.loads(done.stdout), done.stderr

    n_versions = len(told("models", "list")[0])
    for spec in (TINY, ANOTHER)[n_versions:]:
        ended(client, composition, spec)
    considered, _ = told("promote", "2", "--dry-run")
    assert (considered["version"], considered["promoted"]) == ("2", False)
    if container == "api":  # both have the settings of commands: what one may change, both may
        forced, _ = told("promote", "2", "--force", "--because", "of the test")
        assert forced["promoted"] is True
        assert told("models", "rollback")[0]["version"] == "1"
    plan, said = told("retention")
    assert {one["version"] for one in plan["kept"]} == {"1", "2"}
    assert (plan["removed"], plan["jobs_database_found"]) == (False, True), said
    made = list((composition.places.folder / container).rglob("mlflow.db"))
    assert made == [], "a store of its own"


def test_nothing_of_it_is_open_to_strangers(composition, client):
    assert httpx.get(f"{composition.address('api:8000')}/v1/jobs").status_code == 401
    experiments = "/api/2.0/mlflow/experiments/search?max_results=1"
    assert httpx.get(composition.address("mlflow:5000") + experiments).status_code == 401
    elsewhere = httpx.get(
        composition.address("mlflow:5000") + experiments, headers={"Host": "elsewhere.example"}
    )
    assert elsewhere.status_code == 403


@pytest.mark.parametrize("name", ["api", "worker", "migrate", "mlflow"])
def test_no_service_starts_with_the_secrets_of_the_example(name):
    with_placeholders = services(FILE, EXAMPLES)
    with unstarted(with_placeholders) as composition:
        ended_with = composition.run(name)
    assert ended_with.returncode not in {0, None}
    assert "placeholder" in ended_with.stderr, ended_with.stderr
    assert "CHANGE_ME" not in ended_with.stderr
    assert "Traceback" not in ended_with.stderr
