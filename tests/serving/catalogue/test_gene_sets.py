import csv
import io

from serving.catalogue.schemas import GeneSetDetail, GeneSetList


def names(client, query=""):
    return [one["name"] for one in client.get(f"/v1/gene-sets{query}").json()["items"]]


def test_the_list_and_every_set_fit_their_schemas(client, source):
    body = client.get("/v1/gene-sets").json()
    GeneSetList.model_validate(body, extra="forbid")
    assert [one["name"] for one in body["items"]] == list(source.served.bundle.bundle.gene_sets)
    panel = set(source.served.bundle.gene_panel)
    for one in body["items"]:
        detail = client.get(one["url"]).json()
        GeneSetDetail.model_validate(detail, extra="forbid")
        assert {m["symbol"] for m in detail["members"] if m["in_panel"]} == panel & {*one["genes"]}
        assert all(member["source"] for member in detail["members"])


def test_filters_keep_what_fits(client):
    assert names(client, "?gene=fdx1") == ["copper"]
    assert names(client, "?group=Cuproptosis") == ["copper", "fission", "fusion"]
    assert names(client, "?search=fus") == ["fusion"]
    assert names(client, "?direction=resistance") == []


def test_a_set_names_the_balances_it_has_a_part_in(client):
    assert [one["name"] for one in client.get("/v1/gene-sets/FUSION").json()["balances"]] == [
        "fission_against_fusion"
    ]
    assert client.get("/v1/gene-sets/copper").json()["balances"] == []
    assert client.get("/v1/gene-sets/none").status_code == 404


def test_csv_has_a_row_a_set_and_gene(client, source):
    text = client.get("/v1/gene-sets", headers={"Accept": "text/csv"}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["gene_set"], row["symbol"]) for row in rows] == [
        (name, gene)
        for name, gene_set in source.served.bundle.bundle.gene_sets.items()
        for gene in gene_set.genes
    ]
    assert {row["in_panel"] for row in rows} == {"true"}
