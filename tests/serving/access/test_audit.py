import threading
import time

import pytest
from sqlalchemy import delete, exc, text, update

from serving.access.audit import AuditLog
from serving.access.audit_entries import AuditEntry, entry_json, read_entries
from serving.access.tables import audit_log
from serving.database.engine import open_database
from serving.database.errors import DatabaseAwayError
from serving.database.schema import upgrade_database

DAY = 86_400


def request_at(at, **fields):
    return AuditEntry(at=at, key_id="abcdefgh", caller="clinic", method="POST", **fields)


def test_lines_come_back_newest_first_as_they_were_recorded(database, clock):
    audit = AuditLog(database)
    lines = [
        request_at(
            clock() + n, route="/v1/predictions", status=200, bundle_sha256="a" * 64,
            bundle_version="3", profiles=n, drugs=271, request_id=f"r{n}",
        )
        for n in range(5)
    ]  # fmt: skip
    for line in lines:
        audit.record(line)
    assert read_entries(database) == ()
    audit.flush()
    assert read_entries(database) == tuple(reversed(lines))
    assert read_entries(database, limit=2) == (lines[4], lines[3])
    assert read_entries(database, key_id="other001") == ()


def test_more_than_a_batch_is_written_in_order_and_once(database, clock):
    audit = AuditLog(database)
    for n in range(2500):
        audit.record(request_at(clock() + n))
    audit.flush()
    audit.flush()
    assert [line.at for line in read_entries(database, limit=9999)] == [
        clock() + n for n in reversed(range(2500))
    ]


def test_texts_that_a_database_refuses_do_not_stop_the_others(database, clock):
    audit = AuditLog(database)
    for name in ("nul\0", "\ud800", "x" * 5000, "ok"):
        audit.record(AuditEntry(at=clock(), caller=name))
    audit.flush()
    assert {line.caller for line in read_entries(database)} == {"nul", "?", "x" * 200, "ok"}


def test_what_is_written_cannot_be_changed_or_removed(database):
    audit = AuditLog(database)
    audit.record_now(request_at(time.time() - 29 * DAY))
    audit.record_now(request_at(time.time()))
    for statement in (update(audit_log).values(status=500), delete(audit_log)):
        with pytest.raises(exc.DBAPIError, match="audit_log"), database.writing() as connection:
            connection.execute(statement)
    assert len(read_entries(database)) == 2


def test_after_thirty_days_lines_may_be_removed(database):
    AuditLog(database).record_now(request_at(time.time() - 31 * DAY))
    with database.writing() as connection:
        connection.execute(delete(audit_log))
    assert read_entries(database) == ()


def test_postgres_does_not_let_the_trail_be_emptied(postgres_address):
    opened = open_database(postgres_address)
    upgrade_database(opened)
    with pytest.raises(exc.DBAPIError, match="append-only"), opened.writing() as connection:
        connection.execute(text("TRUNCATE audit_log"))
    opened.close()


def test_closing_loses_nothing_that_threads_recorded(database, clock):
    audit = AuditLog(database, interval_seconds=0.01)
    audit.start()

    def record():
        for _ in range(500):
            audit.record(request_at(clock()))

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    audit.close()
    assert len(read_entries(database, limit=9999)) == 2000
    assert (audit.waiting, audit.dropped) == (0, 0)


def test_lines_wait_for_a_database_that_is_away_and_beyond_that_are_counted(
    postgres, postgres_address, clock
):
    opened = open_database(postgres_address)
    upgrade_database(opened)
    told = []
    audit = AuditLog(opened, on_dropped=told.append, most_waiting=10)
    postgres.stop()
    try:
        for _ in range(12):
            audit.record(request_at(clock()))
        with pytest.raises(DatabaseAwayError):
            audit.flush()
        assert (audit.waiting, audit.dropped, told) == (10, 2, [1, 1])
    finally:
        postgres.start()
    audit.flush()
    assert len(read_entries(opened)) == 10
    opened.close()


def test_what_cannot_be_written_at_the_end_is_counted(tmp_path, clock):
    never_there = open_database(f"sqlite:///{tmp_path}")
    told = []
    audit = AuditLog(never_there, on_dropped=told.append)
    for _ in range(3):
        audit.record(request_at(clock()))
    audit.close(wait_seconds=0.01)
    assert (audit.waiting, told) == (0, [3])


def test_as_json_it_holds_what_is_known():
    assert entry_json(AuditEntry(at=0.0, caller="clinic")) == {
        "at": "1970-01-01T00:00:00+00:00",
        "action": "request",
        "caller": "clinic",
    }


def test_strangers_cannot_fill_the_trail(clock):
    from serving.access.audit_recorder import STRANGERS_PER_MINUTE, AuditRecorder
    from serving.request_context import RequestContext

    class Trail:
        def __init__(self):
            self.lines = []

        def record(self, entry):
            self.lines.append(entry)

    trail = Trail()
    recorder = AuditRecorder(trail, clock=clock)
    scope = {"type": "http", "method": "POST", "path": "/v1/predictions", "headers": []}

    def refuse():
        recorder(scope, RequestContext("id", status=401), 0.0, 0)

    for _ in range(STRANGERS_PER_MINUTE + 30):
        refuse()
    recorder(scope, RequestContext("id", status=200, caller_name="known"), 0.0, 0)
    assert len(trail.lines) == STRANGERS_PER_MINUTE + 1
    clock.advance(61)
    refuse()
    left_out, refused = trail.lines[-2:]
    assert left_out.action == "refusals.left_out"
    assert left_out.detail.startswith("30 ")
    assert refused.status == 401
