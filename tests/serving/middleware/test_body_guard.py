import asyncio
import gzip
import itertools
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.errors import (
    MalformedBodyError,
    RequestTimeoutError,
    RequestTooLargeError,
    UnsupportedMediaError,
)
from serving.middleware.body_guard import BodyGuard, BodyLimits

LIMITS = BodyLimits(
    json_wire_bytes=1_000,
    json_bytes=5_000,
    upload_bytes=20_000,
    total_seconds=30.0,
    pause_seconds=10.0,
)
ENCODERS = {"gzip": gzip.compress, "br": brotli.compress, "deflate": zlib.compress}


def through(pieces, *, limits=LIMITS, pauses=(), **headers):
    """Send pieces of a body through the guard; return what the application reads."""
    read = bytearray()
    seen = {}
    waiting = list(pieces)
    pauses = list(pauses)

    async def receive():
        if pauses:
            await asyncio.sleep(pauses.pop(0))
        piece = waiting.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def app(scope, receive, send):
        more = True
        seen.update(scope)
        while more:
            message = await receive()
            read.extend(message["body"])
            more = message["more_body"]

    async def send(message):
        raise AssertionError

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "headers": raw}
    asyncio.run(BodyGuard(app, limits=limits)(scope, receive, send))
    return bytes(read), dict(seen["headers"])


def cut(body, places):
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in itertools.pairwise(edges)]


@given(
    body=st.binary(max_size=900),
    encoding=st.sampled_from([None, *ENCODERS]),
    places=st.lists(st.integers(0, 2_000), max_size=5),
)
def test_a_body_arrives_as_it_was_however_it_is_cut_and_encoded(body, encoding, places):
    wire = ENCODERS[encoding](body) if encoding else body
    headers = {"content_encoding": encoding} if encoding else {}
    read, seen = through(cut(wire, places), content_type="text/csv", **headers)
    assert read == body
    assert b"content-encoding" not in seen


def test_limits_depend_on_what_the_body_is():
    assert through([b" " * 1_000], content_type="application/json")[0] == b" " * 1_000
    with pytest.raises(RequestTooLargeError):
        through([b" " * 999, b"  "], content_type="application/json; charset=utf-8")
    assert len(through([b" " * 20_000], content_type="text/csv")[0]) == 20_000


def test_a_length_beyond_the_limit_is_refused_unread():
    with pytest.raises(RequestTooLargeError):
        through([], content_type="application/json", content_length="1001")


@pytest.mark.parametrize("encoding", ENCODERS)
def test_what_decodes_to_more_than_the_limit_is_refused(encoding):
    fits = ENCODERS[encoding](b"0" * 5_000)
    json_type = "application/json"
    assert len(through([fits], content_type=json_type, content_encoding=encoding)[0]) == 5_000
    bomb = ENCODERS[encoding](b"0" * 50_000_000)[:1_000]
    with pytest.raises(RequestTooLargeError):
        through(cut(bomb, [500]), content_type=json_type, content_encoding=encoding)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_body_must_be_whole_in_its_encoding(encoding):
    wire = ENCODERS[encoding](b"profile" * 50)
    for damaged in (wire[:-1], wire + b"x", b"x" + wire, b""):
        with pytest.raises(MalformedBodyError):
            through([damaged], content_encoding=encoding)


@pytest.mark.parametrize("encoding", ["compress", "gzip, gzip", "zstd"])
def test_other_encodings_are_refused(encoding):
    with pytest.raises(UnsupportedMediaError):
        through([b"x"], content_encoding=encoding)


def test_a_pause_or_a_slow_body_ends_in_a_timeout():
    hasty = BodyLimits(1_000, 1_000, 1_000, total_seconds=60.0, pause_seconds=0.01)
    with pytest.raises(RequestTimeoutError):
        through([b"a", b"b"], limits=hasty, pauses=[0, 5])
    brief = BodyLimits(1_000, 1_000, 1_000, total_seconds=0.05, pause_seconds=60.0)
    with pytest.raises(RequestTimeoutError):
        through([b"a"] * 1_000, limits=brief, pauses=[0.01] * 1_000)


def test_waiting_for_the_end_of_the_connection_is_not_bounded():
    hasty = BodyLimits(1_000, 1_000, 1_000, total_seconds=0.01, pause_seconds=0.01)
    messages = [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
    ]

    async def receive():
        if len(messages) == 1:
            await asyncio.sleep(0.05)
        return messages.pop(0)

    async def app(scope, receive, send):
        await receive()
        assert (await receive())["type"] == "http.disconnect"

    scope = {"type": "http", "method": "POST", "headers": []}
    asyncio.run(BodyGuard(app, limits=hasty)(scope, receive, None))
    assert not messages


@pytest.mark.parametrize("encoding", ENCODERS)
def test_what_follows_an_encoded_body_is_refused_before_more_of_it_is_read(encoding):
    pieces = [ENCODERS[encoding](b"a"), b"b", *[b"c"] * 5]
    left = list(pieces)

    async def receive():
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def app(scope, receive, send):
        while (await receive())["more_body"]:
            pass

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-encoding", encoding.encode())],
    }
    with pytest.raises(MalformedBodyError):
        asyncio.run(BodyGuard(app, limits=LIMITS)(scope, receive, None))
    assert left == pieces[2:]
