import asyncio
from collections import namedtuple

import pytest
from uvicorn import Config

from serving.http_protocol import EndingState, PatientProtocol

Answered = namedtuple("Answered", "writes is_closed")
REQUEST = b"%b / HTTP/1.1\r\nHost: here\r\n\r\n"


class Wire(asyncio.Transport):
    """A connection that notes what is written in one go."""

    def __init__(self):
        super().__init__()
        self.writes = []
        self.is_closed = False

    def write(self, data):
        self.writes.append(bytes(data))

    def writelines(self, pieces):
        self.write(b"".join(pieces))

    def close(self):
        self.is_closed = True

    def is_closing(self):
        return self.is_closed

    def get_extra_info(self, name, default=None):
        return default

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


def ask(app, request=REQUEST % b"GET"):
    async def main():
        config = Config(app, ws="none", interface="asgi3", lifespan="off", log_config=None)
        config.load()
        protocol = PatientProtocol(config, EndingState(), {}, asyncio.get_running_loop())
        wire = Wire()
        protocol.connection_made(wire)
        protocol.data_received(request)
        while protocol.tasks:
            await asyncio.sleep(0)
        answered = Answered(wire.writes, wire.is_closed)
        protocol.connection_lost(None)
        return answered

    return asyncio.run(main())


def answering(*bodies, status=200, headers=()):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        for number, body in enumerate(bodies, start=1):
            more = number < len(bodies)
            await send({"type": "http.response.body", "body": body, "more_body": more})

    return app


LENGTH = (b"content-length", b"4")


def test_a_whole_answer_is_written_in_one_go():
    wire = ask(answering(b"four", headers=[(b"Content-Type", b"text/plain"), LENGTH]))
    [written] = wire.writes
    head, _, body = written.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"content-type: text/plain\r\n" in head + b"\r\n"
    assert head.count(b"content-length") == 1
    assert body == b"four"
    assert not wire.is_closed


@pytest.mark.parametrize(
    ("app", "request_line", "expected"),
    [
        (answering(b"fo", b"ur", headers=[LENGTH]), b"GET", b"\r\n\r\nfour"),
        (answering(b"four"), b"GET", b"\r\n\r\n4\r\nfour\r\n0\r\n\r\n"),
        (answering(b"", headers=[LENGTH]), b"HEAD", b"content-length: 4\r\n\r\n"),
        (answering(b"", status=204), b"GET", b"\r\n\r\n"),
    ],
    ids=["in pieces", "of no length", "to HEAD", "without a body"],
)
def test_any_other_answer_goes_as_ever(app, request_line, expected):
    wire = ask(app, REQUEST % request_line)
    assert b"".join(wire.writes).endswith(expected)
    assert not wire.is_closed


def test_an_answer_that_closes_the_connection_does():
    headers = [LENGTH, (b"connection", b"close")]
    assert ask(answering(b"four", headers=headers)).is_closed
    wire = ask(answering(b"four", headers=[LENGTH]), b"GET / HTTP/1.0\r\n\r\n")
    assert wire.is_closed
    assert b"connection: close\r\n\r\nfour" in wire.writes[0]


@pytest.mark.parametrize("length", [b"3", b"5"])
def test_a_length_that_is_wrong_ends_the_connection(length):
    wire = ask(answering(b"four", headers=[(b"content-length", length)]))
    assert wire.is_closed
    assert b"four" not in b"".join(wire.writes) or length == b"5"


def test_a_fault_after_the_head_is_an_answer_still():
    async def broken(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [LENGTH]})
        raise ValueError

    wire = ask(broken)
    assert b"".join(wire.writes).startswith(b"HTTP/1.1 500 ")
    assert b" 200 " not in b"".join(wire.writes)
    assert wire.is_closed


@pytest.mark.parametrize("header", [(b"a b", b"c"), (b"a", b"b\r\nc: d")])
def test_a_header_that_would_break_the_answer_is_never_written(header):
    wire = ask(answering(b"four", headers=[LENGTH, header]))
    written = b"".join(wire.writes)
    assert b"four" not in written
    assert b"c: d" not in written


def test_two_requests_at_once_are_answered_in_order():
    async def app(scope, receive, send):
        body = scope["path"].encode()
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    pair = b"GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n"
    bodies = [written.rpartition(b"\r\n\r\n")[2] for written in ask(app, pair).writes]
    assert bodies == [b"/first", b"/second"]
