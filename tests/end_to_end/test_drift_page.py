"""The page of drift in Chromium, of a service that counts what it is really asked."""

import time

import httpx
import pytest
from playwright.sync_api import expect

from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.running_service import make_keys, question_of, serving
from tests.end_to_end.watched_pages import NARROW, PATIENCE_MS, WIDE

N_PROFILES = 60


@pytest.fixture(scope="module")
def service(made_up_folder, tmp_path_factory):
    state = tmp_path_factory.mktemp("drift")
    options = ("--bundle", made_up_folder)
    with serving(state, make_keys(state), *options, CUPROMARK_SERVE_DRIFT_STORE_SECONDS="1") as one:
        yield one
        assert one.end() == 0
        assert '"status":500' not in one.log.read_text()


@pytest.fixture
def visit(open_page, service):
    """Open pages logged in."""

    def visit(scope="operate", **options):
        cookies = login_cookies(service.address, service.keys[scope])
        return open_page(service.address, cookies=cookies, **options)

    return visit


@pytest.fixture(scope="module")
def counted(service, made_up_bundle):
    """Ask with profiles whose values all lie higher, until the service has stored their counts."""
    question = question_of(made_up_bundle, n_samples=N_PROFILES)
    question["values"] = [[value + 2 for value in row] for row in question["values"]]
    operate = {"Authorization": f"Bearer {service.keys['operate']}"}
    with service.http() as client:
        client.post("/v1/predictions", json=question).raise_for_status()
        end = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < end:
            told = client.get("/v1/drift", headers=operate).json()
            if told["overall"]["n_profiles"]:
                return told
            time.sleep(0.1)
    pytest.fail("the service stored no counts")


def open_drift(page):
    page.goto("/drift")
    expect(page.locator("#drift-genes .plot-box.drawn")).to_be_visible(timeout=PATIENCE_MS)


def test_before_anything_was_counted_the_page_says_when_it_will_be(visit, examine):
    page = visit()
    page.goto("/drift")
    expect(page.get_by_role("heading", name="Nothing was counted in these days")).to_be_visible()
    expect(page.locator("#drift-empty")).to_contain_text("20 different profiles")
    assert examine(page) == []


def test_what_was_asked_is_shown_by_gene_day_and_caller(visit, counted):
    page = visit()
    open_drift(page)
    expect(page.get_by_role("heading", name="Most genes have drifted, upwards")).to_be_visible()
    expect(page.locator("#drift-count")).to_contain_text(f"{N_PROFILES} profiles")
    expect(page.locator("#drift-facts")).to_contain_text("11 of 11 genes (100%)")
    chosen = page.get_by_label("Gene, the most changed first")
    first, last = counted["genes"][0]["gene"], counted["genes"][-1]["gene"]
    expect(chosen).to_have_value(first)
    chosen.select_option(last)
    expect(page.locator("#drift-gene-words")).to_contain_text(f"{last} in {N_PROFILES} profiles")
    expect(page.locator("#drift-histogram .plot-box.drawn")).to_be_visible()
    expect(page.locator("#drift-callers")).to_contain_text("predict (")
    page.get_by_label("Caller", exact=True).select_option(index=1)
    expect(page.locator("#drift-count")).to_contain_text(f"{N_PROFILES} profiles")
    expect(chosen).to_have_value(last)
    with page.expect_download() as download:
        page.locator("#drift-genes").get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0].startswith("gene,profiles,index,low,high")
    assert len(lines) == 1 + len(counted["genes"])


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("viewport", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light")]
)
def test_axe_finds_nothing_wrong_and_nothing_is_cut_off(visit, examine, viewport, scheme):
    page = visit(viewport=viewport, scheme=scheme)
    open_drift(page)
    expect(page.locator("#drift-domain .plot-box.drawn")).to_be_visible()
    assert examine(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.usefixtures("counted")
def test_an_answer_that_does_not_come_is_said_and_can_be_asked_for_again(visit, examine):
    page = visit()
    page.route("**/v1/drift?*", lambda route: route.abort())
    page.goto("/drift")
    expect(page.get_by_role("alert")).to_contain_text("The service cannot be reached")
    assert examine(page) == []
    page.unroute("**/v1/drift?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#drift-genes .plot-box.drawn")).to_be_visible(timeout=PATIENCE_MS)
    page.wrong.clear()  # the browser's own word for the request that was cut off


def test_it_is_for_those_who_operate_the_service(service):
    headers = {"Authorization": f"Bearer {service.keys['predict']}"}
    refused = httpx.get(f"{service.address}/drift", headers=headers, timeout=60)
    assert refused.status_code == 403
    assert "the scope operate" in refused.text
    assert ">Drift</a>" not in refused.text
    headers = {"Authorization": f"Bearer {service.keys['operate']}"}
    assert ">Drift</a>" in httpx.get(f"{service.address}/drift", headers=headers, timeout=60).text
