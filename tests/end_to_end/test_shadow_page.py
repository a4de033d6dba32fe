"""The page of the shadow in Chromium, of a service whose store has a champion and a challenger."""

import time

import httpx
import pytest
from playwright.sync_api import expect

from models.bundle_files import write_bundle
from models.store import local_store
from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.running_service import load_make_bundle, make_keys, question_of, serving
from tests.end_to_end.watched_pages import NARROW, PATIENCE_MS, WIDE

N_PROFILES = 60


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shadow")
    make_bundle, store = load_make_bundle(), local_store(folder / "var")
    for seed in range(2):
        write_bundle(make_bundle(seed=seed), folder / str(seed))
        store.register(folder / str(seed))
        if not seed:
            store.promote("1")
    state = folder / "state"
    settings = {"SHARE": "1", "STORE_SECONDS": "0.2"}
    environment = {f"CUPROMARK_SERVE_SHADOW_{name}": one for name, one in settings.items()}
    options = ("--store", folder / "var")
    with serving(state, make_keys(state), *options, **environment) as one:
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


def told(service):
    headers = {"Authorization": f"Bearer {service.keys['operate']}"}
    return httpx.get(f"{service.address}/v1/shadow", headers=headers, timeout=60).json()


def wait_for(condition):
    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    return pytest.fail("it did not happen in time")


def test_before_anything_was_compared_the_page_says_when_it_will_be(visit, service, examine):
    wait_for(lambda: told(service)["state"] == "on")
    page = visit()
    page.goto("/shadow")
    expect(page.get_by_role("heading", name="Nothing was compared yet")).to_be_visible()
    expect(page.locator("#shadow-state")).to_contain_text("Version 2 answers 100% of the requests")
    assert examine(page) == []


@pytest.fixture(scope="module")
def compared(service):
    """Ask until the service has stored what both answered."""
    wait_for(lambda: told(service)["state"] == "on")
    question = question_of(load_make_bundle()(), n_samples=N_PROFILES)
    with service.http() as client:
        client.post("/v1/predictions", json=question).raise_for_status()
    return wait_for(lambda: told(service)["pair"])


def open_shadow(page):
    page.goto("/shadow")
    expect(page.locator("#shadow-plot .plot-box.drawn")).to_be_visible(timeout=PATIENCE_MS)


def test_what_both_answered_is_shown_by_drug_and_call(visit, compared):
    page = visit()
    open_shadow(page)
    share = f"{100 * compared['share_changed']:.1f}%"
    expect(page.locator("#shadow-verdict")).to_have_text(
        f"{share} of 120 answers have another label"
    )
    expect(page.locator("#shadow-facts")).to_contain_text("60 profiles")
    counts = page.locator("#shadow-calls td").all_text_contents()
    assert [int(one.split()[0]) for one in counts] == list(compared["changes"].values())
    chosen = compared["drugs"][0]
    page.get_by_label("Drug, the most changed first").select_option(chosen["drug"])
    expect(page.locator("#shadow-words")).to_contain_text(f"{chosen['drug']} in 60 answers")
    expect(page.locator("#shadow-changed")).to_contain_text(chosen["drug"])
    with page.expect_download() as download:
        page.locator("#shadow-plot").get_by_role("button", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == "drug,answers,mean difference,sd,other label,share,not answered"
    assert len(lines) == 3


@pytest.mark.usefixtures("compared")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing_and_nothing_overflows(visit, examine, viewport, scheme):
    page = visit(viewport=viewport, scheme=scheme)
    open_shadow(page)
    assert examine(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_what_fails_is_said_and_can_be_tried_again(visit, compared):
    page = visit()
    page.route("**/v1/shadow", lambda route: route.abort())
    page.goto("/shadow")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.wrong.clear()  # the browser says that the request was aborted
    page.unroute("**/v1/shadow")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#shadow-plot .plot-box.drawn")).to_be_visible(timeout=PATIENCE_MS)


def test_the_command_says_the_same(service, compared, run_script):
    state = service.log.parent
    shown = run_script("shadow", "show", "--state", state)
    assert shown.returncode == 0
    assert "Version 2 in the shadow of version 1; 1 requests, 120 answers." in shown.stdout
    as_json = run_script("shadow", "show", "--json", "--state", state, "--challenger", "2")
    assert '"n_answers": 120' in as_json.stdout or '"n_answers":120' in as_json.stdout
    unknown = run_script("shadow", "show", "--state", state, "--challenger", "7")
    assert unknown.returncode == 2
    assert "2 against 1" in unknown.stderr


def test_the_page_is_for_those_who_run_the_service(service):
    headers = {"Authorization": f"Bearer {service.keys['predict']}"}
    assert httpx.get(f"{service.address}/shadow", headers=headers, timeout=60).status_code == 403
