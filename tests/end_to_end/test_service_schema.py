"""A few hundred requests made up from the OpenAPI file; `make soak` sends at least 10,000."""

import pytest

from tests.end_to_end.schema_cases import run_cases

N_CASES = 300


@pytest.fixture(scope="module")
def found(service):
    return run_cases(service, n_cases=N_CASES)


def test_no_request_is_a_fault_of_the_service_or_breaks_the_schema(found):
    assert found.failures == {}
    assert not [status for status in found.by_status if status >= 500]


def test_the_cases_reach_every_route_and_answers_of_success(found, service):
    with service.http() as http:
        document = http.get("/openapi.json").json()
    operations = {
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
    }  # fmt: skip
    # It was asked for the schema itself.
    assert {route for route, _ in found.statuses} == operations - {"GET /openapi.json"}
    answered = {route for route, status in found.statuses if status in (200, 201, 202, 204)}
    # A bundle from a folder has no version that could be named.
    assert {route for route in operations - answered if "{version}" not in route} == {
        "GET /openapi.json"
    }


def test_the_key_was_taken(found):
    assert found.n_cases >= N_CASES
    assert not {401, 403, 429} & set(found.by_status)


def test_without_the_scope_no_case_gets_through(service):
    """The same cases with a key that allows something else: the schema holds there too."""
    found = run_cases(service, n_cases=0, scope="review", each=1)
    assert found.failures == {}
    assert found.by_status[403] > 10
