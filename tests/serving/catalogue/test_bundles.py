from dataclasses import replace

import pytest

from serving.bundles.messages import KnownVersion
from serving.catalogue.schemas import BundleList


def known(version, sha256, *aliases, **tags):
    return KnownVersion(version, sha256, aliases, 1_800_000_000.0, tags)


@pytest.fixture
def store(one_bundle, made_up):
    """Two registered versions, of which the older one answers."""
    source = one_bundle(made_up.make_bundle())
    tags = {"cohort": "made-up", "simulated": "true", "n_drugs": "4", "path": "/secret/place"}
    listed = (known("2", "cd" * 32, "challenger"), known("1", "ab" * 32, "champion", **tags))
    source.bundles.note(replace(source.bundles.progress, versions=listed))
    return source


@pytest.fixture
def registered(make_service, asgi_client, store):
    return asgi_client(make_service(source=store))


def test_versions_are_listed_newest_first_and_one_answers(registered):
    body = registered.get("/v1/bundles").json()
    BundleList.model_validate(body, extra="forbid")
    assert [(one["version"], one["serves"]) for one in body["items"]] == [("2", False), ("1", True)]
    champion = body["items"][1]
    assert (champion["cohort"], champion["simulated"], champion["n_drugs"]) == ("made-up", True, 4)
    assert champion["created_at"] == "2027-01-15T08:00:00Z"
    assert body["items"][0]["simulated"] is None
    assert body["serving"]["lineages"] == ["Lung", "Ovary"]
    assert body["serving"]["provenance"]["created_at"] == "2026-01-01T00:00:00Z"


def test_no_place_of_the_machine_is_told(registered):
    assert "/secret/place" not in registered.get("/v1/bundles").text


def test_an_alias_finds_its_version(registered):
    items = registered.get("/v1/bundles?alias=champion").json()["items"]
    assert [one["version"] for one in items] == ["1"]
    assert registered.get("/v1/bundles?alias=best").json()["items"] == []


def test_an_alias_that_moves_changes_the_tag(registered, store):
    tag = registered.get("/v1/bundles").headers["etag"]
    moved = tuple(
        replace(one, aliases=("champion",) if one.version == "2" else ())
        for one in store.bundles.versions()
    )
    store.bundles.note(replace(store.bundles.progress, versions=moved))
    assert registered.get("/v1/bundles", headers={"If-None-Match": tag}).status_code == 200


def test_a_bundle_that_no_store_listed_is_told_of_too(client, source):
    body = client.get("/v1/bundles").json()
    BundleList.model_validate(body, extra="forbid")
    assert [(one["sha256"], one["serves"]) for one in body["items"]] == [
        (source.served.sha256, True)
    ]


def test_without_a_bundle_the_list_is_empty(make_service, asgi_client):
    body = asgi_client(make_service()).get("/v1/bundles").json()
    BundleList.model_validate(body, extra="forbid")
    assert (body["serving"], body["items"]) == (None, [])
