import pytest
from starlette.responses import Response

from serving.middleware.exchange import Exchange
from serving.request_context import context_of


@pytest.fixture
def recorded():
    return []


@pytest.fixture
def wrap(clock, recorded, asgi_client):
    def record(scope, context, seconds, sent):
        recorded.append((scope["path"], context, seconds, sent))

    def wrap(app, **options):
        return asgi_client(Exchange(app, recorders=[record], monotonic=clock, **options))

    return wrap


def test_a_sane_id_is_kept_and_any_other_replaced(wrap):
    client = wrap(Response("x"))
    assert client.get("/", headers={"X-Request-ID": "a-b_c.1"}).headers["x-request-id"] == "a-b_c.1"
    for strange in ("a b", "", "x" * 129, 'a"b', "{}"):
        made = client.get("/", headers={"X-Request-ID": strange}).headers["x-request-id"]
        assert made != strange
        assert len(made) == 32
    assert client.get("/").headers["x-request-id"] != client.get("/").headers["x-request-id"]


def test_pages_may_load_what_is_ours_and_data_may_load_nothing(wrap):
    page = wrap(Response("x", media_type="text/html")).get("/").headers
    data = wrap(Response("{}", media_type="application/json")).get("/").headers
    assert data["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    policy = page["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    for headers in (page, data):
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_what_was_answered_is_recorded(wrap, recorded, clock):
    async def app(scope, receive, send):
        clock.advance(1.5)
        context_of(scope).answer_headers.append((b"ratelimit", b"5"))
        await Response("four", status_code=201)(scope, receive, send)

    answer = wrap(app, headers=[(b"x-open", b"true")]).get("/a")
    assert (answer.headers["ratelimit"], answer.headers["x-open"]) == ("5", "true")
    [(path, context, seconds, sent)] = recorded
    assert (path, context.status, seconds, sent) == ("/a", 201, 1.5, 4)
    assert context.request_id == answer.headers["x-request-id"]


def test_a_request_that_broke_off_is_recorded_without_a_status(wrap, recorded):
    async def app(scope, receive, send):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        wrap(app).get("/")
    assert recorded[0][1].status is None
