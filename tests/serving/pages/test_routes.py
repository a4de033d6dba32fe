import re
from html import escape
from urllib.parse import quote

import pytest

PAGES = ("/", "/predict", "/drugs", "/drugs/Cisplatin", "/claims", "/gene-sets", "/reviews")
BEHIND_A_KEY = PAGES[1:]
STRAY = f"cupromark-session={'a' * 43}"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound(client, read_page, path):
    answer = client.get(path)
    assert answer.status_code == 200
    page = read_page(answer.text)
    assert len(page.ids) == len(set(page.ids))
    assert len(page.all("main")) == len(page.all("h1")) == 1
    assert page.all("html")[0]["lang"]
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps), page.headings
    for control in page.all("input", "select", "textarea"):
        assert control["id"] in page.labelled, control
    described = [
        name
        for _, given in page.elements
        for attribute in ("aria-describedby", "aria-labelledby", "aria-controls")
        for name in given.get(attribute, "").split()
    ]
    assert set(described) <= set(page.ids)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_code_of_its_own_and_asks_no_other_host(client, read_page, path):
    page = read_page(client.get(path).text)
    for tag, given in page.elements:
        assert tag != "style"
        assert "style" not in given
        assert not any(name.startswith("on") for name in given)
        assert tag != "script" or set(given) == {"type", "src"}
    loaded = [given["href"] for given in page.all("link")]
    loaded += [given["src"] for given in page.all("script", "img")]
    assert all(re.match(r"/[^/]", address) for address in loaded)
    assert all(client.get(address).status_code == 200 for address in loaded)


def test_names_that_hold_markup_stay_text(client, hostile):
    for path in ("/predict", "/drugs", f"/drugs/{quote(hostile, safe='')}", "/drugs/Cisplatin"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "<img" not in answer.text
        assert escape(hostile, quote=False)[:20] in answer.text
    assert "<img" not in client.get("/predict/evidence/Cisplatin").text


def test_an_unknown_drug_has_a_page_that_says_so(client):
    answer = client.get("/drugs/none-such")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "knows no such drug" in answer.text


def test_without_a_bundle_the_pages_say_so(make_service, asgi_client):
    client = asgi_client(make_service())
    assert "No bundle answers yet" in client.get("/").text
    answer = client.get("/predict")
    assert answer.status_code == 503
    assert "No bundle is loaded" in answer.text
    assert client.get("/claims").status_code == 200


@pytest.mark.parametrize("path", BEHIND_A_KEY)
@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "cmk_wrong"}, {"Cookie": STRAY}])
def test_whoever_is_not_logged_in_is_led_to_the_login_and_back(
    locked_service, asgi_client, path, headers
):
    answer = asgi_client(locked_service).get(f"{path}?a=b", headers=headers)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/login?next={path}%3Fa%3Db"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.content == b""


def test_the_front_page_needs_no_key(locked_service, asgi_client):
    text = asgi_client(locked_service).get("/").text
    assert "ab" * 6 in text
    assert "Research use only" in text
    assert "Open mode" not in text


def test_open_mode_is_said_on_every_page(client):
    assert all("Open mode." in client.get(path).text for path in PAGES)


def test_in_open_mode_another_computer_is_told_why_it_sees_nothing(
    make_service, asgi_client, source
):
    elsewhere = asgi_client(make_service(source=source), client_host="192.0.2.1")
    answer = elsewhere.get("/drugs")
    assert answer.status_code == 403
    assert "comes from another computer" in answer.text
    assert "<table" not in answer.text


def test_pieces_of_the_form_need_the_key(locked_service, asgi_client):
    client = asgi_client(locked_service)
    for path in ("/predict/example.tsv", "/predict/evidence/Cisplatin"):
        assert client.get(path).status_code == 401
