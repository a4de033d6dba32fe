import asyncio

import structlog
from starlette.responses import Response

from serving.errors import NotFoundError
from serving.middleware.error_boundary import ErrorBoundary


def test_errors_become_answers(asgi_client):
    async def app(scope, receive, send):
        raise NotFoundError("No such drug.", needed="a drug.", remedy="list them.")

    answer = asgi_client(ErrorBoundary(app, request_seconds=5)).get("/")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "No such drug."


def test_a_fault_is_logged_by_place_and_answered_without_a_word_of_it(asgi_client):
    async def app(scope, receive, send):
        expression = {"TP53": 31337}
        raise ValueError(f"secret {expression}")

    with structlog.testing.capture_logs() as logged:
        answer = asgi_client(ErrorBoundary(app, request_seconds=5)).get("/")
    assert answer.status_code == 500
    [event] = logged
    assert (event["event"], event["error"]) == ("request.fault", "ValueError")
    assert event["frames"][-1].startswith("middleware/test_error_boundary.py:")
    for text in (str(event), answer.text):
        assert "secret" not in text
        assert "31337" not in text


def test_an_answer_that_takes_too_long_is_given_up(asgi_client):
    async def app(scope, receive, send):
        await asyncio.sleep(60)

    answer = asgi_client(ErrorBoundary(app, request_seconds=0.01)).get("/")
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/took-too-long"
    assert answer.headers["retry-after"] == "1"


def test_a_timeout_of_the_application_itself_is_a_fault(asgi_client):
    async def app(scope, receive, send):
        raise TimeoutError

    assert asgi_client(ErrorBoundary(app, request_seconds=60)).get("/").status_code == 500


def test_nothing_is_answered_twice(asgi_client, make_service):
    async def broken(scope, receive, send):
        await Response("begun")(scope, receive, send)
        raise ValueError

    app = make_service(thin_paths=(lambda services: {("GET", "/broken"): broken},))
    answer = asgi_client(app).get("/broken")
    assert (answer.status_code, answer.text) == (200, "begun")
