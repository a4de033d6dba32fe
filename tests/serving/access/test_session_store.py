"""Laws of logins, on SQLite and on Postgres."""

import pytest
from sqlalchemy import select

from serving.access.audit_entries import read_entries
from serving.access.callers import Caller, Scope
from serving.access.session_store import SessionStore
from serving.access.session_tokens import secret_digest
from serving.access.tables import sessions

ADA = Caller("k3v9x0qa", "A. Reviewer", frozenset({Scope.REVIEW}))
BEN = Caller("k3v9x0qb", "B. Reviewer", frozenset({Scope.PREDICT}))
IDLE, LONGEST = 600.0, 3600.0


@pytest.fixture
def store(database, clock):
    return SessionStore(database, clock=clock, idle_seconds=IDLE, longest_seconds=LONGEST)


def test_a_login_is_read_by_its_secret_alone(store, clock):
    secret, session = store.open(ADA)
    assert store.read(secret_digest(secret)) == session
    assert (session.key_id, session.caller, session.scopes) == (ADA.key_id, ADA.name, ("review",))
    assert session.expires_at == clock() + LONGEST
    assert store.read(secret_digest(store.open(ADA)[0])) != session
    assert store.read(b"x" * 32) is None


def test_the_secret_is_nowhere_in_the_database(store, database):
    secret, _ = store.open(ADA)
    with database.reading() as connection:
        (row,) = connection.execute(select(sessions)).all()
    assert secret.encode() not in row.digest
    assert all(secret not in str(value) for value in row)


def test_a_login_does_not_outlive_its_key(store, clock):
    brief = Caller("k3v9x0qc", "brief", ADA.scopes, expires_at=clock() + 60)
    assert store.open(brief)[1].expires_at == clock() + 60
    lasting = Caller("k3v9x0qd", "lasting", ADA.scopes, expires_at=clock() + 10 * LONGEST)
    assert store.open(lasting)[1].expires_at == clock() + LONGEST


def test_a_login_ends_alone_or_with_all_of_its_key(store):
    first, second, third = (secret_digest(store.open(ADA)[0]) for _ in range(3))
    other = secret_digest(store.open(BEN)[0])
    assert store.count(ADA.key_id) == 3
    assert store.end(first) == 1
    assert store.end(first) == 0
    assert (store.read(first), store.count(ADA.key_id)) == (None, 2)
    assert store.end(second, everywhere=True) == 2
    assert store.read(third) is None
    assert store.read(other) is not None


def test_a_use_is_written_down(store, clock):
    digest = secret_digest(store.open(ADA)[0])
    store.note_use(digest, clock() + 90)
    assert store.read(digest).last_used_at == clock() + 90


def test_what_is_over_is_removed_with_the_next_login(store, clock):
    idle = secret_digest(store.open(ADA)[0])
    clock.advance(IDLE)
    in_use = secret_digest(store.open(ADA)[0])
    assert store.read(idle) is None
    clock.advance(LONGEST)
    store.note_use(in_use, clock())
    store.open(BEN)
    assert store.read(in_use) is None


def test_who_came_and_went_is_in_the_audit_trail(store, database):
    first, _ = store.open(ADA)
    second, _ = store.open(ADA)
    store.end(secret_digest(first))
    store.end(secret_digest(second), everywhere=True)
    entries = read_entries(database, key_id=ADA.key_id)
    assert [entry.action for entry in reversed(entries)] == [
        "login", "login", "logout", "logout.everywhere",
    ]  # fmt: skip
    assert {entry.caller for entry in entries} == {ADA.name}
    assert not any(first in str(entry) or second in str(entry) for entry in entries)


def test_what_is_too_long_for_the_table_is_cut(store):
    token = Caller(f"oidc:{'s' * 300}", "n" * 300, frozenset({Scope.PREDICT}))
    _, session = store.open(token)
    assert (len(session.key_id), len(session.caller)) == (200, 200)
