import csv
import io
import re

import pytest

LISTS = ("/v1/drugs", "/v1/gene-sets", "/v1/claims", "/v1/bundles")


@pytest.mark.parametrize("path", ["/v1/drugs", "/v1/gene-sets", "/v1/claims?gene=MFN2"])
def test_following_next_gives_the_whole_list_once(client, path):
    whole = client.get(path).json()
    assert whole["next"] is None
    separator = "&" if "?" in path else "?"
    items, address = [], f"{path}{separator}limit=2"
    while address is not None:
        answer = client.get(address)
        body = answer.json()
        assert body["total"] == whole["total"] == len(whole["items"])
        linked = re.fullmatch(r'<(.*)>; rel="next"', answer.headers.get("link", ""))
        assert (linked.group(1) if linked else None) == body["next"]
        items += body["items"]
        address = body["next"]
    assert items == whole["items"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=a", "limit=1&limit=2", "limt=5", "cursor=x", "cursor=",
     f"cursor={'A' * 101}"],
)  # fmt: skip
def test_a_query_that_is_not_right_is_a_problem(client, path, query):
    answer = client.get(f"{path}?{query}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-request")
    assert [place["pointer"] for place in answer.json()["errors"]] == [f"?{query.split('=')[0]}"]


def test_a_cursor_holds_for_its_filters_only(client):
    following = client.get("/v1/claims?drug_class=platinum&limit=2").json()["next"]
    assert client.get(following).status_code == 200
    assert client.get(following.replace("platinum", "taxane")).status_code == 422
    assert client.get(following.replace("claims", "drugs")).status_code == 422


def test_a_cursor_ends_with_the_bundle_that_it_was_made_for(
    make_service, asgi_client, one_bundle, made_up
):
    source = one_bundle(made_up.make_bundle())
    client = asgi_client(make_service(source=source))
    following = client.get("/v1/drugs?limit=1").json()["next"]
    source.bundles.serve(type(source.served)(source.served.bundle, "2", "cd" * 32, "store", 0.0))
    answer = client.get(following)
    assert answer.status_code == 422
    assert "begin again" in answer.json()["remedy"]


@pytest.mark.parametrize("path", [*LISTS, "/v1/drugs/Cisplatin", "/v1/gene-sets/fusion"])
def test_what_is_known_is_not_sent_again(client, path):
    first = client.get(path)
    tag = first.headers["etag"]
    for known in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get(path, headers={"If-None-Match": '"other"'}).json() == first.json()


def test_tags_tell_pages_and_forms_apart(client):
    asked = [
        ("/v1/drugs", "application/json"),
        ("/v1/drugs", "text/csv"),
        ("/v1/drugs?limit=2", "application/json"),
        ("/v1/drugs?sort=-name", "application/json"),
    ]
    tags = {client.get(path, headers={"Accept": form}).headers["etag"] for path, form in asked}
    assert len(tags) == len(asked)


@pytest.mark.parametrize("path", LISTS)
def test_csv_names_its_columns(client, path):
    answer = client.get(path, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_no_cell_of_a_csv_is_a_formula(client):
    text = client.get("/v1/drugs?search=cmd", headers={"Accept": "text/csv"}).text
    assert "'=cmd()" in text


@pytest.mark.parametrize("path", ["/v1/drugs", "/v1/gene-sets", "/v1/drugs/Cisplatin"])
def test_without_a_bundle_there_is_nothing_to_list(make_service, asgi_client, path):
    answer = asgi_client(make_service()).get(path)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/not-ready")
    assert "retry-after" in answer.headers
