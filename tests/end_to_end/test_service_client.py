"""The Python client against the running service, and its types against the OpenAPI file."""

import asyncio
import csv
import inspect
import types
import typing

import numpy as np
import pytest

from cupromark.client import (
    AsyncClient,
    Client,
    ServiceError,
    UnreachableError,
    answers,
    catalogue_answers,
    job_answers,
    questions,
)
from features.expression import Scale

# Routes of JSON that the client has no call for, and why.
# For people at pages and at the command line; the client does not know them.
FOR_PEOPLE = ("/v1/reviews/",)
LEFT_OUT = {
    "/v2": "for clients of the Open Inference Protocol",
    "/v2/health/live": "for orchestrators; `ready` says more",
    "/v2/models/{name}": "for clients of the Open Inference Protocol",
    "/v2/models/{name}/ready": "for clients of the Open Inference Protocol",
    "/v2/models/{name}/infer": "for clients of the Open Inference Protocol",
    "/v2/models/{name}/versions/{version}": "for clients of the Open Inference Protocol",
    "/v2/models/{name}/versions/{version}/ready": "for clients of the Open Inference Protocol",
    "/v2/models/{name}/versions/{version}/infer": "for clients of the Open Inference Protocol",
    "/invocations": "for clients of MLflow's scoring protocol",
    "/v1/drift": "for whoever runs the service: `cupromark drift` and its page",
    "/v1/shadow": "for whoever runs the service: `cupromark shadow show` and its page",
    "/v1/reports/{drug}": "for the pages of reports",
    "/v1/compare": "for the page that compares bundles",
    "/v1/compare/{drug}": "for the page that compares bundles",
    "/v1/session": "for browsers that are logged in",
    "/problems": "pages for people",
    "/problems/{slug}": "pages for people",
    "/openapi.json": "for tools",
}
CALLED = {
    "/v1/predictions": ("predict", "predict_file"),
    "/v1/explanations": ("explain", "explain_file"),
    "/v1/validations": ("validate", "validate_file"),
    "/v1/drugs": ("drugs",),
    "/v1/drugs/{drug}": ("drug",),
    "/v1/gene-sets": ("gene_sets",),
    "/v1/gene-sets/{name}": ("gene_set",),
    "/v1/claims": ("claims",),
    "/v1/claims/{claim_id}": ("claim",),
    "/v1/bundles": ("bundles", "serving_bundle"),
    "/v1/jobs": ("submit_job", "jobs"),
    "/v1/jobs/{job_id}": ("job",),
    "/v1/jobs/{job_id}/log": ("job_log",),
    "/v1/jobs/{job_id}/cancel": ("cancel_job",),
    "/v1/jobs/{job_id}/resume": ("resume_job",),
    "/v1/jobs/{job_id}/retry": ("retry_job",),
    "/v1/executors": ("executors",),
    "/v1/schedules": ("schedules", "add_schedule"),
    "/v1/schedules/{name}/pause": ("pause_schedule",),
    "/v1/schedules/{name}/resume": ("resume_schedule",),
    "/v1/schedules/{name}/run": ("run_schedule",),
    "/v2/health/ready": ("ready",),
    "/service-info": ("service_info",),
}
MADE = ("200", "201", "202", "204")
# Their routes answer with events, and with nothing, not with JSON.
WITHOUT_JSON = {"watch_job", "remove_schedule"}
OWN = {"Profiles", "File", "Asked", "Top", "AskedOfProfiles", "AskedOfFile"} | {
    "ExplainedProfiles", "ExplainedFile", "AskedJob",
}  # fmt: skip
NAMES_OF_TYPES = {int: "integer", str: "string", float: "number", bool: "boolean"}


@pytest.fixture(scope="module")
def client(service):
    with Client(service.address, api_key=service.keys["predict"]) as client:
        yield client


@pytest.fixture(scope="module")
def document(service):
    with service.http() as http:
        return http.get("/openapi.json").json()


@pytest.fixture
def profiles_csv(question, tmp_path):
    """The profiles of the question as a file, samples as rows."""
    path = tmp_path / "profiles.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sample", *question["genes"]])
        writer.writerows(
            [name, *row] for name, row in zip(question["ids"], question["values"], strict=True)
        )
    return path


def test_predictions_come_for_each_sample_and_drug(client, question, made_up_bundle):
    answer = client.predict(**question, drugs=["Cisplatin", "Elesclomol"])
    pairs = [(one["sample_id"], one["drug"]) for one in answer["predictions"]]
    assert pairs == [(s, d) for s in question["ids"] for d in ("Cisplatin", "Elesclomol")]
    assert answer["bundle"]["cohort"] == "made-up"
    as_array = client.predict(**question | {"values": np.array(question["values"])})
    withheld = [name for name, drug in made_up_bundle.drugs.items() if drug.status == "withheld"]
    assert withheld
    assert not {one["drug"] for one in as_array["predictions"]} & set(withheld)


def test_explanations_add_up_to_the_answer(client, question):
    answer = client.explain(**question, drugs=["Cisplatin"], top=1000)
    for one in answer["explanations"]:
        given = sum(gene["attribution_log_odds"] for gene in one["genes"])
        assert one["base_log_odds"] + given == pytest.approx(one["log_odds"], abs=1e-6)


def test_a_file_gets_the_answers_that_its_values_get(client, question, profiles_csv):
    drugs = ["Cisplatin", "Elesclomol"]
    by_values = client.predict(**question, drugs=drugs)["predictions"]
    by_file = client.predict_file(profiles_csv, scale=question["scale"], drugs=drugs)
    for one, other in zip(by_values, by_file["predictions"], strict=True):
        assert one == {
            **other,
            "probability_sensitive": pytest.approx(other["probability_sensitive"], abs=1e-5),
            "domain_percentile": pytest.approx(other["domain_percentile"], abs=1e-3),
        }
    explained = client.explain_file(profiles_csv, scale=question["scale"], drugs=drugs, top=1)
    assert [len(one["genes"]) for one in explained["explanations"]] == [1] * 4


def test_profiles_and_files_are_validated(client, question, profiles_csv):
    report = client.validate(**question)
    assert (report["accepted"], report["gene_coverage"]) == (True, 1.0)
    of_file = client.validate_file(profiles_csv, scale=question["scale"])
    assert (of_file["source"], of_file["accepted"]) == ("profiles.csv", True)


def test_lists_are_followed_to_their_end_and_each_entry_can_be_asked_for(client, made_up_bundle):
    drugs = list(client.drugs(limit=1))
    assert {one["name"] for one in drugs} == set(made_up_bundle.drugs)
    for one in drugs:
        assert client.drug(one["name"])["label_card"]["method"] == "tertile"
    supported = client.drugs(status=["supported", "exploratory"])
    assert {one["status"] for one in supported} == {"supported", "exploratory"}
    sets = list(client.gene_sets(limit=2))
    assert [one["name"] for one in sets] == list(made_up_bundle.gene_sets)
    assert client.gene_set(sets[0]["name"])["members"]
    claims = list(client.claims(limit=50))
    assert len(claims) > 50
    assert len({one["claim_id"] for one in claims}) == len(claims)
    assert client.claim(claims[0]["claim_id"]) == claims[0]
    assert all(one["contradicted_by"] for one in client.claims(contradictions=True))
    (bundle,) = client.bundles()
    serving = client.serving_bundle()
    assert serving is not None
    assert bundle["serves"]
    assert serving["sha256"] == bundle["sha256"]


def test_what_needs_no_key_needs_none(service):
    with Client(service.address) as client:
        assert client.ready()
        assert client.service_info()["id"] == "org.cupromark"
        with pytest.raises(ServiceError) as refused:
            list(client.drugs())
    assert (refused.value.status, refused.value.kind) == (401, "/problems/unauthenticated")


def test_a_refusal_names_the_place_and_the_request(client, question):
    with pytest.raises(ServiceError) as refused:
        client.predict(**question, drugs=["Cisplatin", "no such drug"])
    error = refused.value
    assert (error.status, error.kind) == (422, "/problems/invalid-request")
    assert [place["pointer"] for place in error.errors] == ["/drugs/1"]
    assert error.request_id
    with pytest.raises(ServiceError) as refused:
        client.predict(**question | {"genes": [f"X{n}" for n in range(len(question["genes"]))]})
    assert refused.value.kind == "/problems/gene-coverage"
    with pytest.raises(ServiceError) as refused:
        client.drug("no such drug")
    assert refused.value.status == 404


def test_nobody_at_the_address_is_unreachable():
    with Client("http://127.0.0.1:9", attempts=1) as client, pytest.raises(UnreachableError):
        client.ready()


def test_the_asynchronous_client_answers_the_same(service, client, question, profiles_csv):
    async def ask():
        async with AsyncClient(service.address, api_key=service.keys["predict"]) as asking:
            several = [asking.predict(**question, drugs=["Cisplatin"]) for _ in range(8)]
            return (
                await asyncio.gather(*several),
                await asking.explain(**question, drugs=["Cisplatin"]),
                await asking.validate_file(profiles_csv, scale=question["scale"]),
                [drug async for drug in asking.drugs(limit=1)],
                await asking.serving_bundle(),
                await asking.ready(),
            )

    predicted, explained, validated, drugs, serving, ready = asyncio.run(ask())
    assert predicted == [client.predict(**question, drugs=["Cisplatin"])] * 8
    assert explained == client.explain(**question, drugs=["Cisplatin"])
    assert validated == client.validate_file(profiles_csv, scale=question["scale"])
    assert drugs == list(client.drugs())
    assert (serving, ready) == (client.serving_bundle(), True)


def test_both_clients_have_the_same_calls_with_the_same_arguments():
    def calls(kind):
        return {
            name: [
                (one.name, one.kind, str(one.annotation))
                for one in inspect.signature(call).parameters.values()
            ]
            for name, call in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert calls(Client) == calls(AsyncClient)


def test_every_json_route_has_a_call_or_a_reason_to_have_none(document):
    routes = {
        path
        for path, item in document["paths"].items()
        for operation in item.values()
        if "application/json" in _answered(operation).get("content", {})
        and not path.startswith(FOR_PEOPLE)
    }
    assert routes == set(CALLED) | set(LEFT_OUT)
    public = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if name[0] != "_"}
    called = {name for names in CALLED.values() for name in names}
    assert called == public - {"close"} - WITHOUT_JSON


def _answered(operation):
    responses = operation["responses"]
    return next(responses[status] for status in MADE if status in responses)


def typed_dicts(module):
    return {
        name: kind
        for name, kind in vars(module).items()
        if typing.is_typeddict(kind) and kind.__module__ == module.__name__
    }


ANSWERS = typed_dicts(answers) | typed_dicts(catalogue_answers) | typed_dicts(job_answers)


@pytest.mark.parametrize(
    ("name", "kind"),
    ANSWERS.items(),
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_type_of_the_client_is_that_of_the_openapi_file(document, name, kind):
    schema = document["components"]["schemas"][name]
    hints = typing.get_type_hints(kind, include_extras=True)
    assert {field: shape_of(hint) for field, hint in hints.items()} == {
        field: shape_of_schema(one) for field, one in schema["properties"].items()
    }
    # What has a value by default is always written; null by default is left out.
    left_out = {
        field
        for field, one in schema["properties"].items()
        if field not in schema.get("required", ()) and "null" in shape_of_schema(one)
    }
    assert {field for field, one in hints.items() if is_optional(one)} == left_out


def test_all_answers_of_called_routes_have_a_type(document):
    typed = ANSWERS
    for path in CALLED:
        for operation in document["paths"][path].values():
            schema = _answered(operation)["content"]["application/json"]["schema"]
            name = schema["$ref"].rpartition("/")[2]
            assert name in typed or name.endswith("List") or name == "Ready"


def test_the_questions_of_the_client_are_those_of_the_service(document):
    assert typed_dicts(questions).keys() == OWN
    assert set(typing.get_args(questions.Scale)) == set(typing.get_args(Scale))
    body = document["paths"]["/v1/explanations"]["post"]["requestBody"]["content"]
    forms = body["application/json"]["schema"]["anyOf"]
    by_column = next(form["properties"] for form in forms if "genes" in form["properties"])
    asked = set(typing.get_type_hints(questions.ExplainedProfiles))
    assert asked - {"lineage"} == set(by_column) - {"covariates"}
    assert shape_of(questions.Align) == shape_of_schema(by_column["align"])
    assert shape_of(questions.Scale) == shape_of_schema(by_column["scale"])
    of_file = set(body["multipart/form-data"]["schema"]["properties"])
    asked = set(typing.get_type_hints(questions.ExplainedFile))
    assert asked == of_file - {"file", "covariates"}


def test_the_jobs_of_the_client_are_those_of_the_service(document):
    schemas = document["components"]["schemas"]
    bodies = [schemas[name]["properties"] for name in ("RetrainRequest", "PromoteRequest")]
    asked = typing.get_type_hints(questions.AskedJob)
    assert set(asked) == set().union(*bodies)
    for name, field in bodies[0].items():
        if name not in ("kind", "drugs"):  # one of two in each body; any sequence of names
            assert shape_of(asked[name]) == shape_of_schema(field), name


def test_a_job_is_submitted_read_cancelled_and_watched(service):
    with Client(service.address, api_key=service.keys["operate"]) as client:
        job = {"kind": "retrain", "cohort": "tcga", "drugs": ("Cisplatin",)}
        made = client.submit_job(idempotency_key="mine", **job)
        assert client.submit_job(idempotency_key="mine", **job)["job_id"] == made["job_id"]
        with pytest.raises(ServiceError) as refused:
            client.submit_job(idempotency_key="mine", **job, seed=1)
        assert refused.value.kind == "/problems/idempotency-key"
        assert client.cancel_job(made["job_id"])["state"] == "cancelled"
        events = list(client.watch_job(made["job_id"]))
        assert [one["event"] for one in events] == ["state", "log", "end"]
        assert list(client.job_log(made["job_id"])) == client.job(made["job_id"])["log"]
        again = client.retry_job(made["job_id"])
        listed = [one["job_id"] for one in client.jobs(state="queued", kind="retrain", limit=1)]
        assert again["job_id"] in listed
        assert made["job_id"] not in listed
        assert client.resume_job(made["job_id"])["state"] == "queued"
        assert client.executors()["items"] == []


def test_a_schedule_is_added_listed_paused_resumed_run_and_removed(service):
    with Client(service.address, api_key=service.keys["operate"]) as client:
        job = {"kind": "retrain", "cohort": "tcga", "drugs": ("Cisplatin",)}
        made = client.add_schedule("by-client", "0 3 * * 1", time_zone="Europe/Berlin", **job)
        assert (made["spec"]["drugs"], made["time_zone"]) == (["Cisplatin"], "Europe/Berlin")
        assert made in client.schedules()
        assert client.pause_schedule("by-client")["due_at"] is None
        assert client.resume_schedule("by-client") == made
        assert client.run_schedule("by-client")["spec"] == made["spec"]
        assert client.remove_schedule("by-client") is None
        with pytest.raises(ServiceError) as refused:
            client.remove_schedule("by-client")
        assert refused.value.status == 404


def test_the_asynchronous_client_follows_a_job_too(service):
    async def follow():
        async with AsyncClient(service.address, api_key=service.keys["operate"]) as client:
            made = await client.submit_job(kind="promote", bundle="3")
            await client.cancel_job(made["job_id"])
            return [one["event"] async for one in client.watch_job(made["job_id"])]

    assert asyncio.run(follow()) == ["state", "log", "end"]


def is_optional(hint):
    return typing.get_origin(hint) is typing.NotRequired


def shape_of(hint):
    """A type as a text that the same type of the OpenAPI file has too."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if is_optional(hint):
        return shape_of(inner[0])
    if origin in (typing.Union, types.UnionType):
        return " | ".join(sorted({shape_of(one) for one in inner}))
    if origin is typing.Literal:
        return " | ".join(sorted(repr(one) for one in inner))
    if origin is list:
        return f"[{shape_of(inner[0])}]"
    if origin is dict:
        return f"{{{shape_of(inner[1])}}}"
    if hint is type(None):
        return "null"
    if hint is typing.Any:
        return "any"
    return NAMES_OF_TYPES.get(hint) or hint.__name__


def shape_of_schema(schema):
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(sorted({shape_of_schema(one) for one in schema["anyOf"]}))
    if "enum" in schema or "const" in schema:
        return " | ".join(sorted(repr(one) for one in schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        return f"[{shape_of_schema(schema['items'])}]"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties", True)
        return f"{{{'any' if inner is True else shape_of_schema(inner)}}}"
    return schema.get("type", "any")
