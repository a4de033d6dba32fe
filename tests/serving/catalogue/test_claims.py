import pytest

from features.claims import claims_about, contradictions, load_claims
from serving.catalogue.schemas import ClaimAnswer, ClaimList


@pytest.fixture(scope="module")
def claims():
    return load_claims()


def ids(client, query=""):
    body = client.get(f"/v1/claims?limit=500{query}").json()
    assert body["total"] == len(body["items"])
    return [claim["claim_id"] for claim in body["items"]]


def test_all_claims_are_listed_with_or_without_a_bundle(client, make_service, asgi_client, claims):
    body = client.get("/v1/claims?limit=500").json()
    ClaimList.model_validate(body, extra="forbid")
    assert [one["claim_id"] for one in body["items"]] == [claim.claim_id for claim in claims]
    assert asgi_client(make_service()).get("/v1/claims?limit=500").json() == body


@pytest.mark.parametrize(
    "question",
    [
        {"gene": "MFN2"},
        {"drug": "cisplatin"},
        {"drug_class": "platinum"},
        {"drug": "Cisplatin", "drug_class": "platinum"},
        {"process": "oxphos_complex_i"},
    ],
)
def test_filters_mean_what_they_mean_elsewhere(client, claims, question):
    expected = [claim.claim_id for claim in claims_about(claims, **question)]
    assert expected
    query = "".join(f"&{name}={value}" for name, value in question.items())
    assert ids(client, query) == expected


def test_genes_are_found_in_any_case(client):
    assert ids(client, "&gene=mfn2") == ids(client, "&gene=MFN2") != []
    assert ids(client, "&gene=NOGENE") == []


def test_directions_are_those_of_high_expression(client, claims):
    for direction in ("sensitivity", "resistance"):
        assert ids(client, f"&direction={direction}") == [
            claim.claim_id for claim in claims if claim.direction_when_high == direction
        ]
    assert client.get("/v1/claims?direction=up").status_code == 422


def test_contradicting_claims_name_each_other(client, claims):
    groups = contradictions(claims).values()
    found = client.get("/v1/claims?contradictions=true&limit=500").json()["items"]
    assert {one["claim_id"] for one in found} == {one.claim_id for group in groups for one in group}
    by_id = {one["claim_id"]: one for one in found}
    for one in found:
        for other in one["contradicted_by"]:
            assert one["claim_id"] in by_id[other]["contradicted_by"]
            assert by_id[other]["direction_when_high"] != one["direction_when_high"]


def test_one_claim_is_found_by_its_id(client, claims):
    answer = client.get(f"/v1/claims/{claims[0].claim_id}").json()
    ClaimAnswer.model_validate(answer, extra="forbid")
    assert answer["statement"] == claims[0].statement
    assert client.get("/v1/claims/no-such-claim").status_code == 404
