import pytest

from serving.inference.v2_schemas import InferAnswer, ModelMetadata, Ready, ServerMetadata

MODEL = "/v2/models/cupromark"


@pytest.fixture
def body(profiles):
    values = profiles.astype(float).to_numpy()
    genes = list(profiles.columns)
    return {
        "parameters": {"scale": "rma_log2"},
        "inputs": [
            {"name": "expression", "datatype": "FP64", "shape": list(values.shape),
             "data": values.tolist()},
            {"name": "genes", "datatype": "BYTES", "shape": [len(genes)], "data": genes},
        ],
    }  # fmt: skip


def test_answers_fit_their_schemas(client, body):
    ServerMetadata.model_validate(client.get("/v2").json(), extra="forbid")
    ModelMetadata.model_validate(client.get(MODEL).json(), extra="forbid")
    Ready.model_validate(client.get("/v2/health/ready").json(), extra="forbid")
    answer = client.request("POST", f"{MODEL}/infer", json=body)
    InferAnswer.model_validate(answer.json(), extra="forbid")
    again = client.request("POST", f"{MODEL}/versions/1/infer", json=body)
    assert again.json() == answer.json()


def test_withheld_drugs_answer_only_by_name(client, body, compiled):
    def drugs(**parameters):
        asked = body | {"parameters": body["parameters"] | parameters}
        outputs = client.request("POST", f"{MODEL}/infer", json=asked).json()["outputs"]
        return next(one["data"] for one in outputs if one["name"] == "drugs")

    withheld = [
        drug
        for drug, status in zip(compiled.drugs, compiled.statuses, strict=True)
        if status == "withheld"
    ]
    assert not set(withheld) & set(drugs())
    assert drugs(drugs=withheld) == withheld


def test_an_unknown_drug_is_refused_and_never_repeated(client, body):
    asked = body | {"parameters": {"scale": "rma_log2", "drugs": ["CANARY"]}}
    answer = client.request("POST", f"{MODEL}/infer", json=asked)
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]
    assert "CANARY" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/models/other", 404),
        ("GET", "/v2/models/other/ready", 404),
        ("POST", "/v2/models/other/infer", 404),
        ("GET", f"{MODEL}/versions/9", 404),
        ("GET", f"{MODEL}/versions/9/ready", 404),
        ("POST", f"{MODEL}/versions/9/infer", 404),
        ("POST", MODEL, 405),
        ("GET", f"{MODEL}/infer", 405),
        ("POST", f"{MODEL}/infer", 400),
    ],
)
def test_errors_have_the_form_of_the_protocol(client, method, path, status):
    answer = client.request(method, path)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])


def test_a_body_of_another_kind_is_refused(client):
    answer = client.request(
        "POST", f"{MODEL}/infer", content=b"a,b", headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code == 415


def test_without_a_bundle_it_lives_and_is_not_ready(make_service, asgi_client):
    empty = asgi_client(make_service())
    assert empty.get("/v2/health/live").json() == {"live": True}
    ready = empty.get("/v2/health/ready")
    Ready.model_validate(ready.json(), extra="forbid")
    assert (ready.status_code, ready.headers["retry-after"]) == (503, "5")
    assert empty.get(f"{MODEL}/ready").status_code == 503
    assert empty.get(MODEL).status_code == 503


def test_predictions_are_counted_and_noted(client, body):
    client.request("POST", f"{MODEL}/infer", json=body)
    text = client.get("/metrics").text
    assert 'route="/v2/models/{name}/infer"' in text
    assert "cupromark_predictions_total{" in text
