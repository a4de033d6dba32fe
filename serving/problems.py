"""The one place that says what an error means over HTTP."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from features import errors as features_errors
from features.errors import CupromarkError
from models import errors as models_errors
from models.jobs import errors as jobs_errors
from serving import errors
from serving.errors import InvalidField
from serving.problem_forms import Problem
from serving.problem_types import PROBLEM_TYPES

MAX_ERRORS, MAX_TEXT, MAX_POINTER = 20, 1_000, 200

# The nearest class in an error's family decides.
SLUGS: dict[type[CupromarkError], str] = {
    CupromarkError: "invalid-input",
    features_errors.ReadError: "unreadable-file",
    features_errors.ScaleError: "scale",
    features_errors.LimitError: "too-large",
    features_errors.GeneIdError: "gene-identifiers",
    features_errors.SampleError: "samples",
    features_errors.CoverageError: "gene-coverage",
    models_errors.PredictionError: "unanswerable",
    models_errors.BundleError: "not-ready",
    models_errors.StoreError: "not-ready",
    jobs_errors.JobError: "invalid-input",
    jobs_errors.JobSpecError: "invalid-request",
    jobs_errors.UnknownJob: "not-found",
    jobs_errors.WrongState: "conflict",
    jobs_errors.IdempotencyConflict: "idempotency-key",
    jobs_errors.UnknownSchedule: "not-found",
    jobs_errors.ScheduleTaken: "conflict",
    jobs_errors.BoardAway: "not-ready",
    jobs_errors.BoardUnusable: "not-ready",
    errors.ServingError: "internal-error",
    errors.RequestError: "bad-request",
    errors.MalformedJsonError: "malformed-json",
    errors.MalformedBodyError: "malformed-body",
    errors.InvalidRequestError: "invalid-request",
    errors.RequestTooLargeError: "too-large",
    errors.RequestTimeoutError: "request-timeout",
    errors.UnsupportedMediaError: "unsupported-media-type",
    errors.NotAcceptableError: "not-acceptable",
    errors.NotFoundError: "not-found",
    errors.MethodNotAllowedError: "method-not-allowed",
    errors.ConflictError: "conflict",
    errors.EditConflictError: "edit-conflict",
    errors.IdempotencyKeyError: "idempotency-key",
    errors.AccessError: "forbidden",
    errors.UnauthenticatedError: "unauthenticated",
    errors.CrossSiteError: "cross-site",
    errors.RateLimitedError: "rate-limited",
    errors.NotReadyError: "not-ready",
    errors.TookTooLongError: "took-too-long",
}
SLUG_OF_STATUS = {
    400: "bad-request", 401: "unauthenticated", 403: "forbidden", 404: "not-found",
    405: "method-not-allowed", 406: "not-acceptable", 408: "request-timeout", 409: "conflict",
    413: "too-large", 415: "unsupported-media-type", 422: "invalid-request", 429: "rate-limited",
    503: "not-ready",
}  # fmt: skip
RETRIED = (
    models_errors.StoreError, models_errors.BundleError,
    jobs_errors.BoardAway, jobs_errors.BoardUnusable,
)  # fmt: skip
# Messages of readers may quote a cell of the file.
QUOTING = (features_errors.CellError, features_errors.FormatError)
# The range of values tells the value of the one gene that is sent.
RANGE = re.compile(r": its values run from \S+ to \S+?(?=,? |\.?$)")
# The first names of rows and columns are cells, and in a file without names they are values.
FIRST_NAMES = re.compile(r"\([^()]*, \.\.\.\)")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def problem_of(error: BaseException) -> Problem:
    """Say what an error means to the caller; one that is not known tells nothing of itself."""
    if isinstance(error, HTTPException):
        # FastAPI wraps whatever is raised while a body is read.
        if isinstance(error.__cause__, CupromarkError):
            return problem_of(error.__cause__)
        return _of_http(error)
    if isinstance(error, RequestValidationError):
        return _of_validation(error)
    if isinstance(error, CupromarkError):
        return _of_own(error)
    if isinstance(error, ClientDisconnect):  # nobody reads it: it is for the log and the metrics
        return Problem(PROBLEM_TYPES["bad-request"], "The caller went away.")
    return _of_fault()


def _of_own(error: CupromarkError) -> Problem:
    slug = next(SLUGS[family] for family in type(error).__mro__ if family in SLUGS)
    if slug == "internal-error":
        return _of_fault()
    texts = [error.found, error.needed, error.remedy]
    if isinstance(error, QUOTING):
        texts = [FIRST_NAMES.sub("(…)", QUOTED.sub("'…'", text)) for text in texts]
    if isinstance(error, features_errors.ScaleError):
        texts = [RANGE.sub("", text) for text in texts]
    places = error.errors if isinstance(error, errors.InvalidRequestError) else ()
    detail, needed, remedy = (_shortened(text, MAX_TEXT) for text in texts)
    kind = PROBLEM_TYPES[slug]
    more = {"standing": error.standing} if isinstance(error, errors.EditConflictError) else {}
    return Problem(kind, detail, needed, remedy, _shown(places), _headers(error), more)


def _headers(error: CupromarkError) -> dict[str, str]:
    headers = {}
    if isinstance(error, errors.RateLimitedError | errors.NotReadyError):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_seconds)))
    if isinstance(error, RETRIED):
        headers["Retry-After"] = "5"
    if isinstance(error, errors.UnauthenticatedError):
        headers["WWW-Authenticate"] = 'Bearer realm="cupromark"'
    if isinstance(error, errors.MethodNotAllowedError):
        headers["Allow"] = ", ".join(error.allowed)
    if isinstance(error, errors.RequestTimeoutError):
        headers["Connection"] = "close"
    return headers


def _of_http(error: HTTPException) -> Problem:
    status = error.status_code
    slug = SLUG_OF_STATUS.get(status, "internal-error" if status >= 500 else "bad-request")
    kind = PROBLEM_TYPES[slug]
    return Problem(kind, f"{kind.title}.", remedy=kind.remedy, headers=dict(error.headers or {}))


def _of_validation(error: RequestValidationError) -> Problem:
    found = error.errors()
    places = [InvalidField(_pointer(each, error.body), str(each["msg"])) for each in found]
    kind = PROBLEM_TYPES["invalid-request"]
    detail = f"{len(places):,} place(s) of the request do not fit the schema."
    return Problem(kind, detail, "a request that fits the schema.", kind.remedy, _shown(places))


def _of_fault() -> Problem:
    kind = PROBLEM_TYPES["internal-error"]
    return Problem(kind, kind.cause, remedy=kind.remedy)


def _pointer(found: Mapping[str, Any], body: object) -> str:
    """JSON pointer in the body; ?name in the query, {name} in the path, name: in the headers."""
    where, *rest = found["loc"] or ("body",)
    if where == "body" and isinstance(body, dict | list):
        rest = _sent(rest, body, is_missing=found.get("type") == "missing")
    names = [str(part).replace("~", "~0").replace("/", "~1") for part in rest]
    if where == "body":
        return "".join(f"/{name}" for name in names)
    form = {"query": "?{}", "path": "{{{}}}", "header": "{}:", "cookie": "cookie {}"}
    return form.get(str(where), "{}").format("/".join(names))


def _sent(parts: Sequence[int | str], body: Any, *, is_missing: bool) -> list[int | str]:
    """Leave out what a place names of the schema alone, as the kind of a union."""
    kept: list[int | str] = []
    for number, part in enumerate(parts, 1):
        is_there = (isinstance(body, dict) and part in body) or (
            isinstance(body, list) and isinstance(part, int) and part < len(body)
        )
        if is_there:
            body = body[part]
        elif not (is_missing and number == len(parts)):
            continue
        kept.append(part)
    return kept


def _shown(places: Sequence[InvalidField]) -> tuple[InvalidField, ...]:
    return tuple(
        InvalidField(_shortened(place.pointer, MAX_POINTER), _shortened(place.message, MAX_POINTER))
        for place in places[:MAX_ERRORS]
    )


def _shortened(text: str, length: int) -> str:
    """Cut a text, and make one of it that every encoding can write."""
    shown = text if len(text) <= length else text[: length - 1] + "…"
    return shown.encode("utf-8", "replace").decode()
