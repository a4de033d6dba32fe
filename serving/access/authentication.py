"""From the headers of a request to its caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol

from serving.access.callers import Caller
from serving.access.credentials import (
    RawHeaders,
    expired_error,
    malformed_error,
    missing_error,
    read_credential,
    refused_error,
)
from serving.access.key_cache import KeyCache
from serving.access.keys import PREFIX, digest_of, is_well_formed
from serving.access.open_mode import open_mode_caller
from serving.access.rate_limits import RateLimiter, address_group
from serving.errors import UnauthenticatedError

FAILURES_PER_MINUTE = 60
REFUSED_SECONDS = 10.0
MOST_REFUSED = 10_000
KEY_START = f"{PREFIX}_".encode("ascii")


class TokenVerifier(Protocol):
    """Checks tokens that others issued."""

    def known(self, digest: bytes) -> Caller | None:
        """Give the caller of a token that was verified a short time ago."""

    def verify(self, token: str, digest: bytes) -> Caller:
        """Verify a token; raises UnauthenticatedError."""


class Authenticator:
    """Tells who calls.

    Parameters
    ----------
    keys
        The known keys.
    clock
        Seconds since 1970: keys expire by it.
    monotonic
        Seconds of a clock that never goes back.
    open_mode
        Whether requests without a key are answered.
    allowed_origins
        Web origins whose pages may call in open mode.
    failures_per_minute
        Wrong keys that one address may try; whoever shows a good key is never held up.
    tokens
        Checks bearer tokens that are not keys of this service; None takes keys alone.
    """

    def __init__(
        self,
        keys: KeyCache,
        *,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        open_mode: bool = False,
        allowed_origins: Collection[str] = (),
        failures_per_minute: int = FAILURES_PER_MINUTE,
        tokens: TokenVerifier | None = None,
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._monotonic = monotonic
        self._open_mode = open_mode
        self._allowed_origins = allowed_origins
        self._failures_per_minute = failures_per_minute
        self._failures = RateLimiter(monotonic=monotonic)
        self._tokens = tokens
        self._refused_until: dict[bytes, float] = {}

    def authenticate(self, headers: RawHeaders, client_host: str | None) -> Caller:
        """Tell who makes a request; may ask the database about a key that is not known yet.

        Parameters
        ----------
        headers
            As ASGI gives them.
        client_host
            Address of the caller.

        Raises
        ------
        ContradictoryKeysError
            If two keys contradict each other.
        UnauthenticatedError
            If there is no key, or none that is valid.
        RateLimitedError
            If too many wrong keys came from this address.
        ForbiddenError
            In open mode, if the request comes from elsewhere.
        DatabaseAwayError
            If the key is not known and the database cannot be asked, or was away for too long.
        """
        credential, caller = self._known(headers, client_host)
        return caller or self._ask(credential, client_host)

    async def authenticate_async(self, headers: RawHeaders, client_host: str | None) -> Caller:
        """Do the same, with the database asked in a thread; a known key waits for nothing."""
        credential, caller = self._known(headers, client_host)
        if caller is not None:
            return caller
        return await asyncio.to_thread(self._ask, credential, client_host)

    def _known(self, headers: RawHeaders, client_host: str | None) -> tuple[bytes, Caller | None]:
        try:
            credential = read_credential(headers)
        except UnauthenticatedError as error:
            raise self._failed(error, client_host) from None
        if credential is None:
            if not self._open_mode:
                raise missing_error()
            origins = self._allowed_origins
            return b"", open_mode_caller(headers, client_host, allowed_origins=origins)
        # A look-up by digest tells nothing by the time it takes: who could steer the digest's
        # bytes would have broken SHA-256.
        digest = digest_of(credential)
        if credential.startswith(KEY_START):
            caller = self._keys.get(digest)
        else:
            caller = self._tokens.known(digest) if self._tokens is not None else None
        return credential, None if caller is None else self._still_valid(caller)

    def _still_valid(self, caller: Caller) -> Caller:
        now = self._clock()
        if caller.expires_at is not None and now >= caller.expires_at:
            raise expired_error()
        if caller.key_id is not None:
            self._keys.note_use(caller.key_id, now)
        return caller

    def _ask(self, credential: bytes, client_host: str | None) -> Caller:
        address = address_group(client_host)
        self._failures.check(address, self._failures_per_minute)
        try:
            caller = self._look_up(credential)
        except UnauthenticatedError as error:
            raise self._failed(error, client_host) from None
        return self._still_valid(caller)

    def _look_up(self, credential: bytes) -> Caller:
        text = credential.decode("latin-1")
        digest = digest_of(credential)
        if not credential.startswith(KEY_START) and self._tokens is not None:
            return self._tokens.verify(text, digest)
        if not is_well_formed(text):
            raise malformed_error()
        if self._refused_until.get(digest, 0.0) > self._monotonic():
            raise refused_error()
        caller = self._keys.look_up(digest)
        if caller is None:
            if len(self._refused_until) >= MOST_REFUSED:
                self._refused_until.clear()
            self._refused_until[digest] = self._monotonic() + REFUSED_SECONDS
            raise refused_error()
        return caller

    def _failed(self, error: UnauthenticatedError, client_host: str | None) -> Exception:
        """Count a wrong key; beyond the limit the address hears 429 instead."""
        self._failures.take(address_group(client_host), self._failures_per_minute)
        return error
