"""Admission, HEAD, and the paths that go before FastAPI, with every layer around them."""

import asyncio

import pytest
from starlette.responses import Response

from serving.errors import NotReadyError
from serving.middleware.admission import Admission, InFlight


def test_requests_beyond_the_number_are_refused_and_leave_again():
    in_flight = InFlight()
    release = asyncio.Event()

    async def app(scope, receive, send):
        await release.wait()

    layer = Admission(app, in_flight=in_flight, most_in_flight=2)

    async def run():
        tasks = [asyncio.create_task(layer({"type": "http"}, None, None)) for _ in range(2)]
        await asyncio.sleep(0)
        assert in_flight.count == 2
        with pytest.raises(NotReadyError):
            await layer({"type": "http"}, None, None)
        release.set()
        await asyncio.gather(*tasks)
        assert in_flight.count == 0

    asyncio.run(run())


@pytest.mark.parametrize("path", ["/service-info", "/problems", "/docs", "/openapi.json", "/nope"])
def test_head_is_get_without_a_body(make_service, asgi_client, path):
    client = asgi_client(make_service())
    head, get = client.request("HEAD", path), client.get(path)
    assert head.status_code == get.status_code
    assert head.headers["content-type"] == get.headers["content-type"]
    if get.status_code == 200:  # an ASGI server drops the body of any other answer to HEAD
        assert head.content == b""


def test_a_thin_path_takes_its_own_method_and_leaves_the_others(make_service, asgi_client):
    handlers = {("POST", "/service-info"): Response("thin")}
    client = asgi_client(make_service(thin_paths=(lambda services: handlers,)))
    assert client.request("POST", "/service-info").text == "thin"
    assert client.get("/service-info").json()["name"] == "cupromark"
    assert client.request("PUT", "/service-info").status_code == 405
