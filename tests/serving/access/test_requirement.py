"""Over HTTP, with the layers that `create_app` puts around every route."""

from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Request

from serving.access import open_mode
from serving.access.audit_entries import read_entries
from serving.access.audit_recorder import AuditRecorder
from serving.access.callers import Caller
from serving.access.opening import open_access
from serving.access.requirement import public, requires
from serving.errors import CupromarkError
from serving.middleware.exchange import Exchange
from serving.problem_forms import respond
from serving.problems import problem_of
from serving.request_context import context_of
from serving.settings import ServingSettings


@pytest.fixture
def make_client(tmp_path, clock, asgi_client):
    opened = []

    def make(**settings):
        access = open_access(
            ServingSettings(state=tmp_path, **settings), clock=clock, monotonic=clock
        )
        access.start()
        opened.append(access)
        return access, asgi_client(make_app(access, clock))

    yield make
    for access in opened:
        access.close()


def make_app(access, clock):
    app = FastAPI()

    @app.exception_handler(CupromarkError)
    def answer(request: Request, error: CupromarkError):
        return respond(problem_of(error), request.scope)

    @app.get("/v1/drugs/{drug}")
    def drug(
        drug: str, request: Request, caller: Annotated[Caller, Depends(requires(access, "predict"))]
    ) -> dict[str, str | None]:
        context_of(request.scope).drugs = 1
        return {"drug": drug, "key": caller.key_id}

    @app.get("/v1/admin")
    def admin(caller: Annotated[Caller, Depends(requires(access, "admin"))]) -> str:
        return caller.name

    @app.get("/ping", dependencies=[Depends(public(access))])
    def ping() -> str:
        return ""

    headers = [open_mode.HEADER] if access.open_mode else []
    recorders = [AuditRecorder(access.audit, clock=clock)]
    return Exchange(app, recorders=recorders, monotonic=clock, headers=headers)


def headers(key):
    return {"Authorization": f"Bearer {key.text}"}


def test_a_scope_opens_its_routes_alone(make_client):
    access, client = make_client()
    key, _ = access.keys.create("clinic", ["predict"], created_by="ada")
    assert client.get("/v1/drugs/x", headers=headers(key)).json() == {
        "drug": "x",
        "key": key.key_id,
    }
    refused = client.get("/v1/admin", headers=headers(key))
    assert refused.status_code == 403
    assert "admin" in refused.json()["detail"]
    without = client.get("/v1/drugs/x")
    assert without.status_code == 401
    assert without.headers["www-authenticate"].startswith("Bearer")
    assert "x-cupromark-open-mode" not in without.headers


def test_contradictory_keys_are_a_bad_request(make_client):
    access, client = make_client()
    one, two = (access.keys.create("n", ["predict"], created_by="ada")[0] for _ in range(2))
    answer = client.get("/v1/drugs/x", headers={**headers(one), "X-API-Key": two.text})
    assert answer.status_code == 400
    assert two.text not in answer.text


def test_the_limit_of_a_key_shows_in_every_answer_and_ends_in_429(make_client, clock):
    access, client = make_client(rate_per_minute=2)
    key, _ = access.keys.create("n", ["predict"], created_by="ada")
    own, _ = access.keys.create("n", ["predict"], created_by="ada", rate_per_minute=0)
    answers = [client.get("/v1/drugs/x", headers=headers(key)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit"] == '"key";r=1;t=30'
    assert answers[0].headers["ratelimit-policy"] == '"key";q=2;w=60'
    assert answers[2].headers["retry-after"] == "30"
    clock.advance(30)
    assert client.get("/v1/drugs/x", headers=headers(key)).status_code == 200
    unlimited = [client.get("/v1/drugs/x", headers=headers(own)) for _ in range(5)]
    assert {answer.status_code for answer in unlimited} == {200}
    assert "ratelimit" not in unlimited[0].headers


def test_public_routes_are_counted_by_address(make_client):
    _, client = make_client(public_rate_per_minute=2)
    assert [client.get("/ping").status_code for _ in range(3)] == [200, 200, 429]


def test_the_trail_holds_who_asked_for_what_and_not_what_was_sent(make_client):
    access, client = make_client()
    key, _ = access.keys.create("clinic", ["predict"], created_by="ada")
    client.get("/v1/drugs/my-sample?id=my-sample", headers=headers(key))
    client.get("/v1/admin", headers={"X-API-Key": "my-sample"})
    client.get("/ping")
    access.audit.flush()
    lines = [line for line in read_entries(access.database) if line.action == "request"]
    assert sorted((line.status, line.route, line.key_id, line.drugs) for line in lines) == [
        (200, "/v1/drugs/{drug}", key.key_id, 1),
        (401, "/v1/admin", None, None),
    ]
    assert "my-sample" not in repr(lines)


def test_open_mode_is_said_in_every_answer(tmp_path, clock, asgi_client):
    settings = ServingSettings(state=tmp_path, open_mode=True)
    access = open_access(settings, clock=clock, monotonic=clock)
    access.start()
    app = make_app(access, clock)
    here, elsewhere = asgi_client(app), asgi_client(app, client_host="192.0.2.1")
    answered = here.get("/v1/drugs/x")
    assert (answered.status_code, answered.json()["key"]) == (200, None)
    assert answered.headers["x-cupromark-open-mode"] == "true"
    assert here.get("/v1/admin").status_code == 403
    assert elsewhere.get("/v1/drugs/x").status_code == 403
    access.close()


def test_the_openapi_file_names_both_ways_to_send_a_key(make_client):
    _, client = make_client()
    description = client.get("/openapi.json").json()
    assert description["paths"]["/v1/admin"]["get"]["security"] == [{"bearer": []}, {"key": []}]
    assert "security" not in description["paths"]["/ping"]["get"]
    schemes = description["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    assert schemes["key"]["name"] == "X-API-Key"
