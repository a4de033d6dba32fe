"""The public keys of an issuer of tokens, fetched from its own host and kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog

from serving.errors import NotReadyError, SettingsError

DESCRIPTION = "/.well-known/openid-configuration"
KEPT_SECONDS = 3600.0
AGAIN_SECONDS = 30.0  # between two attempts, whoever asks: tokens must not make us a hammer
AWAY_SECONDS = 86_400.0
TIMEOUT_SECONDS = 5.0
LARGEST_BYTES = 1_000_000
LOOPBACK = ("127.0.0.1", "localhost", "::1")

log = structlog.get_logger(__name__)


class IssuerKeys:
    """Public keys of one issuer.

    Parameters
    ----------
    issuer
        Its address: https, or http on this computer.
    monotonic
        Seconds of a clock that never goes back.

    Raises
    ------
    SettingsError
        If the address is not one of these.
    """

    def __init__(self, issuer: str, *, monotonic: Callable[[], float]) -> None:
        self._issuer = issuer.rstrip("/")
        _check_issuer(self._issuer)
        self._monotonic = monotonic
        self._keys: list[dict[str, Any]] = []
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fetching = threading.Lock()

    def current(self) -> list[dict[str, Any]]:
        """Give the keys, fetched anew once an hour.

        Raises
        ------
        NotReadyError
            If they were never fetched, or not for a day, and the issuer does not answer.
        """
        age = None if self._fetched_at is None else self._monotonic() - self._fetched_at
        if age is None or age > KEPT_SECONDS:
            self._fetch_unless_tried()
        if self._fetched_at is None or self._monotonic() - self._fetched_at > AWAY_SECONDS:
            raise _away_error()
        return self._keys

    def newer(self) -> list[dict[str, Any]] | None:
        """Fetch the keys again for a token that none of them has signed; None if just fetched."""
        return self._keys if self._fetch_unless_tried() else None

    def _fetch_unless_tried(self) -> bool:
        with self._fetching:
            if self._tried_at is not None and self._monotonic() - self._tried_at < AGAIN_SECONDS:
                return False
            self._tried_at = self._monotonic()
            try:
                self._keys = self._fetch()
            except (httpx.HTTPError, ValueError) as error:
                log.warning("oidc.keys_not_fetched", error=type(error).__name__)
                return False
            self._fetched_at = self._monotonic()
            return True

    def _fetch(self) -> list[dict[str, Any]]:
        with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False) as client:
            description = _get_json(client, self._issuer + DESCRIPTION)
            address = str(description.get("jwks_uri", ""))
            if description.get("issuer") != self._issuer or not self._is_allowed(address):
                raise ValueError("the issuer describes another issuer, or keys elsewhere")
            keys = _get_json(client, address).get("keys")
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise ValueError("no list of keys")
        return keys

    def _is_allowed(self, address: str) -> bool:
        own, other = urlsplit(self._issuer), urlsplit(address)
        return (other.scheme, other.netloc) == (own.scheme, own.netloc)


def _get_json(client: httpx.Client, address: str) -> dict[str, Any]:
    content = bytearray()
    with client.stream("GET", address) as response:
        response.raise_for_status()
        for part in response.iter_bytes():
            content += part
            if len(content) > LARGEST_BYTES:
                raise ValueError("too large a document")
    document = httpx.Response(200, content=bytes(content)).json()
    if not isinstance(document, dict):
        raise ValueError("not an object")  # noqa: TRY004 - told apart from nothing by the caller
    return document


def _check_issuer(issuer: str) -> None:
    parts = urlsplit(issuer)
    host = parts.hostname or ""
    if host and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        return
    raise SettingsError(
        "The issuer of tokens is no https address.",
        needed="an address such as https://login.example.org/realm.",
        remedy="set CUPROMARK_SERVE_OIDC_ISSUER to it.",
    )


def _away_error() -> NotReadyError:
    return NotReadyError(
        "The issuer of tokens does not answer, so that tokens cannot be checked.",
        needed="an issuer that answers.",
        remedy="ask again later, or use an API key.",
        retry_after_seconds=AGAIN_SECONDS,
    )
