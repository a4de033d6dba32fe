"""The service as a process on a loopback port: slow callers, its end, and what stops its start."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE_SECONDS = 60
SCRIPT = Path(sys.executable).with_name("cupromark")
# The service with three routes more: one that answers when it ends, one that counts who waits for
# that, and one that gives a body back.
PROGRAM = """
import asyncio, sys, time
from pathlib import Path
from starlette.requests import Request
from starlette.responses import Response
from serving import http_protocol
from serving.access.opening import open_access
from serving.app import create_app
from serving.bundles.holder import ServedBundles
from serving.logs import configure_logs
from serving.server import PatientServer, bind, server_config
from serving.settings import ServingSettings

class Source:
    bundles = ServedBundles()
    def start(self): pass
    def stop(self): pass

http_protocol.LINGER_SECONDS = 10  # whoever asks may be held up meanwhile
slow_ones = []
ending = asyncio.Event()

async def slow(scope, receive, send):
    slow_ones.append(scope)
    await ending.wait()
    await asyncio.sleep(0.5)
    await Response("slow")(scope, receive, send)

async def arrived(scope, receive, send):
    await Response(str(len(slow_ones)))(scope, receive, send)

async def echo(scope, receive, send):
    await Response(await Request(scope, receive).body())(scope, receive, send)

settings = ServingSettings(state=Path(sys.argv[1]), open_mode=True, port=0)
configure_logs(settings)
access = open_access(settings, clock=time.time, monotonic=time.monotonic)
thin = {("GET", "/slow"): slow, ("GET", "/arrived"): arrived, ("POST", "/echo"): echo}
app = create_app(settings, bundles=Source(), access=access, thin_paths=(lambda s: thin,))
listener = bind(settings.host, settings.port)

async def main():
    config = server_config(app, settings)
    port = listener.getsockname()[1]
    started = lambda: print(port, flush=True)
    server = PatientServer(config, on_started=started, on_ending=ending.set)
    async with app.router.lifespan_context(app):
        await server.serve(sockets=[listener])
    print("ended", flush=True)

asyncio.run(main())
"""


@contextmanager
def running(*command, **environment):
    with subprocess.Popen(  # noqa: S603
        [*map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def serving(state, *, body_pause_seconds, body_seconds):
    bounds = {
        "CUPROMARK_SERVE_BODY_PAUSE_SECONDS": str(body_pause_seconds),
        "CUPROMARK_SERVE_BODY_SECONDS": str(body_seconds),
    }
    with running(sys.executable, "-c", PROGRAM, state, **bounds) as process:
        process.port = int(process.stdout.readline())
        yield process


@pytest.fixture
def service(tmp_path):
    with serving(tmp_path, body_pause_seconds=0.5, body_seconds=1.5) as process:
        yield process


@pytest.fixture
def patient_service(tmp_path):
    """One that waits for a body however long this machine holds up whoever sends it."""
    with serving(tmp_path, body_pause_seconds=30, body_seconds=30) as process:
        yield process


def connect(service):
    return socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE_SECONDS)


def read_answer(connection):
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status, dict(answer.getheaders()), answer.read()


def head(length, path="/echo", method="POST"):
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n".encode()
    )


def test_a_body_that_pauses_ends_in_408(service):
    with connect(service) as connection:
        connection.sendall(head(10) + b"abc")
        status, headers, body = read_answer(connection)
    assert status == 408
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["type"] == "/problems/request-timeout"


def test_a_body_that_drips_ends_in_408(service):
    with connect(service) as connection:
        connection.sendall(head(10_000))
        stop = threading.Event()

        def drip():
            while not stop.wait(0.1):
                connection.sendall(b"x")

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            assert read_answer(connection)[0] == 408
        finally:
            stop.set()
            dripping.join()


@pytest.mark.parametrize(
    "rubbish", [b"CANARY\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\0CANARY HTTP/1.1\r\n\r\n"]
)
def test_what_is_not_http_is_a_problem_too(service, rubbish):
    with connect(service) as connection:
        connection.sendall(rubbish)
        status, headers, body = read_answer(connection)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert b"CANARY" not in body


def drip_forever(connection, *, piece):
    while True:
        connection.sendall(piece)
        time.sleep(0.01)


def test_a_head_without_end_is_cut_off(service):
    with connect(service) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ")
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            drip_forever(connection, piece=b"x" * 4096)


def wait_for(condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def n_arrived(service):
    with connect(service) as connection:
        connection.sendall(head(0, "/arrived", "GET"))
        return int(read_answer(connection)[2])


def is_refused(service):
    try:
        connect(service).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # it was about to be taken when the service stopped listening
        return False
    return False


def test_requests_in_flight_are_answered_when_the_service_ends(patient_service):
    service, answers = patient_service, []

    def ask():
        with connect(service) as connection:
            connection.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            answers.append(read_answer(connection))

    asking = [threading.Thread(target=ask) for _ in range(5)]
    for thread in asking:
        thread.start()
    wait_for(lambda: n_arrived(service) == 5)
    with connect(service) as half, connect(service) as idle:
        half.sendall(head(6) + b"abc")  # a body that is on its way
        idle.sendall(head(0, "/service-info", "GET"))
        assert read_answer(idle)[0] == 200
        service.send_signal(signal.SIGTERM)
        wait_for(lambda: is_refused(service))
        half.sendall(b"def")
        idle.sendall(head(0, "/service-info", "GET"))  # crosses with the end
        status, headers, body = read_answer(half)
        assert (status, body, headers["connection"]) == (200, b"abcdef", "close")
        status, headers, _ = read_answer(idle)
        assert (status, headers["connection"]) == (200, "close")
    for thread in asking:
        thread.join()
    assert [(status, body) for status, _, body in answers] == [(200, b"slow")] * 5
    assert service.stdout.readline() == "ended\n"
    assert service.wait(PATIENCE_SECONDS) == 0
    with pytest.raises(ConnectionRefusedError):
        connect(service)


def test_without_a_bundle_the_service_starts_and_says_so(tmp_path):
    empty = tmp_path / "bundle"
    empty.mkdir()
    command = (SCRIPT, "serve", "--port", 0, "--state", tmp_path, "--bundle", empty, "--json")
    with running(*command) as process:
        said = ""
        while not said.endswith("}\n"):
            said += process.stdout.readline()
        said = json.loads(said)
        assert (said["bundle"], said["open_mode"]) == (None, True)
        assert said["reason"]
        connection = http.client.HTTPConnection("127.0.0.1", said["port"])
        connection.request("GET", "/service-info")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def serve_fails(run_script, *options):
    ended = run_script("serve", *options, timeout=PATIENCE_SECONDS)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_start_that_cannot_be_says_why(run_script, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "cannot be listened on" in serve_fails(run_script, "--port", port)
    (tmp_path / "file").touch()
    state = ("--port", 0, "--state", tmp_path / "file" / "state")
    assert "cannot be written" in serve_fails(run_script, *state)
    open_to_all = ("--host", "0.0.0.0", "--open-mode")  # noqa: S104
    assert "not a loopback" in serve_fails(run_script, *open_to_all)
