import json

import pytest

from models.validation import validate_file
from serving.app import THIN_PATHS
from serving.validations.schemas import ValidationAnswer


@pytest.fixture
def client(make_service, asgi_client, made_up_source):
    return asgi_client(make_service(source=made_up_source, thin_paths=THIN_PATHS))


@pytest.fixture
def profiles(made_up):
    return made_up.make_training_profiles(n_samples=3, seed=5)


def document_of(profiles):
    return {
        "scale": "rma_log2",
        "genes": list(profiles.columns),
        "values": profiles.astype(float).to_numpy().tolist(),
        "ids": list(profiles.index),
    }


def validate(client, document):
    return client.request("POST", "/v1/validations", json=document)


def test_a_file_gets_the_report_of_the_command_line(client, made_up_source, profiles, tmp_path):
    path = tmp_path / "profiles.csv"
    profiles.T.to_csv(path)
    files = {"file": ("profiles.csv", path.read_bytes())}
    answer = client.request("POST", "/v1/validations", files=files, data={"scale": "rma_log2"})
    bundle = made_up_source.served.bundle.bundle
    expected = validate_file(path, scale="rma_log2", panel=bundle)
    assert answer.json() == json.loads(json.dumps(expected.to_json()))
    ValidationAnswer.model_validate_json(answer.content, strict=True)


def test_json_gets_the_report_of_its_file(client, profiles, tmp_path):
    profiles = profiles.rename(columns={"DNM1L": "DRP1"}).drop(columns="FDX1")
    path = tmp_path / "profiles.csv"
    profiles.T.to_csv(path)
    files = {"file": ("profiles.csv", path.read_bytes())}
    by_file = client.request("POST", "/v1/validations", files=files, data={"scale": "rma_log2"})
    by_json = validate(client, document_of(profiles))
    ValidationAnswer.model_validate_json(by_json.content, strict=True)
    one, other = by_file.json(), by_json.json()
    differing = {"source", "report"}
    assert {k: v for k, v in one.items() if k not in differing} == {
        k: v for k, v in other.items() if k not in differing
    }
    for name in ("id_type", "n_samples", "n_ids", "n_genes", "renamed", "unknown", "duplicated"):
        assert one["report"][name] == other["report"][name]
    assert other["missing_genes"] == ["FDX1"]
    assert other["report"]["renamed"] == {"DRP1": "DNM1L"}


@pytest.mark.parametrize(("n_missing", "accepted"), [(0, True), (2, True), (3, False)])
def test_what_is_accepted_is_answered_and_nothing_else(
    client, made_up_source, profiles, n_missing, accepted
):
    panel = made_up_source.served.bundle.gene_panel
    document = document_of(profiles.drop(columns=list(panel[:n_missing])))
    answer = validate(client, document)
    assert answer.status_code == 200
    assert answer.json()["accepted"] is accepted
    predicted = client.request("POST", "/v1/predictions", json=document)
    assert (predicted.status_code == 200) is accepted


def test_both_forms_of_json_agree(client, profiles):
    by_profile = {
        "scale": "rma_log2",
        "profiles": [
            {"id": sample, "expression": {gene: float(v) for gene, v in row.items()}}
            for sample, row in profiles.iterrows()
        ],
    }
    assert validate(client, by_profile).json() == validate(client, document_of(profiles)).json()


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"scale": "counts"}, "scale"),
        ({"drugs": ["Cisplatin"]}, "invalid-request"),
        ({"ids": ["a", "a", "b"]}, "invalid-request"),
        ({"values": [[31337.5] * 49] * 3}, "scale"),
        ({"genes": ["MARCH1"] * 49}, None),
    ],
)
def test_what_is_no_expression_is_a_problem(client, profiles, change, slug):
    answer = validate(client, document_of(profiles) | change)
    if slug is None:
        assert answer.json()["accepted"] is False
        return
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{slug}")
    assert "31337" not in answer.text


def test_another_form_of_the_answer_is_not_acceptable(client, profiles):
    headers = {"Accept": "text/csv"}
    answer = client.request("POST", "/v1/validations", json=document_of(profiles), headers=headers)
    assert answer.status_code == 406
