"""Every route, asked with every kind of key: a new route has to be listed here."""

import re
import time
from datetime import UTC, datetime

import pytest
from fastapi.routing import iter_route_contexts

from serving.access.callers import Scope
from serving.access.keys import make_key
from serving.access.opening import open_access
from serving.app import create_app
from serving.bundles.holder import ServedBundles
from serving.settings import ServingSettings

PUBLIC = None
PREDICT, REVIEW, OPERATE = Scope.PREDICT, Scope.REVIEW, Scope.OPERATE
PAGE = PREDICT  # a page leads whoever is not logged in to the login: that counts as 401 here
READ_REVIEWS = frozenset({PREDICT, REVIEW})  # one of them is enough
WATCH_JOBS = frozenset({REVIEW, OPERATE})
V2_MODEL = "/v2/models/{name}"
V2_VERSION = "/v2/models/{name}/versions/{version}"

# What each route asks for. Paths as the routes name them; a mount counts as GET of what is below.
EXPECTED = {
    ("POST", "/v1/predictions"): PREDICT,
    ("POST", "/v1/explanations"): PREDICT,
    ("POST", "/v1/validations"): PREDICT,
    ("GET", "/v1/drugs"): PREDICT,
    ("GET", "/v1/drugs/{drug:path}"): PREDICT,
    ("GET", "/v1/gene-sets"): PREDICT,
    ("GET", "/v1/gene-sets/{name:path}"): PREDICT,
    ("GET", "/v1/claims"): PREDICT,
    ("GET", "/v1/claims/{claim_id}"): PREDICT,
    ("GET", "/v1/bundles"): PREDICT,
    ("GET", "/v1/reports/{drug:path}"): READ_REVIEWS,
    ("GET", "/v1/reviews/bundles"): READ_REVIEWS,
    ("GET", "/v1/reviews/findings"): READ_REVIEWS,
    ("GET", "/v1/reviews/findings/{finding}"): READ_REVIEWS,
    ("POST", "/v1/reviews/findings/{finding}/entries"): REVIEW,
    ("POST", "/v1/reviews/findings/{finding}/assignment"): REVIEW,
    ("GET", "/v1/reviews/sign-offs"): READ_REVIEWS,
    ("POST", "/v1/reviews/sign-offs"): REVIEW,  # and operate, where leads alone sign off
    ("GET", "/v1/reviews/export"): REVIEW,
    ("GET", "/v1/reviews/audit"): REVIEW,
    ("POST", "/v1/jobs"): OPERATE,
    ("GET", "/v1/jobs"): WATCH_JOBS,
    ("GET", "/v1/jobs/{job_id}"): WATCH_JOBS,
    ("GET", "/v1/jobs/{job_id}/log"): WATCH_JOBS,
    ("GET", "/v1/jobs/{job_id}/events"): WATCH_JOBS,
    ("POST", "/v1/jobs/{job_id}/cancel"): OPERATE,
    ("POST", "/v1/jobs/{job_id}/resume"): OPERATE,
    ("POST", "/v1/jobs/{job_id}/retry"): OPERATE,
    ("GET", "/v1/executors"): WATCH_JOBS,
    ("GET", "/v1/schedules"): WATCH_JOBS,
    ("POST", "/v1/schedules"): OPERATE,
    ("DELETE", "/v1/schedules/{name}"): OPERATE,
    ("POST", "/v1/schedules/{name}/pause"): OPERATE,
    ("POST", "/v1/schedules/{name}/resume"): OPERATE,
    ("POST", "/v1/schedules/{name}/run"): OPERATE,
    ("GET", "/v1/drift"): OPERATE,
    ("GET", "/v1/shadow"): OPERATE,
    ("GET", "/v2"): PREDICT,
    ("GET", "/v2/health/live"): PUBLIC,
    ("GET", "/v2/health/ready"): PUBLIC,
    ("GET", V2_MODEL): PREDICT,
    ("GET", f"{V2_MODEL}/ready"): PREDICT,
    ("POST", f"{V2_MODEL}/infer"): PREDICT,
    ("GET", V2_VERSION): PREDICT,
    ("GET", f"{V2_VERSION}/ready"): PREDICT,
    ("POST", f"{V2_VERSION}/infer"): PREDICT,
    ("POST", "/invocations"): PREDICT,
    ("GET", "/ping"): PUBLIC,
    ("POST", "/ping"): PUBLIC,
    ("GET", "/health"): PUBLIC,
    ("GET", "/version"): PUBLIC,
    ("GET", "/service-info"): PUBLIC,
    ("GET", "/metrics"): OPERATE,
    ("GET", "/problems"): PUBLIC,
    ("GET", "/problems/{slug}"): PUBLIC,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/docs/reading.css"): PUBLIC,
    ("GET", "/"): PUBLIC,
    ("GET", "/v1/session"): frozenset(Scope),
    ("GET", "/session"): frozenset(Scope),
    ("GET", "/reviews/audit"): REVIEW,
    ("GET", "/login"): PUBLIC,
    ("POST", "/login"): PUBLIC,  # refuses with 403 what comes from no page of the service
    ("POST", "/logout"): PUBLIC,
    ("GET", "/predict"): PAGE,
    ("GET", "/predict/example.tsv"): PREDICT,
    ("GET", "/predict/evidence/{drug:path}"): PREDICT,
    ("GET", "/drugs"): PAGE,
    ("GET", "/drugs/{drug:path}"): READ_REVIEWS,
    ("GET", "/reports/{drug:path}"): READ_REVIEWS,
    ("GET", "/report-pieces/{drug:path}"): READ_REVIEWS,
    ("GET", "/v1/compare"): PREDICT,
    ("GET", "/v1/compare/{drug:path}"): PREDICT,
    ("GET", "/compare"): PAGE,
    ("GET", "/what-if"): PAGE,
    ("GET", "/what-if/genes"): PREDICT,
    ("GET", "/claims"): READ_REVIEWS,
    ("GET", "/drift"): OPERATE,
    ("GET", "/shadow"): OPERATE,
    ("GET", "/gene-sets"): PAGE,
    ("GET", "/reviews"): READ_REVIEWS,
    ("GET", "/reviews/{bundle}"): READ_REVIEWS,
    ("GET", "/reviews/{bundle}/{drug:path}"): READ_REVIEWS,
    ("GET", "/reviews/claims"): READ_REVIEWS,
    ("GET", "/reviews/queue/{bundle}"): READ_REVIEWS,
    ("GET", "/jobs"): WATCH_JOBS,
    ("GET", "/jobs/{job_id}"): WATCH_JOBS,
    ("GET", "/static/{version}/{name}"): PUBLIC,
}
NO_KEY = "no key"
REFUSED = (NO_KEY, "malformed", "unknown", "expired", "revoked")
REFUSALS = {401, 403, 429}


class NoBundle:
    """A source that never has a bundle: whoever is let in hears 503 or what is wrong."""

    def __init__(self):
        self.bundles = ServedBundles()

    def start(self):
        """Do nothing."""

    def stop(self):
        """Do nothing."""


def routes_of(app):
    """List all routes: FastAPI's, mounts, and the bare handlers before them."""
    found = set()
    for context in iter_route_contexts(app.routes):
        path = context.path or "/"
        if context.methods is None:
            found.add(("GET", f"{path.rstrip('/')}/{{path}}"))
        found |= {(method, path) for method in context.methods or () if method != "HEAD"}
    for layer in app.user_middleware:
        found |= set(layer.kwargs.get("handlers") or ())
    return found


def keys_of_all_kinds(store, clock):
    soon = datetime.fromtimestamp(clock() + 60, UTC)
    expired, _ = store.create("expired", ["admin"], created_by="test", expires_at=soon)
    revoked, _ = store.create("revoked", ["admin"], created_by="test")
    store.revoke(revoked.key_id, revoked_by="test")
    clock.advance(60)
    return {
        "malformed": "cmk_malformed",
        "unknown": make_key().text,
        "expired": expired.text,
        "revoked": revoked.text,
        **{str(s): store.create(s, [s], created_by="test")[0].text for s in Scope},
    }


@pytest.fixture(scope="module")
def service(tmp_path_factory, make_clock):
    """An application with one key of each kind; nothing in it has been started but its keys."""
    folder = tmp_path_factory.mktemp("state")
    settings = ServingSettings(state=folder, failed_keys_per_minute=1_000_000, open_mode=False)
    clock = make_clock()
    access = open_access(settings, clock=clock, monotonic=time.monotonic)
    access.key_cache.refresh()
    keys = keys_of_all_kinds(access.keys, clock)
    yield create_app(settings, bundles=NoBundle(), access=access), keys
    access.close()


@pytest.fixture(scope="module")
def open_service(tmp_path_factory):
    settings = ServingSettings(state=tmp_path_factory.mktemp("state"), open_mode=True)
    access = open_access(settings, clock=time.time, monotonic=time.monotonic)
    access.key_cache.refresh()
    yield create_app(settings, bundles=NoBundle(), access=access)
    access.close()


def ask(asgi_client, app, route, key=None, **options):
    method, path = route
    body = {"json": {}} if method in ("POST", "PUT", "PATCH") else {}
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    address = re.sub(r"\{[^}]*\}", "x", path)
    return asgi_client(app, **options).request(method, address, headers=headers, **body)


def test_every_route_is_listed_here(service):
    app, _ = service
    unlisted = routes_of(app) - set(EXPECTED)
    assert not unlisted, f"say in EXPECTED which scope these ask for: {sorted(unlisted)}"


@pytest.mark.parametrize("kind", [*REFUSED, *Scope])
def test_a_route_answers_whom_it_should(service, asgi_client, kind):
    app, keys = service
    wrong = []
    for route in sorted(routes_of(app)):
        answer = ask(asgi_client, app, route, keys.get(kind))
        if route == ("POST", "/login"):
            assert answer.status_code == 403
            continue
        expected = expected_refusal(EXPECTED[route], kind)
        refusal = answer.status_code if answer.status_code in REFUSALS else None
        if answer.headers.get("location", "").startswith("/login?next="):
            refusal = 401
        if refusal != expected or answer.status_code == 500:
            wrong.append((*route, answer.status_code, expected))
    assert wrong == []


def expected_refusal(needed, kind):
    if needed is PUBLIC:
        return None
    if kind in REFUSED:
        return 401
    opening = needed if isinstance(needed, frozenset) else {needed}
    return None if kind in {*opening, Scope.ADMIN} else 403


def test_open_mode_lets_this_computer_alone_in_and_says_so(open_service, asgi_client):
    for route in sorted(routes_of(open_service)):
        here = ask(asgi_client, open_service, route)
        refused = EXPECTED[route] is Scope.ADMIN or route == ("POST", "/login")
        assert (here.status_code in REFUSALS) == refused, route
        assert here.headers["x-cupromark-open-mode"] == "true", route
        elsewhere = ask(asgi_client, open_service, route, client_host="192.0.2.1")
        refused = EXPECTED[route] is not PUBLIC or route == ("POST", "/login")
        assert (elsewhere.status_code == 403) == refused, route


def test_what_is_not_there_needs_no_key_to_be_told(service, asgi_client):
    app, keys = service
    for key in (None, keys["unknown"], keys["admin"]):
        assert ask(asgi_client, app, ("GET", "/v1/nothing"), key).status_code == 404


def test_a_refusal_says_no_more_of_a_revoked_key_than_of_an_unknown_one(service, asgi_client):
    app, keys = service
    (route,) = {("GET", "/metrics")} & routes_of(app)
    told = []
    for kind in ("revoked", "unknown"):
        answer = ask(asgi_client, app, route, keys[kind])
        assert answer.headers["www-authenticate"].startswith("Bearer")
        told.append({**answer.json(), "request_id": None})
    assert told[0] == told[1]
    assert "expired" in ask(asgi_client, app, route, keys["expired"]).json()["detail"]
