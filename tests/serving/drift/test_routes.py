"""Drift over HTTP: every way to an answer is counted, and what was counted is told."""

import json
import time
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
import pytest

from models.drift.report import report_of
from serving.access.opening import open_access
from serving.app import THIN_PATHS, create_app
from serving.drift.opening import Drift
from serving.drift.recorder import DriftRecorder
from serving.drift.schemas import DriftAnswer
from serving.drift.store import add_counts, read_counts
from serving.settings import ServingSettings
from serving.uploads.readers import open_uploads

LEAST = 20
MODEL = "/v2/models/cupromark"
on_sqlite = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)


@dataclass
class Taken:
    """A recorder that keeps what it is given."""

    answers: list = field(default_factory=list)

    def record(self, answers, served, key_id):
        self.answers.append((answers, served, key_id))


@dataclass
class Service:
    app: object
    access: object
    client: object


@pytest.fixture
def make_app(tmp_path, database_address, made_up_source, asgi_client, clock):
    opened = []

    def make_app(counting, *, source=made_up_source, **given):
        base = {"state": tmp_path, "open_mode": True, "database_url": database_address}
        settings = ServingSettings(**base | {"upgrade_database": True} | given)
        access = open_access(settings, clock=time.time, monotonic=time.monotonic)
        access.key_cache.refresh()
        uploads = open_uploads(settings)
        opened.extend((uploads, access))
        app = create_app(
            settings, bundles=source, access=access, uploads=uploads, clock=clock, drift=counting,
            thin_paths=THIN_PATHS,
        )  # fmt: skip
        return Service(app, access, asgi_client(app))

    yield make_app
    for one in opened:
        one.close()


@pytest.fixture
def profiles(made_up):
    return made_up.make_training_profiles(n_samples=5, seed=7).clip(lower=0.1)


@pytest.fixture
def sources(profiles):
    """Each way to an answer, as (path, how it is asked)."""
    genes, values = list(profiles.columns), profiles.astype(float).to_numpy().tolist()
    question = {"genes": genes, "values": values, "scale": "rma_log2"}
    tensors = {
        "parameters": {"scale": "rma_log2"},
        "inputs": [
            {"name": "expression", "datatype": "FP64", "shape": list(profiles.shape),
             "data": values},
            {"name": "genes", "datatype": "BYTES", "shape": [len(genes)], "data": genes},
        ],
    }  # fmt: skip
    split = {"columns": genes, "data": values}
    file = {"file": ("profiles.csv", profiles.T.to_csv(index_label="gene").encode())}
    csv = {"Accept": "text/csv"}
    return {
        "json": ("/v1/predictions", {"json": question}),
        "csv": ("/v1/predictions", {"json": question, "headers": csv}),
        "file": ("/v1/predictions", {"files": file, "data": {"scale": "rma_log2"}}),
        "explanation": ("/v1/explanations", {"json": question | {"drugs": ["Cisplatin"]}}),
        "tensors": (f"{MODEL}/infer", {"json": tensors}),
        "mlflow": (
            "/invocations",
            {"json": {"dataframe_split": split, "params": {"scale": "rma_log2"}}},
        ),
    }


@pytest.fixture
def drift(database, clock):
    recorder = DriftRecorder(database, clock=clock, at_least=LEAST, store_seconds=30, keep_days=10)
    return Drift(recorder, None)


@on_sqlite
def test_every_way_to_an_answer_is_counted(make_app, sources):
    taken = Taken()
    service = make_app(Drift(taken, None), open_mode=False)
    key, record = service.access.keys.create("lab", ["predict"], created_by="test")
    for name, (path, options) in sources.items():
        headers = {"X-API-Key": key.text} | options.pop("headers", {})
        answer = service.client.request("POST", path, headers=headers, **options)
        assert answer.status_code == 200, (name, answer.text)
    assert len(taken.answers) == len(sources)
    assert {key_id for _, _, key_id in taken.answers} == {record.id}
    first = taken.answers[0][0].panel_z
    for answers, _, _ in taken.answers:
        assert np.allclose(answers.panel_z, first, atol=1e-4)


@on_sqlite
def test_a_refused_question_is_not_counted(make_app, sources):
    taken = Taken()
    service = make_app(Drift(taken, None))
    path, options = sources["json"]
    wrong = {"json": options["json"] | {"drugs": ["no such drug"]}}
    assert service.client.request("POST", path, **wrong).status_code == 422
    assert taken.answers == []


def test_what_was_asked_is_told_once_enough_profiles_came(make_app, drift, sources, made_up):
    service = make_app(drift)
    path, options = sources["json"]
    service.client.request("POST", path, **options)
    drift.recorder.count()
    drift.recorder.store()
    before = service.client.get("/v1/drift").json()
    assert before["overall"]["n_profiles"] == 0
    assert before["genes"] == []
    more = made_up.make_training_profiles(n_samples=40, seed=8).clip(lower=0.1) + 2.0
    values = more.astype(float).to_numpy().tolist()
    question = options["json"] | {"values": values}
    assert service.client.request("POST", path, json=question).status_code == 200
    drift.recorder.count()
    drift.recorder.store()
    answer = service.client.get("/v1/drift")
    DriftAnswer.model_validate(answer.json(), extra="forbid")
    told = answer.json()
    assert told["overall"]["n_profiles"] == 45
    assert told["overall"]["kind"] == "higher"
    assert [(one["caller"], one["n_profiles"]) for one in told["callers"]] == [("open", 45)]
    assert told["bundle"]["name"] == "not written"
    assert len(told["days"]) == 1


def test_the_answer_is_the_report_of_what_is_stored(
    make_app, drift, database, counter, counts_of, now
):
    service = make_app(drift)
    _, record = service.access.keys.create("lab", ["predict"], created_by="test")
    for days, caller in ((0, record.id), (3, "open"), (30, "open")):
        moment = now - timedelta(days=days)
        add_counts(database, counter.reference, caller, counts_of(60, seed=days), moment)
    sha256 = counter.reference.bundle_sha256
    told = service.client.get(f"/v1/drift?bundle={sha256}").json()
    counted = read_counts(database, sha256, since=now.date() - timedelta(days=6), until=now.date())
    expected = report_of(counter.reference, counted).to_json()
    for part in ("bundle", "overall", "genes", "domain", "days"):
        assert told[part] == json.loads(json.dumps(expected[part]))
    names = {one["caller"]: one["name"] for one in told["callers"]}
    assert names == {record.id: "lab", "open": None}
    since = (now.date() - timedelta(days=40)).isoformat()
    longer = f"/v1/drift?bundle={sha256}&since={since}&caller=open"
    told = service.client.get(longer).json()
    assert told["overall"]["n_profiles"] == 120
    assert (told["since"], told["caller"]) == (since, "open")


def test_while_no_bundle_answers_the_one_counted_last_is_told(
    make_app, drift, one_bundle, database, counter, counts_of, now
):
    source = one_bundle.__mro__[1]()  # a source that has none
    service = make_app(drift, source=source)
    assert service.client.get("/v1/drift").status_code == 503
    add_counts(database, counter.reference, "open", counts_of(), now)
    told = service.client.get("/v1/drift").json()
    assert told["bundle"]["sha256"] == counter.reference.bundle_sha256


@on_sqlite
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("since=2026-11-02&until=2026-11-01", 422),
        ("since=2020-01-01&until=2026-11-01", 422),
        ("since=yesterday", 422),
        ("since=2026-11-01&since=2026-11-02", 422),
        ("caller=%00", 422),
        ("gene=FDX1", 422),
        ("until=0001-01-01", 200),
        (f"bundle={'0' * 64}", 404),
    ],
)
def test_questions_are_held_to_their_form(make_app, drift, query, status):
    assert make_app(drift).client.get(f"/v1/drift?{query}").status_code == status


@on_sqlite
def test_metrics_are_there_from_the_beginning(make_app):
    told = make_app(None).client.get("/metrics").text
    assert 'cupromark_drift_profiles_total{outcome="stored"} 0.0' in told


@on_sqlite
def test_where_drift_is_off_nothing_is_counted(make_app, sources):
    service = make_app(None, drift=False)
    path, options = sources["json"]
    assert service.client.request("POST", path, **options).status_code == 200
    assert service.client.get("/v1/drift").json()["overall"]["n_profiles"] == 0
    assert "cupromark_drift" not in service.client.get("/metrics").text
