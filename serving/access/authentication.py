"""From the headers of a request to its caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol

from serving.access.callers import Caller
from serving.access.credentials import (
    RawHeaders,
    expired_error,
    login_over_error,
    malformed_error,
    missing_error,
    read_credential,
    refused_error,
)
from serving.access.guesses import Guesses
from serving.access.key_cache import KeyCache
from serving.access.keys import PREFIX, digest_of, is_well_formed
from serving.access.open_mode import open_mode_caller
from serving.access.session_cache import SessionCache
from serving.access.session_cookies import SessionCookies
from serving.access.session_origin import refuse_foreign
from serving.access.session_tokens import secret_digest
from serving.errors import UnauthenticatedError

Ask = Callable[[], Caller]  # asks the database

FAILURES_PER_MINUTE = 60
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
    logins, cookies
        The logins of browsers, and the cookies that they are known by; None takes none.
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
        logins: SessionCache | None = None,
        cookies: SessionCookies | None = None,
    ) -> None:
        self._keys = keys
        self._clock = clock
        self._open_mode = open_mode
        self._allowed_origins = allowed_origins
        self._guesses = Guesses(monotonic=monotonic, per_minute=failures_per_minute)
        self._tokens = tokens
        self._logins = logins
        self._cookies = cookies

    def authenticate(
        self, headers: RawHeaders, client_host: str | None, method: str = "POST"
    ) -> Caller:
        """Tell who makes a request; may ask the database about a key that is not known yet.

        Without a key, a login's cookie speaks for the caller; then what may change something has
        to come from a page of this service.

        Parameters
        ----------
        headers
            As ASGI gives them.
        client_host
            Address of the caller.
        method
            Of HTTP.

        Raises
        ------
        ContradictoryKeysError
            If two keys contradict each other.
        UnauthenticatedError
            If there is neither key nor login, or none that is valid.
        CrossSiteError
            If a login speaks for a request of another site's page.
        RateLimitedError
            If too many wrong keys came from this address.
        ForbiddenError
            In open mode, if the request comes from elsewhere.
        DatabaseAwayError
            If the key is not known and the database cannot be asked, or was away for too long.
        """
        known = self._known(headers, client_host, method)
        return known if isinstance(known, Caller) else known()

    async def authenticate_async(
        self, headers: RawHeaders, client_host: str | None, method: str = "POST"
    ) -> Caller:
        """Do the same, with the database asked in a thread; a known key waits for nothing."""
        known = self._known(headers, client_host, method)
        return known if isinstance(known, Caller) else await asyncio.to_thread(known)

    def _known(self, headers: RawHeaders, client_host: str | None, method: str) -> Caller | Ask:
        try:
            credential = read_credential(headers)
        except UnauthenticatedError as error:
            raise self._guesses.failed(error, client_host) from None
        if credential is None:
            return self._logged_in(headers, client_host, method)
        # A look-up by digest tells nothing by the time it takes: who could steer the digest's
        # bytes would have broken SHA-256.
        digest = digest_of(credential)
        if credential.startswith(KEY_START):
            caller = self._keys.get(digest)
        else:
            caller = self._tokens.known(digest) if self._tokens is not None else None
        if caller is None:
            return lambda: self._ask(credential, client_host)
        return self._still_valid(caller)

    def _logged_in(self, headers: RawHeaders, client_host: str | None, method: str) -> Caller | Ask:
        logins = self._logins
        secret = None if self._cookies is None else self._cookies.read_session(headers)
        if logins is None or secret is None:
            return self._nobody(headers, client_host)
        digest = secret_digest(secret)

        def of_login(caller: Caller) -> Caller:
            refuse_foreign(headers, method, secret)
            return self._still_valid(caller)

        def ask() -> Caller:
            try:
                caller = self._ask_login(logins, digest, client_host)
            except UnauthenticatedError:
                if not self._open_mode:
                    raise
                return self._nobody(headers, client_host)
            return of_login(caller)

        caller = logins.known(digest)
        return ask if caller is None else of_login(caller)

    def _nobody(self, headers: RawHeaders, client_host: str | None) -> Caller:
        if not self._open_mode:
            raise missing_error()
        return open_mode_caller(headers, client_host, allowed_origins=self._allowed_origins)

    def _still_valid(self, caller: Caller) -> Caller:
        now = self._clock()
        if caller.expires_at is not None and now >= caller.expires_at:
            raise expired_error()
        if caller.key_id is not None:
            self._keys.note_use(caller.key_id, now)
        return caller

    def _ask(self, credential: bytes, client_host: str | None) -> Caller:
        self._guesses.check(client_host)
        try:
            caller = self._look_up(credential)
        except UnauthenticatedError as error:
            raise self._guesses.failed(error, client_host) from None
        return self._still_valid(caller)

    def _look_up(self, credential: bytes) -> Caller:
        text = credential.decode("latin-1")
        digest = digest_of(credential)
        if not credential.startswith(KEY_START) and self._tokens is not None:
            return self._tokens.verify(text, digest)
        if not is_well_formed(text):
            raise malformed_error()
        if self._guesses.was_refused(digest):
            raise refused_error()
        caller = self._keys.look_up(digest)
        if caller is None:
            self._guesses.refuse(digest)
            raise refused_error()
        return caller

    def _ask_login(self, logins: SessionCache, digest: bytes, client_host: str | None) -> Caller:
        if self._guesses.was_refused(digest):
            raise login_over_error()
        if not logins.holds(digest):  # it may be a guess
            self._guesses.check(client_host)
        caller = logins.look_up(digest)
        if caller is None:
            self._guesses.refuse(digest)
            raise self._guesses.failed(login_over_error(), client_host)
        return caller
