from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from serving.access.audit_entries import read_entries
from serving.access.callers import Scope, ScopeError
from serving.access.key_store import KeyStore
from serving.access.keys import digest_of
from serving.errors import InvalidRequestError, NotFoundError


@pytest.fixture
def store(database, clock):
    return KeyStore(database, clock=clock)


def at(clock, *, days=0):
    return datetime.fromtimestamp(clock(), UTC) + timedelta(days=days)


def test_a_key_comes_back_as_it_was_made(store, clock):
    key, made = store.create(
        "clinic ⚕", ["review", "predict"], created_by="ada", expires_at=at(clock, days=90),
        rate_per_minute=30,
    )  # fmt: skip
    assert store.list() == (made,)
    assert (made.id, made.name, made.created_by) == (key.key_id, "clinic ⚕", "ada")
    assert made.scopes == (Scope.PREDICT, Scope.REVIEW)
    assert made.created_at == at(clock)
    assert made.expires_at == at(clock, days=90)
    assert made.state == "valid"
    caller = store.callers()[digest_of(key.text.encode())]
    assert caller.scopes == {Scope.PREDICT, Scope.REVIEW}
    assert caller.rate_per_minute == 30
    assert caller.expires_at == clock() + 90 * 86_400


def test_the_key_itself_is_nowhere_in_the_database(store, database):
    key, _ = store.create("n", ["predict"], created_by="ada")
    secret = key.text.split("_")[2]
    with database.reading() as connection:
        for table in ("api_keys", "audit_log"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
            assert rows
            assert secret not in repr([tuple(row) for row in rows])


def test_admin_holds_all_scopes(store):
    key, _ = store.create("n", ["admin"], created_by="ada")
    assert store.callers()[digest_of(key.text.encode())].scopes == set(Scope)


def test_a_revoked_key_is_gone_for_checking_and_stays_in_the_list(store, clock):
    key, _ = store.create("n", ["predict"], created_by="ada")
    clock.advance(60)
    revoked = store.revoke(key.key_id, revoked_by="bob")
    assert revoked.state == "revoked"
    assert store.callers() == {}
    clock.advance(60)
    assert store.revoke(key.key_id, revoked_by="eve") == revoked
    assert store.list() == (revoked,)


def test_every_change_is_counted_and_in_the_audit_trail(store, database):
    assert store.changes() == 0
    key, _ = store.create("n", ["predict"], created_by="ada")
    assert store.changes() == 1
    store.revoke(key.key_id, revoked_by="bob")
    store.revoke(key.key_id, revoked_by="bob")
    assert store.changes() == 2
    entries = read_entries(database)
    assert {(each.action, each.caller, each.key_id) for each in entries} == {
        ("key.created", "ada", key.key_id),
        ("key.revoked", "bob", key.key_id),
    }


def test_an_expired_key_says_so(store, clock):
    key, _ = store.create("n", ["predict"], created_by="ada", expires_at=at(clock, days=1))
    clock.advance(86_400)
    assert store.get(key.key_id).state == "expired"


def test_last_uses_are_written_down(store, clock):
    key, _ = store.create("n", ["predict"], created_by="ada")
    store.note_uses({key.key_id: clock(), "unknown1": clock()})
    assert store.get(key.key_id).last_used_at == at(clock)


@pytest.mark.parametrize("scopes", [[], ["root"], ["predict", "Predict"]])
def test_words_that_are_no_scopes_make_no_key(store, scopes):
    with pytest.raises(ScopeError, match="predict, review, operate, admin"):
        store.create("n", scopes, created_by="ada")
    assert store.list() == ()


@pytest.mark.parametrize("name", ["", "  ", "a" * 201, "two\nlines", "nul\0"])
def test_names_that_cannot_be_shown_make_no_key(store, name):
    with pytest.raises(InvalidRequestError):
        store.create(name, ["predict"], created_by="ada")


def test_an_end_in_the_past_makes_no_key(store, clock):
    with pytest.raises(InvalidRequestError, match="expired already"):
        store.create("n", ["predict"], created_by="ada", expires_at=at(clock))


def test_an_unknown_id_is_not_found(store):
    with pytest.raises(NotFoundError):
        store.revoke("unknown1", revoked_by="ada")


@pytest.mark.parametrize("per_minute", [-1, 99_999_999_999])
def test_limits_that_cannot_be_kept_make_no_key(store, per_minute):
    with pytest.raises(InvalidRequestError, match="limit"):
        store.create("n", ["predict"], created_by="ada", rate_per_minute=per_minute)
    assert store.list() == ()
