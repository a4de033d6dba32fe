"""The shadow over HTTP: the caller's answer is the champion's, and sums are told afterwards."""

import time

import pytest

from models.errors import BundleDamagedError
from serving.access.opening import open_access
from serving.app import THIN_PATHS, create_app
from serving.reviews.opening import open_approvals
from serving.settings import ServingSettings
from serving.shadow.opening import open_shadow
from serving.shadow.schemas import ShadowAnswer
from serving.uploads.readers import open_uploads

PATH = "/v1/predictions"
MODEL = "/v2/models/cupromark"


class Service:
    """An application whose shadow answers when a test says so."""

    def __init__(self, store, state, client, clock, **given):
        settings = ServingSettings(state=state, open_mode=True, **given)
        self.access = open_access(settings, clock=time.time, monotonic=time.monotonic)
        self.access.start()
        self.uploads = open_uploads(settings)
        self.metrics = []

        def keep(services):
            self.services = services
            return {}

        self.app = create_app(
            settings, bundles=store, access=self.access, uploads=self.uploads, clock=clock,
            approvals=open_approvals(settings, self.access, clock=clock),
            thin_paths=(*THIN_PATHS, keep),
        )  # fmt: skip
        self.client = client(self.app)
        if self.shadow.challenger is not None:
            self.shadow.challenger.look()
            self.shadow.challenger.look()

    @property
    def shadow(self):
        return self.services.shadow

    def finish(self):
        self.shadow.recorder.answer_waiting()
        self.shadow.recorder.store()

    def close(self):
        self.uploads.close()
        self.access.close()


@pytest.fixture
def make_service(store, tmp_path, asgi_client, clock):
    made = []

    def make_service(**given):
        made.append(Service(store, tmp_path, asgi_client, clock, **given))
        return made[-1]

    yield make_service
    for one in made:
        one.close()


@pytest.fixture
def question(ask, champion):
    def question(n=1, *, seed=0, **more):
        profiles = ask(champion, n, seed=seed).question.profiles
        return {
            "genes": profiles.genes, "values": profiles.values.tolist(), "scale": "rma_log2",
            "ids": list(profiles.sample_ids), **more,
        }  # fmt: skip

    return question


def test_answers_are_the_champions_and_sums_are_told(make_service, question):
    service = make_service(shadow_share=1.0)
    for seed in range(25):
        answer = service.client.request("POST", PATH, json=question(seed=seed))
        assert answer.status_code == 200
        assert answer.json()["bundle"]["version"] == "1"
    assert service.client.get("/v1/shadow").json()["pair"] is None
    service.finish()
    told = service.client.get("/v1/shadow")
    assert told.headers["cache-control"] == "private, no-store"
    ShadowAnswer.model_validate(told.json())
    assert told.json()["requests"]["answered"] == 25
    pair = told.json()["pair"]
    assert (pair["n_requests"], pair["n_answers"], pair["answered_share"]) == (25, 50, 1.0)
    hashes = {side: pair[side]["sha256"] for side in ("challenger", "champion")}
    assert service.client.get("/v1/shadow", params=hashes).json()["pair"] == pair
    metrics = service.services.metrics.render().decode()
    assert 'cupromark_shadow_requests_total{outcome="answered"} 25.0' in metrics
    assert "cupromark_shadow_on 1.0" in metrics


def test_tensors_are_answered_too_and_refusals_and_other_versions_are_not(
    make_service, question, store, challenger
):
    service = make_service(shadow_share=1.0)
    wrong = service.client.request("POST", PATH, json=question(drugs=["No such drug"]))
    assert wrong.status_code == 422
    shape = {"name": "expression", "shape": [1, 0], "datatype": "FP64", "data": []}
    assert (
        service.client.request("POST", f"{MODEL}/infer", json={"inputs": [shape]}).status_code
        >= 400
    )
    service.shadow.recorder.answer_waiting()
    assert sum(service.shadow.requests.values()) == 0


def test_without_a_share_nothing_is_taken(make_service, question):
    service = make_service()
    assert service.client.request("POST", PATH, json=question()).status_code == 200
    assert service.shadow.recorder is None
    told = service.client.get("/v1/shadow").json()
    assert (told["state"], told["share"], told["pair"]) == ("off", 0.0, None)
    assert "cupromark_shadow" not in service.services.metrics.render().decode()


def test_a_share_is_chosen_by_the_request_id(make_service, question):
    service = make_service(shadow_share=0.3)
    for number in range(60):
        headers = {"X-Request-ID": f"request {number}".replace(" ", "-")}
        service.client.request("POST", PATH, json=question(), headers=headers)
    service.shadow.recorder.answer_waiting()
    first = service.shadow.requests["answered"]
    assert 5 < first < 35
    for number in range(60):
        headers = {"X-Request-ID": f"request-{number}"}
        service.client.request("POST", PATH, json=question(), headers=headers)
    service.shadow.recorder.answer_waiting()
    assert service.shadow.requests["answered"] == 2 * first


def test_a_damaged_challenger_is_told_with_its_reason(make_service, question, store):
    store.brings.clear()
    error = BundleDamagedError("linear.npz was changed.", needed="it whole.", remedy="fetch it.")
    store.refuse("2", error.found)
    service = make_service(shadow_share=1.0)
    answer = service.client.request("POST", PATH, json=question())
    assert answer.json()["bundle"]["version"] == "1"
    told = service.client.get("/v1/shadow").json()
    assert (told["state"], told["challenger_version"]) == ("refused", None)
    assert told["reason"] == "linear.npz was changed."
    assert "cupromark_shadow_on 0.0" in service.services.metrics.render().decode()


def test_questions_about_pairs_are_read_strictly(make_service):
    client = make_service(shadow_share=1.0).client
    known, other = "ab" * 32, "cd" * 32
    half = client.get("/v1/shadow", params={"champion": known})
    assert half.status_code == 422
    assert half.json()["errors"][0]["pointer"] == "?challenger"
    both = {"champion": known, "challenger": other}
    assert client.get("/v1/shadow", params=both).status_code == 404
    assert client.get("/v1/shadow", params={"champion": "x"}).status_code == 422


def test_nothing_is_started_before_its_time(sqlite_database, store, approvals, clock):
    class Registry:
        def register(self, collector):
            self.collector = collector

    class Metrics:
        registry = Registry()

    settings = ServingSettings(shadow_share=0.5)
    shadow = open_shadow(
        settings, database=sqlite_database, bundles=store.bundles, approvals=approvals,
        metrics=Metrics(), clock=clock,
    )  # fmt: skip
    assert store.asked == []
    assert shadow.standing.state == "waiting"
    shadow.start()
    shadow.close()
    assert "2" in store.asked
