"""Errors of the serving package. None of them knows HTTP: `serving.problems` alone maps them.

::

    CupromarkError
    └── ServingError                  everything this package raises
        ├── SettingsError             the service must not, or cannot, start like this
        ├── RequestError              a request that cannot be answered as it is
        │   ├── MalformedJsonError        the body is not strict JSON
        │   ├── MalformedBodyError        the body is not what its encoding or length says
        │   ├── InvalidRequestError       JSON, but not what is asked for (with a list of places)
        │   ├── RequestTooLargeError      more bytes, profiles, genes or drugs than a limit
        │   ├── RequestTimeoutError       the body came too slowly
        │   ├── UnsupportedMediaError     a content type or encoding that is not read here
        │   ├── NotAcceptableError        no answer in a form that the caller accepts
        │   ├── NotFoundError             no such drug, bundle, key, page
        │   ├── MethodNotAllowedError     the address exists, for other methods
        │   ├── ConflictError             it contradicts what is there, or what is under way
        │   │   └── EditConflictError         somebody else wrote since it was read
        │   └── IdempotencyKeyError       the key was used for another request
        ├── AccessError               who may do what
        │   ├── UnauthenticatedError      no key, or none that is valid
        │   ├── ForbiddenError            the key lacks a scope
        │   ├── CrossSiteError            sent with a login, and not by a page of this service
        │   └── RateLimitedError          more requests than the key may make
        └── NotReadyError             the service cannot answer now, a later call may
            └── TookTooLongError          the answer was not there in time
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.errors import CupromarkError


@dataclass(frozen=True, slots=True)
class InvalidField:
    """One place of a request, and what is wrong there.

    Attributes
    ----------
    pointer
        JSON pointer (RFC 6901) such as /profiles/0/expression; "" is the whole body.
    message
        What is wrong, never with the value that was sent.
    """

    pointer: str
    message: str


class ServingError(CupromarkError):
    """Root of the errors of `serving`."""


class SettingsError(ServingError):
    """The service must not, or cannot, start with these settings."""


class RequestError(ServingError):
    """A request that cannot be answered as it is."""


class MalformedJsonError(RequestError):
    """The body is not strict JSON."""


class MalformedBodyError(RequestError):
    """The body is not what its Content-Encoding or Content-Length says."""


class InvalidRequestError(RequestError):
    """The body is JSON, but not what the route takes.

    Parameters
    ----------
    errors
        The places that are wrong; `serving.problems` shows the first 20.
    """

    def __init__(
        self, found: str, *, needed: str, remedy: str, errors: Sequence[InvalidField] = ()
    ) -> None:
        self.errors = tuple(errors)
        super().__init__(found, needed=needed, remedy=remedy)


class RequestTooLargeError(RequestError):
    """The request holds more than a limit allows."""


class RequestTimeoutError(RequestError):
    """The body of the request came too slowly."""


class UnsupportedMediaError(RequestError):
    """A content type or content encoding that this route does not read."""


class NotAcceptableError(RequestError):
    """No answer exists in a form that the caller accepts."""


class NotFoundError(RequestError):
    """What the request names does not exist."""


class MethodNotAllowedError(RequestError):
    """The address exists, for other methods.

    Parameters
    ----------
    allowed
        Those methods.
    """

    def __init__(
        self, found: str, *, needed: str, remedy: str, allowed: Sequence[str] = ()
    ) -> None:
        self.allowed = tuple(allowed)
        super().__init__(found, needed=needed, remedy=remedy)


class ConflictError(RequestError):
    """The request contradicts what is there, or what is under way."""


class EditConflictError(ConflictError):
    """Somebody else wrote since the caller read what the request is about.

    Parameters
    ----------
    standing
        What the other one wrote (JSON), which the answer shows.
    """

    def __init__(
        self, found: str, *, needed: str, remedy: str, standing: Mapping[str, Any]
    ) -> None:
        self.standing = standing
        super().__init__(found, needed=needed, remedy=remedy)


class IdempotencyKeyError(RequestError):
    """The Idempotency-Key belongs to another request, or cannot be used."""


class AccessError(ServingError):
    """The caller may not do this."""


class UnauthenticatedError(AccessError):
    """No API key, or none that is valid."""


class ForbiddenError(AccessError):
    """The API key is valid and lacks the scope that is needed."""


class CrossSiteError(AccessError):
    """A cookie speaks for the request, and no page of this service made it."""


class RateLimitedError(AccessError):
    """The API key made more requests than it may.

    Parameters
    ----------
    retry_after_seconds
        When another request will be let in.
    """

    def __init__(self, found: str, *, needed: str, remedy: str, retry_after_seconds: float) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(found, needed=needed, remedy=remedy)


class NotReadyError(ServingError):
    """The service cannot answer now; a later call may be answered.

    Parameters
    ----------
    retry_after_seconds
        When it is worth asking again.
    """

    def __init__(
        self, found: str, *, needed: str, remedy: str, retry_after_seconds: float = 5.0
    ) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(found, needed=needed, remedy=remedy)


class TookTooLongError(NotReadyError):
    """The answer was not there within the time that a request may take."""
