import pytest

from serving.inference.scoring_schemas import ScoringAnswer

HEALTH = [("GET", "/ping"), ("POST", "/ping"), ("GET", "/health")]


def invoke(client, body, **headers):
    return client.request("POST", "/invocations", json=body, headers=headers)


@pytest.fixture
def record(profiles):
    return {gene: float(value) for gene, value in profiles.iloc[0].items()}


@pytest.mark.parametrize(("method", "path"), HEALTH)
def test_health_tells_whether_predictions_are_answered(
    client, make_service, asgi_client, method, path
):
    assert client.request(method, path).status_code == 200
    empty = asgi_client(make_service()).request(method, path)
    assert (empty.status_code, empty.text) == (503, "\n")


def test_both_methods_of_ping_are_named(client):
    allowed = client.request("DELETE", "/ping").headers["allow"]
    assert {name.strip() for name in allowed.split(",")} >= {"GET", "POST"}


def test_the_answer_fits_its_schema_and_names_the_version(client, record):
    body = {"instances": [record], "params": {"scale": "rma_log2"}}
    answer = invoke(client, body).json()
    ScoringAnswer.model_validate(answer, extra="forbid")
    assert {one["bundle_version"] for one in answer["predictions"]} == {"not written"}
    assert {one["bundle_sha256"] for one in answer["predictions"]} == {"ab" * 6}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"params": None}, "/params/scale"),
        ({"params": {"scale": "furlongs"}}, "/params/scale"),
        ({"params": {"scale": "rma_log2", "drug": "A"}}, "/params/drug"),
        ({"params": {"scale": "rma_log2", "drugs": 3}}, "/params/drugs"),
        ({"params": []}, "/params"),
        ({"more": 1}, "/more"),
        ({"inputs": {"FDX1": [1.0]}}, "must have exactly one of"),
        ({"instances": []}, "/instances"),
        ({"instances": [[1, 2]]}, "/instances"),
        ({"instances": {}}, "/instances"),
        ({"instances": [{"FDX1": "1.5"}]}, "/instances"),
        ({"instances": [{"FDX1": True}]}, "/instances"),
        ({"instances": [{"FDX1": None}]}, "/instances"),
        ({"instances": [{"FDX1": 1}, {"DLAT": 1}]}, "/instances"),
        ({"instances": [{"FDX1": 1, "sample_id": None}]}, "/instances"),
        ({"instances": [{"FDX1": 1, "lineage": 5}]}, "/instances"),
        ({"instances": [{"FDX1": 10**400}]}, "Infinity"),
        ({"instances": [{"sample_id": "a"}]}, "/instances"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_as_mlflow_says_it(client, record, changes, pointer):
    body = {"instances": [record], "params": {"scale": "rma_log2"}} | changes
    answer = invoke(client, body)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error_code"] == "BAD_REQUEST"
    if pointer != "Infinity":
        assert pointer in answer.json()["message"]


@pytest.mark.parametrize(
    "split",
    [
        {"data": [[1.0]]},
        {"columns": ["FDX1"], "data": [[1.0, 2.0]]},
        {"columns": ["FDX1"], "data": [1.0]},
        {"columns": [None], "data": [[1.0]]},
        {"columns": ["FDX1"], "data": [[1.0]], "index": []},
        {"columns": ["FDX1"], "data": [[1.0]], "dtype": "float"},
        {"columns": [""], "data": [[1.0]]},
    ],
    ids=str,
)
def test_a_split_table_must_be_whole(client, split):
    answer = invoke(client, {"dataframe_split": split, "params": {"scale": "tpm"}})
    assert answer.status_code == 422
    assert "/dataframe_split" in answer.json()["message"]


@pytest.mark.parametrize(
    "text",
    [b"\xff\xfe", b"FDX1,DLAT\n1", b"FDX1\na", b"FDX1\n1_0", b'FDX1\n"1', b"FDX1\n1,2", b"", b"A"],
)
def test_csv_must_be_a_table_of_numbers(client, text):
    answer = client.request(
        "POST", "/invocations?scale=tpm", content=text, headers={"Content-Type": "text/csv"}
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["error_code"] == "BAD_REQUEST"


def test_parameters_have_one_place_each(client, record):
    body = {"instances": [record], "params": {"scale": "rma_log2"}}
    answer = client.request("POST", "/invocations?scale=tpm", json=body)
    assert answer.status_code == 422
    assert "?scale" in answer.json()["message"]
    missing = client.request(
        "POST", "/invocations", content="FDX1\n1", headers={"Content-Type": "text/csv"}
    )
    assert "?scale: is required" in missing.json()["message"]


def test_limits_hold(make_service, asgi_client, source, record):
    client = asgi_client(make_service(source=source, max_profiles=2, max_drugs=1))
    body = {"instances": [record] * 3, "params": {"scale": "rma_log2"}}
    assert invoke(client, body).status_code == 413
    body = {"instances": [record], "params": {"scale": "rma_log2", "drugs": ["A", "B"]}}
    assert invoke(client, body).status_code == 413
    text = "FDX1\n" + "1\n" * 3
    csv = {"Content-Type": "text/csv"}
    too_long = client.request("POST", "/invocations?scale=tpm", content=text, headers=csv)
    assert too_long.status_code == 413


def test_other_media_types_and_an_empty_service_are_refused(client, make_service, asgi_client):
    parquet = {"Content-Type": "application/vnd.apache.parquet"}
    answer = client.request("POST", "/invocations", content=b"PAR1", headers=parquet)
    assert answer.status_code == 415
    empty = invoke(asgi_client(make_service()), {})
    assert (empty.status_code, empty.json()["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
