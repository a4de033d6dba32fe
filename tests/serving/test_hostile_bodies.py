"""The corpus against a route that gives profiles back, with every layer around it."""

import time
from typing import Annotated, Literal

import pytest
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from serving.problem_types import PROBLEM_TYPES
from serving.strict_route import strict_route
from tests.serving.hostile_bodies import GOOD, HIDDEN, HOSTILE_BODIES

GENEROUS_SECONDS = 10.0  # the limit is one second, on a machine that does nothing else
LARGEST_ANSWER = 16 * 1024


class Profiles(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    scale: Literal["log2_tpm", "tpm"]
    genes: list[str]
    values: list[list[Annotated[float, Field(allow_inf_nan=False)]]]


def echo_router(services):
    router = APIRouter(route_class=strict_route(services.settings))

    @router.post("/echo")
    def echo(profiles: Profiles) -> Profiles:
        return profiles

    return router


@pytest.fixture
def client(make_service, asgi_client):
    small = {"max_body_bytes": 2**20, "max_decompressed_bytes": 2**20, "max_upload_bytes": 2**20}
    return asgi_client(make_service(routers=(echo_router,), **small))


def test_the_corpus_is_large_and_its_names_tell_apart():
    assert len({body.name for body in HOSTILE_BODIES}) == len(HOSTILE_BODIES) >= 60


def test_a_good_body_is_answered(client):
    answer = client.request("POST", "/echo", content=GOOD, headers=json_headers())
    assert answer.status_code == 200


@pytest.mark.parametrize("hostile", HOSTILE_BODIES, ids=lambda hostile: hostile.name)
def test_a_hostile_body_is_refused_quickly_briefly_and_silently(client, hostile):
    began = time.process_time()  # what others do on this machine does not count
    answer = client.request(
        "POST", "/echo", content=hostile.body, headers=json_headers() | hostile.headers
    )
    assert time.process_time() - began < GENEROUS_SECONDS
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < LARGEST_ANSWER
    assert not any(hidden in answer.content for hidden in HIDDEN)
    problem = answer.json()
    kind = PROBLEM_TYPES[problem["type"].removeprefix("/problems/")]
    assert (kind.status, kind.title) == (answer.status_code, problem["title"])
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert len(problem.get("errors", ())) <= 20


def json_headers():
    return {"Content-Type": "application/json", "Accept-Encoding": "identity"}
