"""Every example of a request in the OpenAPI file is sent as it stands, and answered."""

import pytest

MODEL, VERSION = "/v2/models/{name}/infer", "/v2/models/{name}/versions/{version}/infer"
ADDRESSES = {MODEL: "/v2/models/cupromark/infer"}
# A bundle from a folder has no version that could be named.
ELSEWHERE = {VERSION: "its examples are those of the route without a version"}
N_EXAMPLES = {
    "/v1/predictions": 2,
    "/v1/explanations": 1,
    "/v1/validations": 1,
    "/v1/jobs": 2,
    "/v1/schedules": 1,
    "/invocations": 4,
    MODEL: 1,
    VERSION: 1,
}


@pytest.fixture(scope="module")
def examples(service):
    """Examples of each route that takes JSON."""
    with service.http() as http:
        document = http.get("/openapi.json").json()
    return {
        path: content["application/json"].get("examples", {})
        for path, item in document["paths"].items()
        if not path.startswith("/v1/reviews")  # what stands at a desk no example can know
        for operation in item.values()
        if "application/json" in (content := operation.get("requestBody", {}).get("content", {}))
    }


def test_every_route_that_takes_json_has_examples(examples):
    assert {path: len(named) for path, named in examples.items()} == N_EXAMPLES


@pytest.mark.parametrize("path", sorted(set(N_EXAMPLES) - set(ELSEWHERE)))
def test_an_example_is_answered_as_it_stands(service, examples, made_up_bundle, path):
    key = {"Authorization": f"Bearer {service.keys['admin']}"}
    with service.http() as http:
        for name, example in examples[path].items():
            answer = http.post(ADDRESSES.get(path, path), json=example["value"], headers=key)
            assert answer.is_success, (name, answer.text)
            found = answer.json()
            if "gene_coverage" in found and path != "/v1/validations":
                assert found["gene_coverage"]["missing"] == []
                assert found["alignment"] == "none"
            assert found.get("accepted", True)


def test_the_routes_left_out_have_the_same_examples(examples):
    for path in ELSEWHERE:
        assert examples[path] == examples[MODEL]
