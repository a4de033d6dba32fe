from urllib.parse import quote

import pytest

from serving.catalogue.schemas import DrugDetail, DrugList


def names(client, query=""):
    return [drug["name"] for drug in client.get(f"/v1/drugs{query}").json()["items"]]


def test_the_list_fits_its_schema_and_says_what_answers(client, source):
    body = client.get("/v1/drugs").json()
    DrugList.model_validate(body, extra="forbid")
    assert body["total"] == len(source.served.bundle.drugs)
    assert body["bundle"]["sha256"] == source.served.sha256
    cisplatin = next(one for one in body["items"] if one["name"] == "Cisplatin")
    assert (cisplatin["roc_auc_low"], cisplatin["roc_auc"], cisplatin["roc_auc_high"]) == (
        0.7,
        0.8,
        0.9,
    )
    assert cisplatin["drug_classes"][0] == "platinum"


def test_filters_keep_what_fits(client, slashed):
    assert names(client, "?status=supported") == ["Cisplatin"]
    assert set(names(client, "?status=supported&status=exploratory")) == {
        "Cisplatin",
        "Elesclomol",
    }
    assert names(client, "?search=BLEO") == ["Bleomycin (50 uM)"]
    assert names(client, "?search=plat") == ["Cisplatin"]
    assert names(client, "?drug_class=PLATINUM") == ["Cisplatin"]
    assert names(client, "?search=nothing-of-the-kind") == []
    assert client.get("/v1/drugs?status=good").status_code == 422


def test_the_order_can_be_turned_round(client, slashed):
    forth = names(client, "?sort=name")
    assert forth == sorted(forth, key=str.casefold)
    assert names(client, "?sort=-name") == forth[::-1]
    assert names(client, "?sort=status")[0] == "Cisplatin"
    assert names(client, "?sort=-status")[-1] == "Cisplatin"
    assert names(client, "?sort=-roc_auc")[0] == "Cisplatin"
    # What has no figure is last, whichever way.
    assert names(client, "?sort=roc_auc")[-1] == names(client, "?sort=-roc_auc")[-1] == slashed


def test_every_drug_is_found_at_its_address(client, source):
    for drug in client.get("/v1/drugs").json()["items"]:
        answer = client.get(drug["url"])
        DrugDetail.model_validate(answer.json(), extra="forbid")
        assert answer.json()["name"] == drug["name"]
        assert answer.json()["evidence_card"]["drug"] == drug["name"]
        label_card = source.served.bundle.bundle.drugs[drug["name"]].label_card
        assert answer.json()["label_card"] == label_card


@pytest.mark.parametrize("name", ["cisplatin", "CISPLATIN", "bleomycin (50 UM)"])
def test_case_does_not_matter(client, name):
    assert client.get(f"/v1/drugs/{quote(name)}").json()["name"].casefold() == name.casefold()


@pytest.mark.parametrize("name", ["nothing", "", "Cisplatin/", "a" * 5_000, "%00", "%ff"])
def test_a_drug_that_is_not_known_is_not_found(client, name):
    answer = client.get(f"/v1/drugs/{name}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


def test_one_drug_takes_no_parameters(client):
    answer = client.get("/v1/drugs/Cisplatin?verbose=1")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?verbose")
