import asyncio
from dataclasses import replace

import pytest

from serving.access.authentication import Authenticator
from serving.access.callers import Caller, Scope
from serving.access.credentials import expired_error
from serving.access.opening import open_access
from serving.access.session_login import log_in, log_out
from serving.errors import UnauthenticatedError
from serving.settings import ServingSettings

HOME = "127.0.0.1"
GOOD, EXPIRED = "header.claims.signature", "header.expired.signature"


class Issuer:
    """Knows one token, which ends in ten minutes."""

    def __init__(self, clock):
        self._ends_at = clock() + 600

    def known(self, digest):
        return None

    def verify(self, token, digest):
        if token != GOOD:
            raise expired_error()
        scopes = frozenset({Scope.REVIEW})
        return Caller("oidc:ada", "ada@desk.test", scopes, expires_at=self._ends_at)


@pytest.fixture
def access(tmp_path, clock):
    opened = open_access(ServingSettings(state=tmp_path), clock=clock, monotonic=clock)
    opened.key_cache.refresh()
    authenticator = Authenticator(
        opened.key_cache,
        clock=clock,
        monotonic=clock,
        tokens=Issuer(clock),
        logins=opened.session_cache,
        cookies=opened.cookies,
    )
    yield replace(opened, authenticator=authenticator)
    opened.close()


def open_login(access, key, former=None):
    return asyncio.run(log_in(access, key, HOME, former=former))


def caller_of(access, login):
    cookie = access.cookies.set_session(login.secret, seconds=1).partition(";")[0]
    headers = [(b"cookie", cookie.encode())]
    return asyncio.run(access.authenticator.authenticate_async(headers, HOME, "GET"))


def test_a_token_of_the_issuer_opens_a_login_that_ends_with_it(access, clock):
    login = open_login(access, f"  {GOOD}\n")
    caller = caller_of(access, login)
    assert (caller.key_id, caller.name, caller.scopes) == (
        "oidc:ada", "ada@desk.test", {Scope.REVIEW},
    )  # fmt: skip
    clock.advance(600)
    with pytest.raises(UnauthenticatedError):
        caller_of(access, login)


def test_why_a_key_or_token_lets_nobody_in_is_not_told(access):
    said = set()
    for key in ("", EXPIRED, "cmk_wrong", "two words", "\ud7ff"):
        with pytest.raises(UnauthenticatedError) as caught:
            open_login(access, key)
        said.add(str(caught.value))
    assert len(said) == 1


def test_the_former_login_ends_with_the_new_one(access):
    first = open_login(access, GOOD)
    caller_of(access, first)
    second = open_login(access, GOOD, former=first.secret)
    assert second.secret != first.secret
    assert caller_of(access, second)
    with pytest.raises(UnauthenticatedError):
        caller_of(access, first)


def test_logging_out_twice_ends_one_login(access):
    login = open_login(access, GOOD)
    assert asyncio.run(log_out(access, login.secret)) == 1
    assert asyncio.run(log_out(access, login.secret)) == 0
