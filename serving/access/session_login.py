"""Logging in and out: from a key that somebody typed to a login, and from a login to its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from serving.access.opening import Access
from serving.access.session_records import Session
from serving.access.session_tokens import secret_digest
from serving.database.errors import DatabaseAwayError
from serving.errors import RequestError, UnauthenticatedError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Login:
    """A login that was just opened.

    Attributes
    ----------
    secret
        For the cookie; nothing stores it.
    """

    secret: str
    session: Session


async def log_in(access: Access, key: str, client_host: str | None, *, former: str | None) -> Login:
    """Open a login for whoever shows a key (or a token of the issuer that is set).

    Its secret is new whatever cookie came along: nobody can plant one beforehand.

    Parameters
    ----------
    key
        As it was typed.
    client_host
        Address of the caller, whose wrong keys are counted.
    former
        Secret of the login that this one replaces.

    Raises
    ------
    UnauthenticatedError
        If the key lets nobody in; why is not told, so that nothing can be found out by trying.
    RateLimitedError
        If too many wrong keys came from this address.
    DatabaseAwayError
        If the database does not answer; nobody is logged in then.
    """
    shown = [(b"x-api-key", key.strip().encode())]
    try:
        caller = await access.authenticator.authenticate_async(shown, client_host)
    except (UnauthenticatedError, RequestError):
        raise _refused() from None
    secret, session = await asyncio.to_thread(access.sessions.open, caller)
    if former is not None:
        await asyncio.to_thread(_end_former, access, former)
    return Login(secret, session)


async def log_out(access: Access, secret: str, *, everywhere: bool = False) -> int:
    """End a login, or all logins of its key; gives how many ended.

    Raises
    ------
    DatabaseAwayError
        If the database does not answer; the login goes on then.
    """
    return await asyncio.to_thread(_end, access, secret, everywhere=everywhere)


def _end(access: Access, secret: str, *, everywhere: bool = False) -> int:
    digest = secret_digest(secret)
    count = access.sessions.end(digest, everywhere=everywhere)
    access.session_cache.forget(digest, everywhere=everywhere)
    return count


def _end_former(access: Access, secret: str) -> None:
    try:
        _end(access, secret)
    except DatabaseAwayError as error:  # its cookie is replaced; it ends by itself
        log.warning("session.former_not_ended", found=error.found)


def _refused() -> UnauthenticatedError:
    return UnauthenticatedError(
        "This key does not open the service.",
        needed="a key that holds: not mistyped, expired or revoked.",
        remedy="copy the whole key again, from cmk_ to its end, or ask whoever runs this service "
        "for one (`cupromark keys create`).",
    )
