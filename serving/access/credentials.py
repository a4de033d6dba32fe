"""The credential that a request carries, and what is said where it is not a good one."""

from __future__ import annotations

from collections.abc import Iterable

from serving.errors import RequestError, UnauthenticatedError

RawHeaders = Iterable[tuple[bytes, bytes]]
LONGEST_CREDENTIAL = 8192
HOW_TO_SEND = "send `Authorization: Bearer <key>` or `X-API-Key: <key>`."
ASK_FOR_KEY = "ask whoever runs this service for a key (`cupromark keys create`)."


class ContradictoryKeysError(RequestError):
    """Two keys in one request, so that it is not clear who calls."""


def read_credential(headers: RawHeaders) -> bytes | None:
    """Find the API key or token of a request; None where it carries none.

    Parameters
    ----------
    headers
        As ASGI gives them: names in lower case.

    Raises
    ------
    ContradictoryKeysError
        If several credentials contradict each other.
    UnauthenticatedError
        If the Authorization header is of another scheme, or empty.
    """
    found: bytes | None = None
    for name, value in headers:
        if name == b"authorization":
            credential = _bearer(value)
        elif name == b"x-api-key":
            credential = value.strip()
        else:
            continue
        if found is not None and credential != found:
            raise ContradictoryKeysError(
                "The request carries two API keys that differ.",
                needed="one key, in one header.",
                remedy=HOW_TO_SEND,
            )
        found = credential
    if found is not None and not 0 < len(found) <= LONGEST_CREDENTIAL:
        raise malformed_error()
    return found


def missing_error() -> UnauthenticatedError:
    """Refuse a request without any credential."""
    return UnauthenticatedError(
        "The request carries no API key.", needed="a valid API key.", remedy=HOW_TO_SEND
    )


def login_over_error() -> UnauthenticatedError:
    """Refuse a login that ended: how, the answer does not tell."""
    return UnauthenticatedError(
        "The login is over: logged out, unused for too long, or its key holds no more.",
        needed="a login that holds, or an API key.",
        remedy="log in again at /login; programs send `Authorization: Bearer <key>`.",
    )


def malformed_error() -> UnauthenticatedError:
    """Refuse what cannot be a key of this service."""
    return UnauthenticatedError(
        "The API key is malformed: mistyped, cut off, or not a key of this service.",
        needed="a key as it was shown when it was made, beginning with cmk_.",
        remedy=HOW_TO_SEND,
    )


def refused_error() -> UnauthenticatedError:
    """Refuse a key that never was or is no more: which of the two, the answer does not tell."""
    return UnauthenticatedError(
        "The API key is not valid.", needed="a valid API key.", remedy=ASK_FOR_KEY
    )


def expired_error() -> UnauthenticatedError:
    """Refuse a key of this service whose time is over."""
    return UnauthenticatedError(
        "The API key has expired.", needed="a key that is still valid.", remedy=ASK_FOR_KEY
    )


def _bearer(value: bytes) -> bytes:
    scheme, _, credential = value.strip().partition(b" ")
    if scheme.lower() != b"bearer":
        raise UnauthenticatedError(
            "The Authorization header is of a scheme that is not taken here.",
            needed="the scheme Bearer.",
            remedy=HOW_TO_SEND,
        )
    return credential.strip()
