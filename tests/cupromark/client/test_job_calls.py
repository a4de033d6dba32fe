"""Jobs through the clients, against a service that is made up."""

import asyncio
import json

import httpx
import pytest

from cupromark.client import AsyncClient, Client, ServiceError, UnreachableError


class MadeUpService:
    """Answers with what it was given, in order, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked, self.waits = list(answers), [], []

    def __call__(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def wait(self, seconds):
        self.waits.append(seconds)


@pytest.fixture(params=["blocking", "asynchronous"])
def ask(request):
    """Call a method of either client, and give what it returns."""

    def ask_blocking(service, method, *given, **named):
        transport = httpx.MockTransport(service)
        with Client("http://s", transport=transport, sleep=service.waits.append) as client:
            found = getattr(client, method)(*given, **named)
            return list(found) if hasattr(found, "__next__") else found

    def ask_asynchronous(service, method, *given, **named):
        async def asked():
            transport = httpx.MockTransport(service)
            async with AsyncClient("http://s", transport=transport, sleep=service.wait) as client:
                found = getattr(client, method)(*given, **named)
                if hasattr(found, "__anext__"):
                    return [one async for one in found]
                return await found

        return asyncio.run(asked())

    return ask_blocking if request.param == "blocking" else ask_asynchronous


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends in the middle, as when a service is killed."""

    def __init__(self, content):
        self._content = content

    def __iter__(self):
        yield self._content
        raise httpx.ReadError("gone")

    async def __aiter__(self):
        yield self._content
        raise httpx.ReadError("gone")


def line(number):
    data = json.dumps({"number": number})
    return f"id: {number}\nevent: log\ndata: {data}\n\n".encode()


END = b'event: end\ndata: {"state": "failed", "outcome": null}\n\n'


def numbers(events):
    return [one["data"]["number"] for one in events if one["event"] == "log"]


def test_a_broken_connection_goes_on_after_the_last_whole_line(ask):
    service = MadeUpService(
        httpx.Response(200, stream=Broken(b"retry: 1\n\n" + line(1) + line(2) + b"id: 3\nevent")),
        httpx.ConnectError("away"),
        httpx.Response(503),
        httpx.Response(200, content=b": nothing new\n\n" + line(3)),
        httpx.Response(200, content=line(4) + END),
    )
    events = ask(service, "watch_job", "a/b", after=0)
    assert numbers(events) == [1, 2, 3, 4]
    assert events[-1] == {"event": "end", "data": {"state": "failed", "outcome": None}}
    assert service.asked[0].url.raw_path == b"/v1/jobs/a%2Fb/events?after=0"
    # Of the third line the number came, and not the line.
    after = [request.url.params["after"] for request in service.asked]
    assert after == ["0", "2", "2", "2", "3"]
    assert len(service.waits) == 4


def test_a_service_that_stays_away_is_given_up(ask):
    with pytest.raises(UnreachableError):
        ask(MadeUpService(*(httpx.ConnectError("away") for _ in range(3))), "watch_job", "a")
    with pytest.raises(ServiceError) as refused:
        ask(MadeUpService(*(httpx.Response(503) for _ in range(3))), "watch_job", "a")
    assert refused.value.status == 503


def test_a_job_that_is_not_there_is_said_at_once(ask):
    service = MadeUpService(httpx.Response(404))
    with pytest.raises(ServiceError) as refused:
        ask(service, "watch_job", "a")
    assert (refused.value.status, service.waits) == (404, [])


def test_a_key_of_ones_own_goes_with_a_job(ask):
    service = MadeUpService(*(httpx.Response(202, json={}) for _ in range(3)))
    job = {"kind": "retrain", "cohort": "tcga", "drugs": ("A", "B")}
    ask(service, "submit_job", idempotency_key="mine", **job, policy=None)
    ask(service, "submit_job", kind="promote", bundle="3")
    ask(service, "retry_job", "a")
    first, other, again = service.asked
    assert first.headers["idempotency-key"] == "mine"
    assert json.loads(first.content) == {**job, "drugs": ["A", "B"]}
    assert other.headers["idempotency-key"] != again.headers["idempotency-key"]
    assert (again.url.path, again.content) == ("/v1/jobs/a/retry", b"")


def test_a_log_is_read_to_its_end(ask):
    pages = [{"items": [{"number": 1}, {"number": 2}]}, {"items": [{"number": 3}]}, {"items": []}]
    service = MadeUpService(*(httpx.Response(200, json=page) for page in pages))
    assert [one["number"] for one in ask(service, "job_log", "a")] == [1, 2, 3]
    assert [request.url.params["after"] for request in service.asked] == ["0", "2", "3"]


def test_schedules_are_added_listed_changed_and_removed(ask):
    found = {"name": "a b", "cron": "@daily"}
    answers = [
        httpx.Response(201, json=found),
        httpx.Response(200, json={"items": [found]}),
        httpx.Response(200, json=found),
        httpx.Response(200, json=found),
        httpx.Response(202, json={"job_id": "j"}),
        httpx.Response(204),
    ]
    service = MadeUpService(*answers)
    job = {"kind": "retrain", "cohort": "tcga", "drugs": ("A", "B"), "policy": None}
    assert ask(service, "add_schedule", "a b", "@daily", **job) == found
    assert ask(service, "schedules") == [found]
    assert ask(service, "pause_schedule", "a b") == found
    assert ask(service, "resume_schedule", "a b") == found
    assert ask(service, "run_schedule", "a b") == {"job_id": "j"}
    assert ask(service, "remove_schedule", "a b") is None
    assert json.loads(service.asked[0].content) == {
        "name": "a b",
        "cron": "@daily",
        "time_zone": "UTC",
        "job": {"kind": "retrain", "cohort": "tcga", "drugs": ["A", "B"]},
    }
    assert [(one.method, one.url.raw_path.decode()) for one in service.asked] == [
        ("POST", "/v1/schedules"),
        ("GET", "/v1/schedules"),
        ("POST", "/v1/schedules/a%20b/pause"),
        ("POST", "/v1/schedules/a%20b/resume"),
        ("POST", "/v1/schedules/a%20b/run"),
        ("DELETE", "/v1/schedules/a%20b"),
    ]


def test_a_page_of_something_else_is_no_stream_of_events(ask):
    service = MadeUpService(httpx.Response(200, html="<p>Welcome</p>"))
    with pytest.raises(ServiceError, match="not as this service does") as refused:
        ask(service, "watch_job", "a")
    assert (refused.value.status, service.waits) == (200, [])
