import inspect

import orjson
import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

import features.errors
import models.errors
import serving.database.errors
import serving.errors
from features.errors import CellError, CoverageError, CupromarkError, FormatError
from serving.errors import (
    InvalidField,
    InvalidRequestError,
    MalformedJsonError,
    MethodNotAllowedError,
    NotReadyError,
    RateLimitedError,
    ServingError,
    UnauthenticatedError,
)
from serving.problem_forms import respond
from serving.problem_types import PROBLEM_TYPES
from serving.problems import SLUGS, problem_of

WORDS = {"needed": "needed.", "remedy": "remedy."}


def families(module):
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, CupromarkError)
    ]


@pytest.mark.parametrize(
    "module", [features.errors, models.errors, serving.errors, serving.database.errors]
)
def test_every_error_has_a_type_of_problem(module):
    for kind in families(module):
        nearest = next(family for family in kind.__mro__ if family in SLUGS)
        assert SLUGS[nearest] in PROBLEM_TYPES


def test_the_drawing_of_the_errors_is_complete():
    drawn = serving.errors.__doc__
    for kind in families(serving.errors):
        assert kind.__name__ in drawn


def test_mistakes_of_the_caller_are_never_5xx():
    for module in (features.errors, serving.errors):
        for kind in families(module):
            slug = SLUGS[next(family for family in kind.__mro__ if family in SLUGS)]
            is_ours = issubclass(kind, NotReadyError) or (
                issubclass(kind, ServingError) and slug == "internal-error"
            )
            assert (PROBLEM_TYPES[slug].status >= 500) == is_ours, kind


def body(error, path="/v1/x"):
    response = respond(problem_of(error), {"type": "http", "path": path})
    return response, orjson.loads(response.body)


def test_an_error_becomes_a_problem_with_its_three_parts():
    response, content = body(CoverageError("few genes.", **WORDS))
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert content == {
        "type": "/problems/gene-coverage",
        "title": "Too few genes of the panel",
        "status": 422,
        "detail": "few genes.",
        "needed": "needed.",
        "remedy": "remedy.",
        "request_id": "",
    }


@pytest.mark.parametrize(
    "error",
    [ValueError("secret 31337"), ServingError("secret", **WORDS), HTTPException(500, "secret")],
)
def test_a_fault_of_the_service_tells_nothing_of_itself(error):
    response, content = body(error)
    assert response.status_code == 500
    assert content["type"] == "/problems/internal-error"
    assert b"secret" not in response.body


def test_headers_that_belong_to_a_problem():
    late = RateLimitedError("x", retry_after_seconds=2.1, **WORDS)
    assert body(late)[0].headers["retry-after"] == "3"
    assert body(NotReadyError("x", **WORDS))[0].headers["retry-after"] == "5"
    assert "Bearer" in body(UnauthenticatedError("x", **WORDS))[0].headers["www-authenticate"]
    not_allowed = MethodNotAllowedError("x", allowed=("GET", "HEAD"), **WORDS)
    assert body(not_allowed)[0].headers["allow"] == "GET, HEAD"
    assert body(HTTPException(405, headers={"Allow": "POST"}))[0].headers["allow"] == "POST"


def test_at_most_20_places_are_named_and_the_answer_stays_small():
    places = [InvalidField(f"/{'n' * 10_000}/{n}", "m" * 10_000) for n in range(1_000)]
    error = InvalidRequestError("f" * 100_000, needed="n" * 100_000, remedy="r", errors=places)
    response, content = body(error)
    assert len(content["errors"]) == 20
    assert len(response.body) < 16 * 1024


def test_a_place_names_what_was_sent_and_not_the_kinds_of_the_schema():
    sent = {"kind": "retrain", "drugs": [7, 8], "cohort": {"a": 1}}
    errors = [
        {"type": "missing", "loc": ("body", "retrain", "n_folds")},
        {"type": "missing", "loc": ("body", "retrain", "cohort", "name")},
        {"type": "literal_error", "loc": ("body", "retrain", "drugs", "literal['all']")},
        {"type": "string_type", "loc": ("body", "retrain", "drugs", "list[DrugName]", 1)},
        {"type": "string_too_short", "loc": ("body", "retrain", "cohort", "a", "[key]")},
    ]
    found = [{**each, "msg": "wrong", "input": None} for each in errors]
    _, content = body(RequestValidationError(found, body=sent))
    assert [place["pointer"] for place in content["errors"]] == [
        "/n_folds", "/cohort/name", "/drugs", "/drugs/1", "/cohort/a",
    ]  # fmt: skip


def test_validation_names_places_and_never_values():
    errors = [
        {"loc": ("body", "profiles", 0, "a/b~c"), "msg": "wrong", "input": "secret"},
        {"loc": ("query", "limit"), "msg": "wrong", "input": "secret"},
        {"loc": ("path", "drug"), "msg": "wrong", "input": "secret"},
        {"loc": ("header", "accept"), "msg": "wrong", "input": "secret"},
        {"loc": ("body",), "msg": "wrong", "input": "secret"},
    ]
    response, content = body(RequestValidationError(errors, body="secret"))
    pointers = [place["pointer"] for place in content["errors"]]
    assert pointers == ["/profiles/0/a~1b~0c", "?limit", "{drug}", "accept:", ""]
    assert b"secret" not in response.body


def test_cells_of_files_are_not_quoted():
    error = CellError("cells that are no numbers: row TP53, column A: 'secret'", **WORDS)
    response, _ = body(error)
    assert b"secret" not in response.body
    assert b"row TP53" in response.body


def test_what_fastapi_wraps_is_unwrapped():
    wrapped = HTTPException(400)
    wrapped.__cause__ = MalformedJsonError("not JSON.", **WORDS)
    assert problem_of(wrapped).kind.slug == "malformed-json"


def test_v2_and_mlflow_keep_their_own_forms():
    error = CoverageError("few genes.", **WORDS)
    response, content = body(error, "/v2/models/x/infer")
    assert response.headers["content-type"] == "application/json"
    assert content == {"error": "few genes. Needed: needed. What to do: remedy."}
    assert body(error, "/invocations")[1]["error_code"] == "BAD_REQUEST"
    assert body(NotReadyError("x", **WORDS), "/invocations")[1]["error_code"] == (
        "TEMPORARILY_UNAVAILABLE"
    )


def test_texts_that_utf_8_cannot_write_do_no_harm():
    response, _ = body(CoverageError("gene \ud800", **WORDS))
    assert response.status_code == 422


def test_the_first_names_of_a_file_are_not_quoted():
    found = (
        "a.csv: rows (8.31, ...) and columns (6.2, 7.1, ...) cannot be told apart: 0 of 1 (all)."
    )
    detail = problem_of(FormatError(found, needed="names.", remedy="give them.")).detail
    assert detail == "a.csv: rows (…) and columns (…) cannot be told apart: 0 of 1 (all)."


@pytest.mark.parametrize("path", ["/v2/models/x/infer", "/invocations"])
def test_other_forms_name_a_place_once(path):
    wrong = InvalidField("/level", "must be a number")
    named = InvalidRequestError("Wrong at /level: must be a number.", **WORDS, errors=[wrong])
    counted = InvalidRequestError("1 of 2 is wrong.", **WORDS, errors=[wrong])
    for error in (named, counted):
        _, content = body(error, path)
        said = content.get("error") or content["message"]
        assert said.count("/level: must be a number.") == 1
