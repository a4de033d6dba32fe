import asyncio

import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from serving.errors import (
    ConflictError,
    IdempotencyKeyError,
    RequestTooLargeError,
    UnauthenticatedError,
)
from serving.middleware.answer_store import AnswerStore
from serving.middleware.idempotency import Idempotency

KEY = {"Idempotency-Key": "one"}


class Counting:
    """Answers with the number of requests that it got, and the body."""

    def __init__(self, status=200):
        self.count = 0
        self.status = status

    async def __call__(self, scope, receive, send):
        self.count += 1
        body = (await receive()).get("body", b"")
        answer = Response(b"%d %s" % (self.count, body), status_code=self.status)
        await answer(scope, receive, send)


@pytest.fixture
def answers(clock):
    return AnswerStore(seconds=600, most_bytes=1_000, monotonic=clock)


@pytest.fixture
def wrap(answers, asgi_client):
    async def identify(scope):
        return dict(scope["headers"]).get(b"x-api-key", b"").decode()

    def wrap(app, identify=identify):
        layer = Idempotency(app, answers=answers, identify=identify, most_body_bytes=100)
        return asgi_client(layer)

    return wrap


def post(client, content=b"a", path="/", **headers):
    return client.request("POST", path, content=content, headers=KEY | headers)


def test_answers_are_bounded_in_number_too(answers, monkeypatch):
    monkeypatch.setattr("serving.middleware.answer_store.MOST_ANSWERS", 3)
    names = [("caller", b"%d" % number) for number in range(5)]
    for name in names:
        assert answers.begin(name, b"") is None
        answers.end(name, ({"type": "http.response.start", "status": 200, "headers": []},))
    assert [answers.begin(name, b"") is not None for name in names] == [False] * 2 + [True] * 3


def test_the_same_request_gets_the_same_answer(wrap):
    client = wrap(Counting())
    first, again = post(client), post(client)
    assert (first.content, again.content) == (b"1 a", b"1 a")
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert {**again.headers, "idempotency-replayed": ""} == {
        **first.headers,
        "idempotency-replayed": "",
    }


def test_callers_do_not_share_keys(wrap):
    client = wrap(Counting())
    assert post(client, **{"X-API-Key": "a"}).content == b"1 a"
    assert post(client, **{"X-API-Key": "b"}).content == b"2 a"


@pytest.mark.parametrize("other", [{"content": b"b"}, {"path": "/x"}, {"Accept": "text/csv"}])
def test_another_request_under_the_same_key_is_refused(wrap, other):
    client = wrap(Counting())
    post(client)
    with pytest.raises(IdempotencyKeyError):
        post(client, **other)


def test_a_request_that_is_still_in_flight_is_a_conflict(answers):
    answers.begin(("caller", b"k"), b"same")
    with pytest.raises(ConflictError):
        answers.begin(("caller", b"k"), b"same")
    with pytest.raises(IdempotencyKeyError):
        answers.begin(("caller", b"k"), b"other")


def test_answers_are_forgotten_in_time(wrap, clock, answers):
    client = wrap(Counting())
    post(client)
    clock.advance(599)
    assert post(client).content == b"1 a"
    clock.advance(2)
    assert post(client).content == b"2 a"
    assert answers.n_bytes == 3


def test_memory_is_bounded_and_the_oldest_go_first(wrap, answers):
    client = wrap(Counting())
    for number in range(50):
        post(client, content=b"x" * 90, **{"Idempotency-Key": f"k{number}"})
    assert answers.n_bytes <= 1_000
    assert "idempotency-replayed" in post(client, b"x" * 90, **{"Idempotency-Key": "k49"}).headers
    assert "idempotency-replayed" not in (
        post(client, b"x" * 90, **{"Idempotency-Key": "k0"}).headers
    )


@pytest.mark.parametrize("status", [400, 422, 429, 500, 503])
def test_only_success_is_kept(wrap, status):
    client = wrap(Counting(status))
    assert (post(client).content, post(client).content) == (b"1 a", b"2 a")


def test_streams_are_not_kept(wrap):
    async def app(scope, receive, send):
        await StreamingResponse(iter(["a", "b"]))(scope, receive, send)

    client = wrap(app)
    post(client)
    assert "idempotency-replayed" not in post(client).headers


def test_a_fault_frees_the_key(wrap):
    async def app(scope, receive, send):
        raise ConnectionError

    client = wrap(app)
    for _ in range(2):
        with pytest.raises(ConnectionError):
            post(client)


def test_whoever_is_no_caller_any_more_gets_no_old_answer(wrap):
    async def nobody(scope):
        raise UnauthenticatedError("x", needed="y", remedy="z")

    post(wrap(Counting()))
    with pytest.raises(UnauthenticatedError):
        post(wrap(Counting(), identify=nobody))


def test_requests_without_a_key_and_other_methods_pass(wrap):
    client = wrap(Counting())
    for number in (1, 2):
        assert client.request("POST", "/", content=b"a").content == b"%d a" % number
    assert client.get("/", headers=KEY).content == b"3 "


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_keys_have_a_sane_length(wrap, key):
    with pytest.raises(IdempotencyKeyError):
        post(wrap(Counting()), **{"Idempotency-Key": key})


def test_a_body_that_is_too_large_to_keep_is_refused(wrap):
    with pytest.raises(RequestTooLargeError):
        post(wrap(Counting()), content=b"x" * 101)


def test_two_at_once_are_answered_once(answers):
    release = asyncio.Event()

    async def slow(scope, receive, send):
        await release.wait()
        await Response("done")(scope, receive, send)

    async def identify(scope):
        return "caller"

    layer = Idempotency(slow, answers=answers, identify=identify, most_body_bytes=100)

    async def ask():
        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            pass

        headers = [(b"idempotency-key", b"k")]
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b""}
        await layer(scope | {"headers": headers}, receive, send)

    async def both():
        first = asyncio.create_task(ask())
        await asyncio.sleep(0)
        with pytest.raises(ConflictError):
            await ask()
        release.set()
        await first

    asyncio.run(both())


def test_a_body_that_breaks_off_is_no_request(answers):
    messages = [
        {"type": "http.request", "body": b"half", "more_body": True},
        {"type": "http.disconnect"},
    ]
    app = Counting()

    async def receive():
        return messages.pop(0)

    async def identify(scope):
        return "me"

    layer = Idempotency(app, answers=answers, identify=identify, most_body_bytes=100)
    scope = {
        "type": "http", "method": "POST", "path": "/", "query_string": b"",
        "headers": [(b"idempotency-key", b"one")],
    }  # fmt: skip
    with pytest.raises(ClientDisconnect):
        asyncio.run(layer(scope, receive, None))
    assert app.count == 0


def test_a_prediction_is_made_anew_when_approvals_have_changed(clock):
    numbers = [1]
    store = AnswerStore(
        seconds=600, most_bytes=1_000, monotonic=clock, approvals_number=lambda: numbers[-1]
    )
    messages = ({"type": "http.response.start"}, {"type": "http.response.body", "body": b"four"})
    for name, number in ((("a", b"prediction"), 1), (("a", b"other"), None)):
        assert store.begin(name, b"same") is None
        store.end(name, messages, approvals_number=number)
        assert store.begin(name, b"same").messages == messages
    numbers.append(2)
    assert store.begin(("a", b"other"), b"same").messages == messages
    assert store.begin(("a", b"prediction"), b"same") is None
    assert store.n_bytes == 4


def test_routes_that_keep_their_keys_are_left_alone(answers, asgi_client):
    async def identify(scope):
        return "somebody"

    layer = Idempotency(
        Counting(),
        answers=answers,
        identify=identify,
        most_body_bytes=100,
        keeps_keys="/kept".__eq__,
    )
    client = asgi_client(layer)
    assert [post(client, path="/kept").content for _ in range(2)] == [b"1 a", b"2 a"]
    assert [post(client, path="/other").content for _ in range(2)] == [b"3 a", b"3 a"]
