"""Access on a real Postgres that comes and goes."""

import pytest

from serving.access.audit_entries import AuditEntry, read_entries
from serving.access.opening import open_access
from serving.database.engine import open_database
from serving.database.errors import DatabaseAwayError, SchemaError
from serving.database.schema import upgrade_database
from serving.settings import ServingSettings


@pytest.fixture
def make_access(postgres_address, tmp_path, clock):
    def make(**changes):
        settings = ServingSettings(state=tmp_path, database_url=postgres_address, **changes)
        return open_access(settings, clock=clock, monotonic=clock)

    return make


@pytest.fixture
def upgraded(postgres_address):
    database = open_database(postgres_address)
    upgrade_database(database)
    database.close()


def bearer(key):
    return [(b"authorization", b"Bearer " + key.text.encode())]


def test_tables_that_nobody_has_made_keep_the_service_from_starting(make_access):
    access = make_access()
    with pytest.raises(SchemaError, match="cupromark database upgrade"):
        access.start()
    access.close()


def test_a_setting_has_them_made(make_access):
    access = make_access(upgrade_database=True)
    access.start()
    assert access.keys.list() == ()
    access.close()


@pytest.mark.usefixtures("upgraded")
def test_known_callers_go_on_while_postgres_is_away(postgres, make_access):
    access = make_access()
    access.start()
    key, _ = access.keys.create("n", ["predict"], created_by="ada")
    access.authenticator.authenticate(bearer(key), "192.0.2.1")
    postgres.stop()
    try:
        caller = access.authenticator.authenticate(bearer(key), "192.0.2.1")
        access.audit.record(AuditEntry(at=0.0, caller=caller.name))
        with pytest.raises(DatabaseAwayError):
            access.keys.revoke(key.key_id, revoked_by="ada")
    finally:
        postgres.start()
    access.keys.revoke(key.key_id, revoked_by="ada")
    access.close()
    reopened = make_access()
    actions = [line.action for line in read_entries(reopened.database)]
    assert sorted(actions) == ["key.created", "key.revoked", "request"]
    reopened.close()


@pytest.mark.usefixtures("upgraded")
def test_the_service_starts_without_postgres_and_waits_for_it(postgres, make_access):
    access = make_access()
    key, _ = access.keys.create("n", ["predict"], created_by="ada")
    postgres.stop()
    try:
        access.start()
        with pytest.raises(DatabaseAwayError) as caught:
            access.authenticator.authenticate(bearer(key), "192.0.2.1")
        assert caught.value.retry_after_seconds > 0
    finally:
        postgres.start()
    access.key_cache.refresh()
    assert access.authenticator.authenticate(bearer(key), "192.0.2.1").key_id == key.key_id
    access.close()
