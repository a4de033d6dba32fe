import asyncio
from datetime import UTC, datetime

import pytest

from serving.access.authentication import Authenticator
from serving.access.callers import Scope
from serving.access.credentials import ContradictoryKeysError
from serving.access.keys import make_key
from serving.database.errors import DatabaseAwayError, away_error
from serving.errors import ForbiddenError, RateLimitedError, UnauthenticatedError

HOME = "127.0.0.1"


def bearer(key):
    return [(b"host", b"here"), (b"authorization", b"Bearer " + key.text.encode())]


def refusal(authenticator, headers, host=HOME):
    with pytest.raises(UnauthenticatedError) as caught:
        authenticator.authenticate(headers, host)
    return str(caught.value)


@pytest.fixture
def key(store):
    return store.create("clinic", ["predict"], created_by="ada")[0]


@pytest.mark.parametrize(
    "headers",
    [
        lambda key: [(b"authorization", b"Bearer " + key)],
        lambda key: [(b"authorization", b"bearer  " + key + b" ")],
        lambda key: [(b"x-api-key", key)],
        lambda key: [(b"x-api-key", key), (b"authorization", b"Bearer " + key)],
    ],
)
def test_a_key_is_known_in_either_header(authenticator, key, headers):
    caller = authenticator.authenticate(headers(key.text.encode()), HOME)
    assert (caller.key_id, caller.name, caller.scopes) == (key.key_id, "clinic", {Scope.PREDICT})
    assert not caller.open_mode


def test_two_keys_that_differ_are_a_bad_request(authenticator, key, store):
    other, _ = store.create("other", ["admin"], created_by="ada")
    for first, second in ((key, other), (other, key)):
        with pytest.raises(ContradictoryKeysError):
            authenticator.authenticate([*bearer(first), (b"x-api-key", second.text.encode())], HOME)
        with pytest.raises(ContradictoryKeysError):
            authenticator.authenticate([*bearer(first), *bearer(second)], HOME)


@pytest.mark.parametrize(
    "value", [b"", b"Bearer", b"Bearer ", b"Basic YWRhOnNlY3JldA==", b"cmk_abc", b"Bearer \xff\xfe",
              b"Bearer cmk_\xc3\xa4", b"Bearer " + b"x" * 10_000]
)  # fmt: skip
def test_what_is_no_key_is_refused(authenticator, value):
    refusal(authenticator, [(b"authorization", value)])


def test_no_key_is_refused_and_told_how_to_send_one(authenticator):
    assert "X-API-Key" in refusal(authenticator, [])


def test_unknown_and_revoked_keys_hear_the_same(authenticator, key, store):
    authenticator.authenticate(bearer(key), HOME)
    store.revoke(key.key_id, revoked_by="ada")
    authenticator._keys.refresh()
    assert refusal(authenticator, bearer(key)) == refusal(authenticator, bearer(make_key()))


def test_an_expired_key_hears_that_it_expired(authenticator, store, clock):
    end = datetime.fromtimestamp(clock() + 60, UTC)
    key, _ = store.create("n", ["predict"], created_by="ada", expires_at=end)
    for _ in range(2):
        authenticator.authenticate(bearer(key), HOME)
        clock.advance(59)
        authenticator.authenticate(bearer(key), HOME)
        clock.advance(1)
        assert "expired" in refusal(authenticator, bearer(key))
        clock.advance(-60)


def test_a_known_key_asks_no_database(authenticator, key, store):
    authenticator.authenticate(bearer(key), HOME)
    before = store.reads
    for _ in range(100):
        authenticator.authenticate(bearer(key), HOME)
    assert store.reads == before


def test_a_refused_key_asks_the_database_once(authenticator, store):
    unknown = make_key()
    before = store.reads
    for _ in range(4):
        refusal(authenticator, bearer(unknown))
    assert store.reads == before + 1


def test_a_mistyped_key_asks_no_database(authenticator, store):
    before = store.reads
    assert "mistyped" in refusal(authenticator, [(b"x-api-key", make_key().text[:-1].encode())])
    assert store.reads == before


def test_guessing_is_slowed_down_and_good_keys_go_on(authenticator, key, clock):
    for _ in range(5):
        refusal(authenticator, bearer(make_key()), "10.0.0.9")
    with pytest.raises(RateLimitedError) as caught:
        authenticator.authenticate(bearer(make_key()), "10.0.0.9")
    assert caught.value.retry_after_seconds == pytest.approx(12)
    with pytest.raises(RateLimitedError):
        authenticator.authenticate([(b"authorization", b"Basic x")], "10.0.0.9")
    refusal(authenticator, bearer(make_key()), "10.0.0.10")
    authenticator._keys.refresh()
    assert authenticator.authenticate(bearer(key), "10.0.0.9").key_id == key.key_id
    clock.advance(12)
    refusal(authenticator, bearer(make_key()), "10.0.0.9")


def test_requests_without_a_key_are_no_guesses(authenticator):
    for _ in range(20):
        refusal(authenticator, [])


def test_known_keys_go_on_for_a_while_when_the_database_is_away(authenticator, key, store, clock):
    authenticator.authenticate(bearer(key), HOME)
    store.away = away_error("test")
    clock.advance(299)
    assert authenticator.authenticate(bearer(key), HOME).key_id == key.key_id
    with pytest.raises(DatabaseAwayError):
        authenticator.authenticate(bearer(make_key()), HOME)
    clock.advance(2)
    with pytest.raises(DatabaseAwayError):
        authenticator.authenticate(bearer(key), HOME)


def test_without_waiting_it_tells_the_same(authenticator, key):
    for _ in range(2):
        caller = asyncio.run(authenticator.authenticate_async(bearer(key), HOME))
        assert caller.key_id == key.key_id
    with pytest.raises(UnauthenticatedError):
        asyncio.run(authenticator.authenticate_async(bearer(make_key()), HOME))


@pytest.fixture
def open_authenticator(cache, clock):
    return Authenticator(
        cache, clock=clock, monotonic=clock, open_mode=True, allowed_origins=["https://desk.test"]
    )


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"host", b"127.0.0.1:8000")],
        [(b"host", b"localhost:8000"), (b"origin", b"http://localhost:8000")],
        [(b"host", b"[::1]:8000"), (b"origin", b"https://desk.test")],
    ],
)
def test_open_mode_lets_this_computer_in_without_admin(open_authenticator, headers):
    caller = open_authenticator.authenticate(headers, HOME)
    assert caller.open_mode
    assert caller.scopes == set(Scope) - {Scope.ADMIN}


@pytest.mark.parametrize(
    ("headers", "host"),
    [
        ([], "192.0.2.1"),
        ([(b"host", b"evil.test:8000")], HOME),
        ([(b"host", b"[::1")], HOME),
        ([(b"host", b"localhost"), (b"origin", b"https://evil.test")], HOME),
        ([(b"host", b"localhost"), (b"origin", b"null")], HOME),
        ([(b"host", b"localhost"), (b"x-forwarded-for", b"192.0.2.1")], HOME),
        ([(b"host", b"localhost"), (b"forwarded", b"for=192.0.2.1")], HOME),
    ],
)
def test_open_mode_lets_nobody_else_in(open_authenticator, headers, host):
    with pytest.raises(ForbiddenError, match="keys create"):
        open_authenticator.authenticate(headers, host)


def test_a_key_counts_in_open_mode_too(open_authenticator, key):
    assert open_authenticator.authenticate(bearer(key), "192.0.2.1").key_id == key.key_id
    refusal(open_authenticator, bearer(make_key()))
