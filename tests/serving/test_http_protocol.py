import asyncio
import socket
import time

import pytest
import uvloop
from uvicorn import Config

from serving import http_protocol
from serving.http_protocol import EndingState, PatientProtocol

CHUNKED = b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
ASKED = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


class Wire(asyncio.Transport):
    """A connection whose other end is the test."""

    def __init__(self):
        super().__init__()
        self.sent = b""
        self.is_closed = False

    def write(self, data):
        self.sent += data

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


async def connect(app):
    config = Config(app, ws="none", interface="asgi3", lifespan="off", log_config=None)
    config.load()
    protocol = PatientProtocol(config, EndingState(), {}, asyncio.get_running_loop())
    wire = Wire()
    protocol.connection_made(wire)
    return protocol, wire


async def until(condition):
    while not condition():
        await asyncio.sleep(0)


async def answer(send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_fields_after_a_body_become_no_headers():
    seen = []

    async def app(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        seen.append(dict(scope["headers"]))
        await answer(send)

    async def run():
        protocol, wire = await connect(app)
        protocol.data_received(CHUNKED + b"1\r\na\r\n0\r\nX-API-Key: late\r\nX-Two: late\r\n\r\n")
        await until(lambda: wire.sent)
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: there\r\n\r\n")
        await until(lambda: len(seen) == 2)

    asyncio.run(run())
    assert seen[0] == {b"host": b"here", b"transfer-encoding": b"chunked"}
    assert seen[1] == {b"host": b"there"}


@pytest.mark.parametrize("rest", [b"", b"0\r\n\r\n"], ids=["unread", "whole"])
def test_a_body_that_goes_on_after_its_answer_ends_the_connection(monkeypatch, rest):
    monkeypatch.setattr(http_protocol, "UNREAD_SECONDS", 0.0)

    async def app(scope, receive, send):
        if rest:
            while (await receive()).get("more_body"):
                pass
        await answer(send)

    async def run():
        protocol, wire = await connect(app)
        protocol.data_received(CHUNKED + b"1\r\na\r\n" + rest)
        await until(lambda: wire.sent)
        for _ in range(10):
            await asyncio.sleep(0)
        return wire.is_closed

    assert asyncio.run(run()) is (not rest)


def test_what_arrives_while_the_loop_is_held_up_is_answered_at_the_end(monkeypatch):
    """After a stall uvloop runs its timers first: that of the end too, before it reads."""
    monkeypatch.setattr(http_protocol, "LINGER_SECONDS", 0.001)
    made = []

    async def app(scope, receive, send):
        await answer(send)

    async def run():
        loop = asyncio.get_running_loop()
        config = Config(app, ws="none", interface="asgi3", lifespan="off", log_config=None)
        config.load()

        def make():
            made.append(PatientProtocol(config, EndingState(), {}, loop))
            return made[-1]

        server = await loop.create_server(make, "127.0.0.1", 0)
        caller, (bell, ring) = socket.socket(), socket.socketpair()
        with caller, bell, ring:
            for one in caller, bell:
                one.setblocking(False)
            await loop.sock_connect(caller, server.sockets[0].getsockname())
            await loop.sock_sendall(caller, ASKED)
            assert (await loop.sock_recv(caller, 10_000)).startswith(b"HTTP/1.1 200")

            def hold_up():
                loop.remove_reader(bell)
                made[0].server_state.is_ending = True
                made[0].shutdown()
                caller.send(ASKED)
                time.sleep(0.05)

            loop.add_reader(bell, hold_up)
            ring.send(b"!")
            try:
                return await asyncio.wait_for(loop.sock_recv(caller, 10_000), 20)
            except ConnectionResetError:
                return b""
            finally:
                server.close()

    answered = uvloop.run(run())
    assert answered.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answered
