import re
from html.parser import HTMLParser

import pytest

from serving.problem_types import PROBLEM_TYPES

PAGES = ("/docs", "/problems", *(f"/problems/{slug}" for slug in PROBLEM_TYPES))
SVG_NAMESPACE = "http://www.w3.org/2000/svg"  # a name, which nobody fetches
LOADING = {"src", "srcset", "poster", "data", "action", "formaction", "background"}


class Addresses(HTMLParser):
    """Collects what a page loads, what it links to, its ids, and what would need unsafe-inline."""

    def __init__(self):
        super().__init__()
        self.loaded, self.linked, self.ids, self.inline = [], [], [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.loaded += [value for name, value in attributes if name in LOADING]
        if "href" in given:
            (self.loaded if tag == "link" else self.linked).append(given["href"])
        if "id" in given:
            self.ids.append(given["id"])
        if tag in {"style", "script"} or "style" in given:
            self.inline.append(tag)
        self.inline += [name for name in given if name.startswith("on")]


@pytest.fixture
def client(make_service, asgi_client):
    return asgi_client(make_service())


@pytest.fixture
def openapi(client):
    return client.get("/openapi.json").json()


@pytest.mark.parametrize("path", PAGES)
def test_pages_ask_no_other_host_for_anything(client, path):
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    page = Addresses()
    page.feed(answer.text)
    assert all(re.match(r"/[^/]", address) for address in page.loaded)
    assert page.loaded
    assert page.inline == []
    assert len(page.ids) == len(set(page.ids))
    for address in page.loaded:
        loaded = client.get(address)
        assert loaded.status_code == 200
        text = loaded.text.replace(SVG_NAMESPACE, "")
        assert not re.search(r"url\(|@import|https?:", text)
    own = [address[1:] for address in page.linked if address.startswith("#")]
    assert set(own) <= set(page.ids)


def test_the_page_shows_every_operation(client, openapi):
    text = client.get("/docs").text
    for path, item in openapi["paths"].items():
        for method in item:
            assert f"{method.upper()} {path}" in text


def test_every_operation_names_its_problems(openapi):
    for path, item in openapi["paths"].items():
        for operation in item.values():
            answers = operation["responses"]
            assert {"400", "404", "405", "500", "503"} <= set(answers), path
            assert ("401" in answers) == bool(operation.get("security"))
            assert ("413" in answers) == ("requestBody" in operation)
            assert operation["summary"]
    assert "HTTPValidationError" not in str(openapi)


def test_every_reference_of_the_document_leads_somewhere(openapi):
    assert openapi["openapi"].startswith("3.1")
    names = set(re.findall(r"#/components/schemas/(\w+)", str(openapi)))
    assert names <= set(openapi["components"]["schemas"])
    schemes = {
        name
        for item in openapi["paths"].values()
        for operation in item.values()
        for each in operation.get("security", ())
        for name in each
    }
    assert schemes == set(openapi["components"]["securitySchemes"])


def test_ids_of_operations_tell_apart(openapi):
    ids = [op["operationId"] for item in openapi["paths"].values() for op in item.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("slug", PROBLEM_TYPES)
def test_a_type_of_problem_has_its_page_and_its_data(client, slug):
    data = client.get(f"/problems/{slug}").json()
    assert data["type"] == f"/problems/{slug}"
    page = client.get(f"/problems/{slug}", headers={"Accept": "text/html"}).text
    assert PROBLEM_TYPES[slug].title in page


def test_an_unknown_type_of_problem_is_a_problem(client):
    answer = client.get("/problems/none-such")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
