import html

import numpy as np
import pytest

from serving.app import THIN_PATHS
from tests.end_to_end.running_service import question_of

DRUG = "Cisplatin"


@pytest.fixture
def service(make_service, source, folder):
    return make_service(source=source, bundle=str(folder), thin_paths=THIN_PATHS)


@pytest.fixture
def client(asgi_client, service):
    return asgi_client(service)


@pytest.fixture
def ranges(client):
    answer = client.get("/what-if/genes")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def question(served):
    return question_of(served.bundle.bundle, n_samples=1, seed=3)


def explain(client, question, **headers):
    json = {**question, "drugs": [DRUG], "top": 1000}
    answer = client.request("POST", "/v1/explanations", json=json, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["explanations"][0]


def test_ranges_are_those_of_the_training_lines(ranges, served):
    bundle = served.bundle.bundle
    assert [one["gene"] for one in ranges["genes"]] == list(served.bundle.gene_panel)
    assert (ranges["scale"], ranges["bundle_sha256"]) == ("rma_log2", served.sha256)
    z = bundle.domain.features
    for at, one in enumerate(ranges["genes"]):
        lines = one["mean"] + one["sd"] * z[:, at]
        assert one["low"] == pytest.approx(lines.min(), abs=1e-5)
        assert one["high"] == pytest.approx(lines.max(), abs=1e-5)


def put_together(answer, ranges):
    """The profile that static/what_if_profile.js sends for an answer."""
    z = {one["name"]: one["value_z"] for one in answer["genes"]}
    genes = [one["gene"] for one in ranges["genes"]]
    values = [one["mean"] + one["sd"] * z[one["gene"]] for one in ranges["genes"]]
    return {"genes": genes, "values": [values], "scale": ranges["scale"], "align": "none"}


def test_a_profile_put_together_from_an_answer_is_answered_alike(client, question, ranges):
    given = explain(client, question)
    again = explain(client, put_together(given, ranges))
    assert again["probability_sensitive"] == pytest.approx(given["probability_sensitive"], abs=1e-9)
    assert again["log_odds"] == pytest.approx(given["log_odds"], abs=1e-9)


def test_of_a_linear_drug_a_moved_gene_changes_its_own_attribution_alone(client, question, ranges):
    given = explain(client, question)
    moved = put_together(given, ranges)
    gene = next(one["name"] for one in given["genes"] if one["kind"] == "gene")
    moved["values"][0][moved["genes"].index(gene)] += 1.0
    after = {one["name"]: one["attribution_log_odds"] for one in explain(client, moved)["genes"]}
    before = {one["name"]: one["attribution_log_odds"] for one in given["genes"]}
    changed = {name for name in before if not np.isclose(before[name], after[name], atol=1e-9)}
    assert changed == {gene}


def test_no_drift_counts_a_profile_that_nobody_measured(client, question, monkeypatch):
    counted = []
    monkeypatch.setattr(
        "serving.drift.recorder.DriftRecorder.record",
        lambda self, answers, served, key_id: counted.append(len(answers.set_codes)),
    )
    explain(client, question)
    assert counted == [1]
    explain(client, question, **{"Cupromark-What-If": "true"})
    assert counted == [1]


def test_the_page_offers_the_drug_that_is_asked_for(client):
    page = client.get("/what-if", params={"drug": "elesclomol"}).text
    assert '<option value="Elesclomol" selected>' in page
    assert "The model moves, not biology." in page
    assert "<script>alert" not in client.get("/what-if").text


def test_the_page_begins_with_the_drug_of_the_strongest_evidence(client, served):
    page = client.get("/what-if").text
    choices = page.partition('<select id="drug">')[2]
    chosen = choices.partition(" selected")[0].rpartition("<option")[2]
    (best,) = (one for one in served.bundle.bundle.drugs.values() if one.status == "supported")
    assert html.escape(best.drug, quote=False).split(" ")[0] in chosen


def test_an_unknown_drug_has_no_page(client):
    answer = client.get("/what-if", params={"drug": "none-such"})
    assert answer.status_code == 404
    assert "knows no such drug" in answer.text
    assert client.get("/what-if", params={"else": "1"}).status_code == 422


def test_without_a_login_nothing_is_told(make_service, asgi_client, source, folder):
    locked = asgi_client(make_service(source=source, bundle=str(folder), open_mode=False))
    assert locked.get("/what-if/genes").status_code == 401
    assert locked.get("/what-if").status_code == 303
