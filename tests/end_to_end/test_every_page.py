"""Every page of the service in Chromium: nothing asks another host, nothing complains."""

import re
import time

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import expect

from models.bundle_files import load_bundle, write_bundle
from models.golden import with_golden
from serving.access.opening import open_access
from serving.app import create_app
from serving.bundles.holder import ServedBundles
from serving.settings import ServingSettings
from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.running_service import (
    MADE_UP,
    make_keys,
    put_at_review_desk,
    question_of,
    serving,
)
from tests.end_to_end.test_report_page import FOR_REPORTS, load_module

DRUG = "Cisplatin"
QUIET_MS = 300
PATIENCE_MS = 30_000
N_PROFILES = 40  # drift is shown of 20 different ones at least
COUNTED_SECONDS = 60
# These are pages at least; what else answers with HTML is found by asking.
PAGES = {
    "/", "/docs", "/problems", "/problems/{slug}", "/login", "/session", "/predict", "/drugs",
    "/drugs/{drug:path}", "/reports/{drug:path}", "/claims", "/gene-sets", "/what-if", "/drift",
    "/reviews", "/reviews/audit", "/reviews/{bundle}", "/reviews/{bundle}/{drug:path}", "/jobs",
    "/jobs/{job_id}",
}  # fmt: skip
# Of these, scripts draw plots or fill lists: what is there once they have run.
DRAWN = {
    "/reports/{drug:path}": ".plot-box.drawn",
    "/drift": "#drift-genes .plot-box.drawn",
    "/reviews/{bundle}": "#queue [role=option]",
    "/jobs/{job_id}": "#job-link:text('Live')",
    "/predict": "#drug-count:text('chosen')",
}


class NoBundle:
    """A source of bundles for an application that is only looked at."""

    bundles = ServedBundles()

    def start(self):
        """Do nothing."""

    stop = start


@pytest.fixture(scope="module")
def bundle_folder(tmp_path_factory):
    """A bundle of which reports show everything."""
    made_up, reports = load_module(MADE_UP), load_module(FOR_REPORTS)
    bundle, _ = reports.make_report_bundle(made_up.make_bundle(), made_up.make_training_profiles())
    folder = tmp_path_factory.mktemp("every-page") / "bundle"
    write_bundle(with_golden(bundle), folder)
    return folder


@pytest.fixture(scope="module")
def site(bundle_folder, tmp_path_factory):
    """A running service with something to see on each of its pages."""
    state = tmp_path_factory.mktemp("every-page") / "serving"
    keys = make_keys(state)
    put_at_review_desk(state, bundle_folder)
    environment = {"CUPROMARK_SERVE_DRIFT_STORE_SECONDS": "0.2"}
    with serving(state, keys, "--bundle", bundle_folder, **environment) as running:
        yield running
        assert running.end() == 0
        assert '"status":500' not in running.log.read_text()


@pytest.fixture(scope="module")
def admin(site):
    headers = {"Authorization": f"Bearer {site.keys['admin']}"}
    with httpx.Client(base_url=site.address, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def examples(site, admin, bundle_folder):
    """A value of every parameter that stands in an address; a new one has to be added here."""
    bundle = load_bundle(bundle_folder)
    job = admin.post("/v1/jobs", json={"kind": "retrain", "cohort": "ccle-gdsc2"}).json()
    count_for_drift(admin, bundle)
    findings = admin.get("/v1/reviews/findings", params={"bundle": bundle.sha256}).json()["items"]
    claims = admin.get("/v1/claims").json()["items"]
    sets = admin.get("/v1/gene-sets").json()["items"]
    return {
        "drug": DRUG,
        "bundle": bundle.sha256,
        "finding": findings[0]["id"],
        "job_id": job["job_id"],
        "slug": "unauthenticated",
        "claim_id": claims[0]["claim_id"],
        "version": site.address,
        "name": sets[0]["name"],
    }


def count_for_drift(admin, bundle):
    question = question_of(bundle, n_samples=N_PROFILES)
    admin.post("/v1/predictions", json=question).raise_for_status()
    end = time.monotonic() + COUNTED_SECONDS
    while not admin.get("/v1/drift").json()["overall"]["n_profiles"]:
        assert time.monotonic() < end, "no counts of drift were stored"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Paths of all GET routes, as the application itself names them."""
    settings = ServingSettings(state=tmp_path_factory.mktemp("routes"))
    access = open_access(settings, clock=time.time, monotonic=time.monotonic)
    app = create_app(settings, bundles=NoBundle(), access=access)
    found = {
        context.path or "/"
        for context in iter_route_contexts(app.routes)
        if context.methods is not None and "GET" in context.methods
    }
    access.close()
    return sorted(found)


@pytest.fixture(scope="module")
def pages(paths, examples, admin):
    """Addresses of all routes that answer a browser with HTML, by path."""
    found = {}
    for path in paths:
        address = re.sub(r"\{(\w+)[^}]*\}", lambda name: examples[name[1]], path)
        with admin.stream("GET", address, headers={"Accept": "text/html,*/*;q=0.1"}) as answer:
            if is_page(answer):
                found[path] = address
    return found


def is_page(answer):
    """Whether it is a whole page: no file to keep, no fragment that a script puts into a page."""
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return False
    assert answer.status_code == 200, answer.url
    return (
        "content-disposition" not in answer.headers
        and answer.read().lstrip()[:14].lower() == b"<!doctype html"
    )


class Watched:
    """A page in Chromium, and everything wrong with it."""

    def __init__(self, context, address):
        self.wrong = []
        self.page = context.new_page()
        self._own = (f"{address}/", "blob:", "data:")
        self._open = set()
        self._last = time.monotonic()
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._over)
        self.page.on("requestfailed", self._over)
        self.page.on("websocket", lambda socket: self.wrong.append(socket.url))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._said)

    def _asked(self, request):
        if not request.url.startswith(self._own):
            self.wrong.append(f"asks {request.url}")
        if request.resource_type != "eventsource":
            self._open.add(request)
        self._last = time.monotonic()

    def _over(self, request):
        self._open.discard(request)
        self._last = time.monotonic()

    def _said(self, said):
        if said.type in ("error", "warning"):
            self.wrong.append(said.text)

    def rest(self):
        """Wait until nothing is on its way any more."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while self._open or (time.monotonic() - self._last) * 1000 < QUIET_MS:
            assert time.monotonic() < end, [request.url for request in self._open]
            self.page.wait_for_timeout(50)


@pytest.fixture
def look(browser, site):
    """Read pages to their ends; what is wrong, by address."""
    contexts = []

    def look(pages, *, key):
        context = browser.new_context(base_url=site.address)
        contexts.append(context)
        if key is not None:
            context.add_cookies(login_cookies(site.address, site.keys[key]))
        found = {address: read(context, site.address, path, address) for path, address in pages}
        return {address: wrong for address, wrong in found.items() if wrong}

    yield look
    for context in contexts:
        context.close()


def read(context, own, path, address):
    watched = Watched(context, own)
    page = watched.page
    answer = page.goto(address)
    assert (answer.status, page.url) == (200, f"{own}{address}")
    if path in DRAWN:
        expect(page.locator(DRAWN[path]).first).to_be_attached(timeout=PATIENCE_MS)
    page.mouse.wheel(0, 100_000)  # what is drawn only once it comes into view
    watched.rest()
    hints = page.locator("link[rel~=preconnect], link[rel~=dns-prefetch], link[rel~=prerender]")
    watched.wrong += hints.evaluate_all("all => all.map((one) => one.outerHTML)")
    page.close()
    return watched.wrong


def test_pages_are_found_by_asking_every_route(pages):
    assert set(pages) >= PAGES


def test_no_page_asks_another_host_or_complains(pages, look):
    assert look(pages.items(), key="admin") == {}


def test_what_strangers_see_asks_nobody_else_either(pages, look, site):
    with httpx.Client(base_url=site.address, timeout=60) as stranger:
        seen = [(path, at) for path, at in pages.items() if stranger.get(at).status_code == 200]
    assert {path for path, _ in seen} == {"/", "/docs", "/login", "/problems", "/problems/{slug}"}
    assert look(seen, key=None) == {}
