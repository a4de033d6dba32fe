"""What the clients send, and what they make of answers, against a service that is made up."""

import asyncio
import json

import httpx
import numpy as np
import pytest

from cupromark.client import (
    AsyncClient,
    Client,
    ClientSettingError,
    ServiceError,
    UnreachableError,
)
from cupromark.client.calls import LONGEST_WAIT_SECONDS

QUESTION = {"genes": ["FDX1", "DLAT"], "values": [[1.5, 2.5]], "scale": "log2_tpm"}
PROBLEM = {
    "type": "/problems/gene-coverage",
    "title": "Too few genes of the panel",
    "status": 422,
    "detail": "2 of 11 genes.",
    "needed": "9 genes.",
    "remedy": "send more.",
    "errors": [{"pointer": "/genes", "message": "holds too few"}],
    "request_id": "r1",
}


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

    def client(self, **options):
        transport = httpx.MockTransport(self)
        return Client("http://service", transport=transport, sleep=self.waits.append, **options)

    def async_client(self, **options):
        transport = httpx.MockTransport(self)
        return AsyncClient("http://service", transport=transport, sleep=self.wait, **options)


@pytest.fixture(params=["blocking", "asynchronous"])
def ask(request):
    """Call a method of either client, and give what it returns."""

    def ask_blocking(service, method, *given, client_options=None, **named):
        with service.client(**(client_options or {})) as client:
            found = getattr(client, method)(*given, **named)
            return list(found) if hasattr(found, "__next__") else found

    def ask_asynchronous(service, method, *given, client_options=None, **named):
        async def asked():
            async with service.async_client(**(client_options or {})) as client:
                found = getattr(client, method)(*given, **named)
                if hasattr(found, "__anext__"):
                    return [one async for one in found]
                return await found

        return asyncio.run(asked())

    return ask_blocking if request.param == "blocking" else ask_asynchronous


def busy(status=503, **headers):
    return httpx.Response(status, json={"title": "later"}, headers=headers)


def fine(content=None):
    return httpx.Response(200, json={} if content is None else content)


def body_of(request):
    return json.loads(request.content)


def test_a_busy_service_is_asked_again_after_the_time_that_it_names(ask):
    service = MadeUpService(busy(429, **{"Retry-After": "7"}), busy(503), fine({"level": 0.8}))
    assert ask(service, "predict", **QUESTION) == {"level": 0.8}
    assert service.waits == [7.0, 4.0]


def test_the_idempotency_key_is_one_for_all_attempts_and_new_for_each_call(ask):
    service = MadeUpService(busy(), fine(), fine())
    ask(service, "predict", **QUESTION)
    ask(service, "predict", **QUESTION)
    first, again, other = [one.headers["idempotency-key"] for one in service.asked]
    assert first == again != other


def test_a_question_that_changes_nothing_has_no_idempotency_key(ask):
    service = MadeUpService(fine())
    ask(service, "service_info")
    assert "idempotency-key" not in service.asked[0].headers


def test_a_service_that_stays_busy_is_given_up(ask):
    service = MadeUpService(*(busy(429, **{"Retry-After": "3600"}) for _ in range(4)))
    with pytest.raises(ServiceError) as refused:
        ask(service, "predict", **QUESTION, client_options={"attempts": 4})
    assert service.answers == []
    assert service.waits == [LONGEST_WAIT_SECONDS] * 3
    assert (refused.value.status, refused.value.retry_after_seconds) == (429, 3600)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500])
def test_what_will_not_change_is_not_asked_again(ask, status):
    service = MadeUpService(httpx.Response(status))
    with pytest.raises(ServiceError) as refused:
        ask(service, "predict", **QUESTION)
    assert (refused.value.status, service.waits) == (status, [])
    assert f"HTTP status {status}" in refused.value.found


def test_a_problem_is_an_error_with_all_that_it_says(ask):
    answer = httpx.Response(422, json=PROBLEM, headers={"content-type": "application/problem+json"})
    with pytest.raises(ServiceError) as refused:
        ask(MadeUpService(answer), "predict", **QUESTION)
    error = refused.value
    assert (error.status, error.kind, error.request_id) == (422, PROBLEM["type"], "r1")
    assert (error.found, error.needed, error.remedy) == ("2 of 11 genes.", "9 genes.", "send more.")
    assert error.errors == PROBLEM["errors"]


@pytest.mark.parametrize("content", [b"<html>Bad gateway</html>", b"", b"[1]", b"{cut off"])
def test_an_error_of_something_in_between_is_an_error_all_the_same(ask, content):
    for media_type in ("text/html", "application/problem+json"):
        answer = httpx.Response(502, content=content, headers={"content-type": media_type})
        with pytest.raises(ServiceError) as refused:
            ask(MadeUpService(answer), "predict", **QUESTION)
        assert (refused.value.status, refused.value.kind) == (502, "about:blank")


@pytest.mark.parametrize("error", [httpx.ConnectError("no"), httpx.ReadTimeout("slow")])
def test_a_service_that_does_not_answer_is_unreachable(ask, error):
    with pytest.raises(UnreachableError, match="http://service did not answer"):
        ask(MadeUpService(error), "ready")


def test_a_list_is_asked_page_by_page_with_its_filters(ask):
    pages = [
        {"items": [{"name": "a"}, {"name": "b"}], "next": "/below/v1/drugs?limit=2&cursor=c%3D1"},
        {"items": [], "next": "/below/v1/drugs?cursor=c2"},
        {"items": [{"name": "c"}], "next": None},
    ]
    service = MadeUpService(*map(fine, pages))
    found = ask(service, "drugs", limit=2, status=["supported", "withheld"])
    assert [drug["name"] for drug in found] == ["a", "b", "c"]
    asked = [(one.url.path, dict(one.url.params)) for one in service.asked]
    assert [path for path, _ in asked] == ["/v1/drugs"] * 3
    assert [params.get("cursor") for _, params in asked] == [None, "c=1", "c2"]
    for one in service.asked:
        assert one.url.params.get_list("status") == ["supported", "withheld"]
        assert one.url.params["limit"] == "2"


def test_truth_in_a_filter_is_written_as_json_has_it(ask):
    service = MadeUpService(fine({"items": [], "next": None}))
    ask(service, "claims", contradictions=True)
    assert service.asked[0].url.params["contradictions"] == "true"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("5-Fluorouracil", "/v1/drugs/5-Fluorouracil"),
        ("Bleomycin (50 uM)", "/v1/drugs/Bleomycin%20%2850%20uM%29"),
        ("a/b?c#d%e", "/v1/drugs/a%2Fb%3Fc%23d%25e"),
        ("../bundles", "/v1/drugs/..%2Fbundles"),
        ("β-Lapachone", "/v1/drugs/%CE%B2-Lapachone"),
    ],
)
def test_a_name_is_one_part_of_the_address_whatever_is_in_it(ask, name, path):
    service = MadeUpService(fine())
    ask(service, "drug", name)
    assert service.asked[0].url.raw_path.decode() == path


def test_no_name_does_not_ask_for_the_list(ask):
    with pytest.raises(ValueError, match="empty"):
        ask(MadeUpService(), "drug", "")


def test_only_what_is_said_is_sent(ask):
    service = MadeUpService(fine(), fine())
    ask(service, "predict", **QUESTION)
    assert body_of(service.asked[0]) == QUESTION
    values = np.array([[1.5, 2.5], [3, 4]], dtype=np.float32)
    asked = {"ids": ("a", "b"), "drugs": ("X",), "level": 0.9, "align": "none", "top": 3}
    ask(service, "explain", **{**QUESTION, "values": values}, **asked, lineage={"a": "Lung"})
    assert service.asked[1].url.path == "/v1/explanations"
    assert body_of(service.asked[1]) == {
        **QUESTION,
        **asked,
        "values": [[1.5, 2.5], [3, 4]],
        "ids": ["a", "b"],
        "drugs": ["X"],
        "covariates": {"lineage": {"a": "Lung"}},
    }


def test_the_key_goes_with_every_request(ask):
    service = MadeUpService(fine(), fine())
    ask(service, "service_info", client_options={"api_key": "cmk_secret"})
    ask(service, "service_info")
    assert service.asked[0].headers["authorization"] == "Bearer cmk_secret"
    assert "authorization" not in service.asked[1].headers


def test_a_file_is_sent_whole_in_every_attempt(ask, tmp_path):
    file, probes = tmp_path / "profiles.csv", tmp_path / "map.txt"
    file.write_text("gene,a\nFDX1,1\n")
    probes.write_text("probe\tgene\n")
    service = MadeUpService(busy(), fine())
    options = {"drugs": ["A", "B"], "level": 0.9, "platform_map": probes, "lineage": "Lung"}
    ask(service, "predict_file", file, scale="log2_tpm", **options)
    for request in service.asked:
        body = request.content.decode()
        assert request.headers["content-type"].startswith("multipart/form-data")
        for part in ('filename="profiles.csv"', "FDX1,1", 'filename="map.txt"', "A,B", "Lung"):
            assert part in body
    assert 'name="align"' not in service.asked[0].content.decode()


def test_readiness_is_asked_once(ask):
    service = MadeUpService(busy(), fine())
    assert ask(service, "ready") is False
    assert ask(service, "ready") is True
    assert service.waits == []


def test_an_answer_of_something_else_is_no_answer(ask):
    service = MadeUpService(httpx.Response(200, html="<p>Welcome</p>"))
    with pytest.raises(ServiceError, match="not as this service does") as refused:
        ask(service, "predict", **QUESTION)
    assert (refused.value.status, service.waits) == (200, [])


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    "address", ["service", "127.0.0.1:8000", "ftp://service", "http://", "http://service:port", ""]
)
def test_an_address_that_is_none_is_refused_at_once(kind, address):
    with pytest.raises(ClientSettingError, match="no address of a service"):
        kind(address)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("key", ["cmk_one two", "cmk_\nx", "ключ", "cmk_x\r"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_told(kind, key):
    with pytest.raises(ClientSettingError) as refused:
        kind("http://service", api_key=key)
    assert key not in str(refused.value)
