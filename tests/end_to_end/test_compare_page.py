"""Two bundles side by side in Chromium, of a store with real data."""

import csv
import time

import pytest
from playwright.sync_api import expect

from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.running_service import make_keys, serving
from tests.end_to_end.watched_pages import DRAWINGS, NARROW, WIDE

PATIENCE_MS = 120_000  # a version is fetched, and two reports are made


@pytest.fixture(scope="module")
def store_service(store, tmp_path_factory):
    state = tmp_path_factory.mktemp("state-of-compare")
    with serving(state, make_keys(state), "--store", str(store)) as service:
        wait_for_bundle(service)
        yield service
        service.end()


def wait_for_bundle(service):
    end = time.monotonic() + PATIENCE_MS / 1000
    with service.http() as http:
        while http.get("/v2/health/ready").status_code != 200:
            assert time.monotonic() < end, service.log.read_text()[-2000:]
            time.sleep(0.2)


@pytest.fixture(scope="module")
def cookies(store_service):
    return login_cookies(store_service.address, store_service.keys["predict"])


@pytest.fixture
def visit(open_page, store_service, cookies):
    """Open a comparison."""

    def visit(path, **options):
        # A version that is being fetched is answered by 503, and asked for again.
        page = open_page(
            store_service.address,
            cookies=cookies,
            patience_ms=PATIENCE_MS,
            forgiven="status of (503|404)",
            reduced_motion="reduce",
            **options,
        )
        page.goto(path)
        return page

    return visit


def wait_until_drawn(page):
    page.locator("#comparison .plot-box.drawn").first.wait_for()


def test_drugs_of_two_bundles_lead_to_one_drug_of_them(visit, store_service):
    page = visit("/compare?b=2")
    wait_until_drawn(page)
    expect(page.locator("#comparison .notice")).to_contain_text("different cohorts")
    expect(page.locator(".drugs-filter .count")).to_have_text("1 of 1 drugs")
    page.get_by_text("A (version 1): 1 drug").click()
    expect(page.locator(".short-list")).to_have_text("Docetaxel")
    page.get_by_role("link", name="Cisplatin", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cisplatin: two bundles")
    wait_until_drawn(page)
    with store_service.http() as http:
        reports = [
            http.get("/v1/reports/Cisplatin", params={"bundle": one}).json() for one in ("1", "2")
        ]
    genes = page.locator("section", has=page.locator("#genes-title"))
    with page.expect_download() as download:
        genes.get_by_role("button", name="Download CSV of").click()
    with download.value.path().open(newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    for letter, report in zip("AB", reports, strict=True):
        for rank, one in enumerate(report["drivers"]["genes"], start=1):
            row = rows[one["title"]]
            assert int(row[f"rank {letter}"]) == rank
            assert float(row[f"mean size {letter}"]) == one["mean_size"]["value"]


def test_what_cannot_be_compared_says_why(visit):
    page = visit("/compare?a=1&b=2&drug=Docetaxel")
    problem = page.locator("#compare-problem")
    expect(problem).to_contain_text("in one of the two bundles only", timeout=PATIENCE_MS)
    expect(problem.get_by_role("button", name="Try again")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "viewport", "scheme"),
    [("/compare?b=2", NARROW, "dark"), ("/compare?b=2&drug=Cisplatin", WIDE, "light")],
)
def test_axe_finds_nothing_wrong_and_nothing_is_too_wide(visit, examine, path, viewport, scheme):
    page = visit(path, viewport=viewport, scheme=scheme)
    wait_until_drawn(page)
    page.get_by_text("Which bundles are at hand").click()
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0
    assert examine(page, exclude=DRAWINGS) == []
