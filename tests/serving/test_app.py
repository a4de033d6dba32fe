import pytest
import structlog
from fastapi import APIRouter
from starlette.responses import Response

from serving.errors import NotFoundError


def things_router(services):
    router = APIRouter()

    @router.get("/things/{thing}")
    def thing(thing: int) -> int:
        return thing

    @router.get("/missing/{name}")
    def missing(name: str) -> None:
        raise NotFoundError("No such thing.", needed="a thing.", remedy="none.")

    @router.get("/broken")
    def broken() -> int:
        return "CANARY"

    return router


@pytest.fixture
def client(make_service, asgi_client):
    return asgi_client(make_service(routers=(things_router,)))


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/missing/a", 404, "not-found"),
        ("DELETE", "/things/1", 405, "method-not-allowed"),
        ("GET", "/things/CANARY", 422, "invalid-request"),
        ("GET", "/broken", 500, "internal-error"),
    ],
)
def test_every_error_is_a_problem(client, method, path, status, slug):
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{slug}"
    assert "CANARY" not in answer.text
    assert ("allow" in answer.headers) == (status == 405)


def test_a_path_with_a_slash_too_many_is_no_redirect(client):
    assert client.get("/things/1/").status_code == 404


def test_the_log_holds_the_template_and_never_what_was_typed(client):
    with structlog.testing.capture_logs() as logged:
        client.get("/things/31337?secret=CANARY", headers={"Authorization": "Bearer CANARY"})
    [event] = [each for each in logged if each["event"] == "request"]
    assert (event["route"], event["method"], event["status"]) == ("/things/{thing}", "GET", 200)
    assert "31337" not in str(event)
    assert "CANARY" not in str(event)


def test_metrics_count_templates_and_never_paths(make_service, asgi_client):
    from serving.app import ROUTERS

    client = asgi_client(make_service(routers=(*ROUTERS, things_router)))
    for path in ("/things/1", "/things/2", "/nowhere/1", "/nowhere/2", "/missing/a"):
        client.get(path)
    client.request("BREW", "/things/1")
    text = client.get("/metrics").text
    labels = 'method="GET",route="/things/{thing}"'
    assert f'cupromark_requests_total{{{labels},status="200"}} 2.0' in text
    assert f"cupromark_request_seconds_count{{{labels}}} 2.0" in text
    assert 'cupromark_requests_total{method="GET",route="unmatched",status="404"} 2.0' in text
    assert 'cupromark_requests_total{method="OTHER"' in text
    assert 'cupromark_problems_total{type="not-found"} 3.0' in text
    assert "cupromark_requests_in_flight 1.0" in text
    assert "cupromark_bundle_ready 0.0" in text
    assert "process_resident_memory_bytes" in text
    assert "BREW" not in text


def test_open_mode_is_said_in_every_answer(client):
    assert client.get("/nowhere").headers["x-cupromark-open-mode"] == "true"


def test_pages_of_other_origins_are_let_in_only_where_they_are_named(make_service, asgi_client):
    asked = {
        "Origin": "https://lab.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "Authorization",
    }
    closed = asgi_client(make_service())
    assert closed.request("OPTIONS", "/problems", headers=asked).status_code == 405
    named = asgi_client(make_service(cors_origins=("https://lab.example",)))
    answer = named.request("OPTIONS", "/problems", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://lab.example"
    other = named.get("/problems", headers={"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in other.headers


def test_an_idempotency_key_passes_every_layer(make_service, asgi_client):
    count = 0

    async def counting(scope, receive, send):
        nonlocal count
        count += 1
        await Response("x" * 5_000, media_type="text/plain")(scope, receive, send)

    thin = (lambda services: {("POST", "/count"): counting},)
    client = asgi_client(make_service(thin_paths=thin))
    headers = {"Idempotency-Key": "k", "Accept-Encoding": "gzip"}
    first, again = (client.request("POST", "/count", headers=headers) for _ in range(2))
    assert (count, first.text) == (1, again.text)
    assert again.headers["content-encoding"] == "gzip"
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    other = client.request("POST", "/count", headers=headers, content=b"{}")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key")


def test_service_info_is_what_ga4gh_asks_for(make_service, asgi_client):
    client = asgi_client(make_service(organization="A laboratory", environment="test"))
    info = client.get("/service-info").json()
    assert {"id", "name", "type", "organization", "version"} <= set(info)
    assert set(info["type"]) == {"group", "artifact", "version"}
    assert info["organization"] == {"name": "A laboratory", "url": "http://127.0.0.1/"}
    assert info["environment"] == "test"
    assert "contactUrl" not in info
