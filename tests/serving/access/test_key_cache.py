import threading
import time

import pytest

from serving.access import key_cache
from serving.access.key_cache import KeyCache
from serving.access.keys import digest_of
from serving.database.errors import DatabaseAwayError, SchemaError, away_error


def digest(key):
    return digest_of(key.text.encode())


@pytest.fixture
def key(store):
    return store.create("clinic", ["predict"], created_by="ada")[0]


def test_before_the_first_look_nothing_can_be_told(store, clock):
    cache = KeyCache(store, monotonic=clock)
    with pytest.raises(DatabaseAwayError):
        cache.get(bytes(32))


def test_a_new_key_is_found_at_once(cache, key):
    assert cache.get(digest(key)) is None
    assert cache.look_up(digest(key)).key_id == key.key_id
    assert cache.get(digest(key)).key_id == key.key_id


def test_a_revocation_acts_on_the_next_look(cache, key, store):
    cache.refresh()
    store.revoke(key.key_id, revoked_by="ada")
    assert cache.get(digest(key)).key_id == key.key_id
    cache.refresh()
    assert cache.get(digest(key)) is None


def test_keys_are_read_again_when_they_change_or_after_a_minute(cache, key, store, clock):
    cache.refresh()
    store.callers = lambda: {}
    cache.refresh()
    assert cache.get(digest(key)) is not None
    clock.advance(61)
    cache.refresh()
    assert cache.get(digest(key)) is None


def test_callers_do_not_queue_up_for_a_database_that_is_away(cache, store, clock):
    store.away = away_error("test")
    before = store.reads
    for _ in range(5):
        with pytest.raises(DatabaseAwayError):
            cache.look_up(bytes(32))
    assert store.reads == before + 1
    store.away = None
    clock.advance(1.5)
    assert cache.look_up(bytes(32)) is None


def test_callers_do_not_queue_up_behind_a_look_that_hangs(monkeypatch, cache, store):
    monkeypatch.setattr(key_cache, "QUEUE_SECONDS", 0.01)
    asked, answered = threading.Event(), threading.Event()

    def hang():
        asked.set()
        answered.wait()
        return 0

    store.changes = hang
    looking = threading.Thread(target=cache.refresh)
    looking.start()
    asked.wait()
    with pytest.raises(DatabaseAwayError):
        cache.look_up(bytes(32))
    answered.set()
    looking.join()
    assert cache.look_up(bytes(32)) is None


def test_tables_are_looked_at_until_they_are_right_and_never_again(store, clock):
    answers = [away_error("test"), SchemaError("old", needed="new", remedy="upgrade"), None]

    def prepare():
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    cache = KeyCache(store, monotonic=clock, prepare=prepare)
    with pytest.raises(DatabaseAwayError):
        cache.refresh()
    with pytest.raises(SchemaError):
        cache.refresh()
    cache.refresh()
    cache.refresh()
    assert answers == []


def test_uses_are_kept_while_the_database_is_away(cache, key, store, clock):
    written = []

    def away(_):
        raise away_error("test")

    store.note_uses = away
    cache.note_use(key.key_id, clock())
    with pytest.raises(DatabaseAwayError):
        cache.note_uses()
    store.note_uses = written.append
    cache.note_use("other001", clock())
    cache.note_uses()
    cache.note_uses()
    assert written == [{key.key_id: clock(), "other001": clock()}]


def test_the_thread_takes_a_revocation_over_and_outlives_an_absence(store, key):
    cache = KeyCache(store, monotonic=time.monotonic, refresh_seconds=0.05)
    cache.refresh()
    cache.start()
    store.away = away_error("test")
    wait_until(lambda: cache._failed_at is not None)
    store.away = None
    store.revoke(key.key_id, revoked_by="ada")
    wait_until(lambda: cache.get(digest(key)) is None)
    cache.note_use(key.key_id, time.time())
    cache.close()
    assert store.get(key.key_id).last_used_at is not None


def wait_until(condition, *, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)
