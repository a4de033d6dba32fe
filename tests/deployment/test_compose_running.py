"""The whole of docker-compose.yml at work: submit, train, promote, predict, over HTTP.

There is no container here: every service runs its own command with its own environment on loopback.
"""

import json
import secrets
import subprocess
import time

import httpx
import pytest

from tests.deployment.compose_file import COMPOSE, EXAMPLE, read_env, services
from tests.deployment.composition import answers, composed, unstarted, wait_for

FILE = COMPOSE.read_text(encoding="utf-8")
EXAMPLES = read_env(EXAMPLE.read_text(encoding="utf-8"))
ENDED = {"succeeded", "failed", "cancelled"}
TINY = {
    "kind": "retrain",
    "cohort": "ccle-gdsc2",
    "drugs": ["Cisplatin", "Olaparib"],
    "n_seeds": 1,
    "promote": "if_better",
}


@pytest.fixture(scope="module")
def composition(shared_data):
    given = {n: secrets.token_hex(32) if v == "CHANGE_ME" else v for n, v in EXAMPLES.items()}
    with composed(services(FILE, given)) as running:
        running.start("mlflow", ready=lambda: answers(f"{running.address('mlflow:5000')}/health"))
        migrated = running.run("migrate")
        assert migrated.returncode == 0, migrated.stderr
        running.start("api", ready=lambda: answers(f"{running.address('api:8000')}/v2/health/live"))
        running.start("worker")
        yield running


@pytest.fixture(scope="module")
def client(composition):
    """A caller with the key that the documentation has an operator make in the API's container."""
    created = subprocess.run(  # noqa: S603
        [
            *composition.command("api")[:1],
            "keys",
            "create",
            "--name",
            "me",
            "--scope",
            "admin",
            "--json",
        ],
        env=composition.environment("api"),
        cwd=composition.places.folder / "api",
        capture_output=True,
        text=True,
        check=True,
    )
    key = json.loads(created.stdout)["key"]
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(
        base_url=composition.address("api:8000"), headers=headers, timeout=30
    ) as caller:
        yield caller


def ended(client, composition, spec, *, seconds=150):
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
    wait_for(lambda: served_version(client) == "1", what="the new champion", seconds=10)
    example = client.get("/openapi.json").json()["paths"]["/v1/predictions"]["post"]
    examples = example["requestBody"]["content"]["application/json"]["examples"]
    answer = client.post("/v1/predictions", json=next(iter(examples.values()))["value"])
    assert answer.status_code == 200, answer.text
    assert {each["drug"] for each in answer.json()["predictions"]} <= set(TINY["drugs"])

    again = ended(client, composition, TINY)
    assert again["outcome"] == "nothing_new"

    assert client.get("/v1/reviews/bundles").json()["items"], "the desk has its findings"


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
