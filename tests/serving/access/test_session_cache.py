import pytest

from serving.access.callers import Caller, Scope
from serving.access.key_cache import KeyCache
from serving.access.session_cache import SessionCache
from serving.access.session_store import SessionStore
from serving.access.session_tokens import secret_digest
from serving.database.errors import DatabaseAwayError, away_error

IDLE, LONGEST, FRESH, AWAY = 600.0, 3600.0, 2.0, 300.0
TOKEN = Caller("oidc:ada", "ada@desk.test", frozenset({Scope.PREDICT}))


class CountingSessions(SessionStore):
    """A store that counts how often it is read, and can be away."""

    reads = writes = 0
    away = None
    meanwhile = None

    def read(self, digest):
        self.reads += 1
        if self.away is not None:
            raise self.away
        found = super().read(digest)
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act()
        return found

    def note_use(self, digest, at):
        self.writes += 1
        if self.away is not None:
            raise self.away
        super().note_use(digest, at)


@pytest.fixture
def cache(store, clock):
    """Keys that nobody has to keep fresh while the clock goes on."""
    cache = KeyCache(store, monotonic=clock, away_seconds=10 * LONGEST)
    cache.refresh()
    return cache


@pytest.fixture
def sessions(sqlite_database, clock):
    return CountingSessions(
        sqlite_database, clock=clock, idle_seconds=IDLE, longest_seconds=LONGEST
    )


@pytest.fixture
def make_cache(sessions, cache, clock):
    def make():
        return SessionCache(
            sessions,
            cache,
            clock=clock,
            monotonic=clock,
            fresh_seconds=FRESH,
            away_seconds=AWAY,
        )

    return make


@pytest.fixture
def logins(make_cache):
    return make_cache()


@pytest.fixture
def key(store, cache):
    key, _ = store.create("ada", ["review"], created_by="test")
    cache.refresh()
    return key


@pytest.fixture
def digest(sessions, cache, key):
    return secret_digest(sessions.open(cache.of_id(key.key_id))[0])


def test_a_login_is_its_key(logins, cache, key, digest):
    assert logins.known(digest) is None
    assert logins.look_up(digest) == cache.of_id(key.key_id)
    assert logins.known(digest) == cache.of_id(key.key_id)
    assert logins.look_up(b"x" * 32) is None


def test_a_login_that_is_in_use_asks_the_database_every_few_seconds(
    logins, sessions, digest, clock
):
    logins.look_up(digest)
    for _ in range(100):
        clock.advance(FRESH / 200)
        assert logins.known(digest) is not None
    assert sessions.reads == 1
    clock.advance(FRESH)
    assert logins.known(digest) is None


def test_a_login_dies_with_its_key_at_once(logins, cache, store, key, digest):
    logins.look_up(digest)
    store.revoke(key.key_id, revoked_by="test")
    cache.refresh()
    assert logins.known(digest) is None
    assert logins.look_up(digest) is None


def test_the_rights_of_a_login_are_those_of_the_key_now_and_of_a_token_those_of_then(
    logins, sessions, digest
):
    assert logins.look_up(digest).scopes == {Scope.REVIEW}
    opened = secret_digest(sessions.open(TOKEN)[0])
    caller = logins.look_up(opened)
    assert (caller.key_id, caller.name, caller.scopes) == (TOKEN.key_id, TOKEN.name, TOKEN.scopes)


def test_a_login_that_nobody_uses_is_over(logins, make_cache, digest, clock):
    logins.look_up(digest)
    clock.advance(IDLE - 1)
    assert logins.look_up(digest) is not None
    clock.advance(IDLE - 1)
    assert logins.look_up(digest) is not None
    clock.advance(IDLE)
    assert logins.look_up(digest) is None
    assert make_cache().look_up(digest) is None


def test_another_process_knows_of_the_use_within_a_minute(logins, make_cache, digest, clock):
    for _ in range(12):
        assert logins.look_up(digest) is not None
        clock.advance(IDLE / 10)
    assert make_cache().look_up(digest) is not None


def test_the_use_of_a_login_is_not_written_with_every_request(logins, sessions, digest, clock):
    for _ in range(60):
        logins.look_up(digest)
        clock.advance(1)
    assert sessions.writes == 0
    clock.advance(1)
    logins.look_up(digest)
    assert sessions.writes == 1


def test_a_login_is_over_at_its_end_however_much_it_is_used(logins, digest, clock):
    for _ in range(int(LONGEST / 60) - 1):
        clock.advance(60)
        assert logins.look_up(digest) is not None
    clock.advance(60)
    assert logins.known(digest) is None
    assert logins.look_up(digest) is None


def test_whoever_logs_out_is_out_at_once(logins, sessions, digest):
    logins.look_up(digest)
    sessions.end(digest)
    logins.forget(digest)
    assert logins.known(digest) is None
    assert logins.look_up(digest) is None


def test_whoever_logs_out_everywhere_is_out_at_once_and_nobody_else_is(
    logins, sessions, cache, key, digest
):
    others = [secret_digest(sessions.open(cache.of_id(key.key_id))[0]) for _ in range(2)]
    stranger = secret_digest(sessions.open(TOKEN)[0])
    for each in (digest, *others, stranger):
        logins.look_up(each)
    sessions.end(digest, everywhere=True)
    logins.forget(digest, everywhere=True)
    assert [logins.known(each) for each in (digest, *others)] == [None] * 3
    assert logins.known(stranger) is not None


def test_a_login_that_no_request_came_with_yet_logs_out_everywhere_too(
    logins, sessions, cache, key, digest
):
    other = secret_digest(sessions.open(cache.of_id(key.key_id))[0])
    logins.look_up(other)
    sessions.end(digest, everywhere=True)
    logins.forget(digest, everywhere=True)
    assert logins.known(other) is None


def test_a_logout_that_crosses_with_a_request_is_not_undone_by_it(logins, sessions, digest):
    def log_out():
        sessions.end(digest)
        logins.forget(digest)

    sessions.meanwhile = log_out
    assert logins.look_up(digest) is None
    assert logins.known(digest) is None


def test_a_logout_of_somebody_else_does_not_put_anybody_out(logins, sessions, digest):
    other = secret_digest(sessions.open(TOKEN)[0])
    sessions.meanwhile = lambda: logins.forget(other)
    assert logins.look_up(digest) is not None


def test_logins_go_on_for_a_while_when_the_database_is_away(logins, sessions, digest, clock):
    logins.look_up(digest)
    sessions.away = away_error("test")
    clock.advance(FRESH)
    assert logins.look_up(digest) is not None
    reads = sessions.reads
    assert logins.known(digest) is not None  # it was asked a moment ago
    assert sessions.reads == reads
    clock.advance(AWAY - 10)
    assert logins.look_up(digest) is not None
    clock.advance(20)
    with pytest.raises(DatabaseAwayError):
        logins.look_up(digest)
    with pytest.raises(DatabaseAwayError):
        logins.look_up(b"x" * 32)
    sessions.away = None
    assert logins.look_up(digest) is not None
