from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, exc, insert, select, text

from serving.database.address import database_in, parse_address
from serving.database.engine import open_database
from serving.database.errors import (
    DatabaseAddressError,
    DatabaseAwayError,
    DatabaseUnusableError,
)
from serving.database.metadata import UtcTime
from serving.database.postgres import BoundedConnection
from serving.database.schema import upgrade_database


def test_what_raises_is_not_written(database):
    def fail_half_way():
        with database.writing() as connection:
            connection.execute(text("UPDATE key_changes SET changes = 7"))
            raise KeyError("half-way")

    with pytest.raises(KeyError):
        fail_half_way()
    with database.reading() as connection:
        assert connection.execute(text("SELECT changes FROM key_changes")).scalar() == 0


def test_times_come_back_in_utc_whatever_their_zone(database):
    times = Table("times", MetaData(), Column("id", Integer), Column("at", UtcTime))
    noon = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with database.writing() as connection:
        times.create(connection)
        connection.execute(insert(times).values(id=1, at=noon))
        (read,) = connection.execute(select(times.c.at)).scalars()
    assert read == noon
    assert read.tzinfo == UTC


def test_a_time_without_a_zone_is_refused(database):
    times = Table("times", MetaData(), Column("at", UtcTime))
    without_zone = insert(times).values(at=datetime(2026, 7, 1))  # noqa: DTZ001
    with database.writing() as writing:
        times.create(writing)
        with pytest.raises(exc.StatementError, match="without a zone"):
            writing.execute(without_zone)


def test_readers_read_while_one_writes(database):
    with database.writing() as writing:
        writing.execute(text("UPDATE key_changes SET changes = 7"))
        with database.reading() as reading:
            assert reading.execute(text("SELECT changes FROM key_changes")).scalar() == 0


def test_a_second_writer_waits_its_time_and_is_told(sqlite_database):
    address = f"sqlite:///{sqlite_database.engine.url.database}"
    hasty = open_database(address, wait_seconds=0.05)
    with sqlite_database.writing() as first:
        first.execute(text("UPDATE key_changes SET changes = 7"))
        with pytest.raises(DatabaseAwayError), hasty.writing():
            pass
    hasty.close()


def test_postgres_that_is_stopped_is_away_and_comes_back(postgres, postgres_address):
    opened = open_database(postgres_address)
    assert opened.is_answering()
    postgres.stop()
    try:
        assert not opened.is_answering()
        with pytest.raises(DatabaseAwayError) as caught, opened.writing():
            pass
        assert caught.value.retry_after_seconds > 0
    finally:
        postgres.start()
    assert opened.is_answering()
    opened.close()


def test_a_folder_that_is_no_file_is_away_not_a_traceback(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path}")
    assert not opened.is_answering()


def test_another_kind_of_address_is_refused_with_what_to_set():
    with pytest.raises(DatabaseAddressError, match="begins with 'mysql'") as caught:
        parse_address("mysql://u:secret@host/x")
    assert "secret" not in str(caught.value)
    assert "CUPROMARK_SERVE_DATABASE_URL" in str(caught.value)


def test_the_default_database_lies_in_its_folder(tmp_path):
    assert parse_address(database_in(tmp_path)).database == str(tmp_path / "serving.db")


def test_the_file_is_its_owners_alone(sqlite_database):
    path = Path(sqlite_database.engine.url.database)
    assert {
        each.stat().st_mode & 0o077
        for each in path.parent.glob("serving.db*")
        if each.suffix != ".upgrading"
    } == {0}


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseAddressError, match="cannot be made"):
        open_database(f"sqlite:///{tmp_path / 'file' / 'serving.db'}")


@pytest.mark.parametrize("damage", ["no database", "torn pages", "a folder"])
def test_a_file_that_no_waiting_mends_is_said(tmp_path, damage):
    path = tmp_path / "serving.db"
    if damage == "a folder":
        path.mkdir()
    elif damage == "no database":
        path.write_bytes(b"not SQLite" * 1_000)
    else:
        whole = open_database(f"sqlite:///{path}")
        upgrade_database(whole)
        whole.close()
        torn = bytearray(path.read_bytes())
        torn[100:4096] = b"\xff" * 3_996
        path.write_bytes(torn)
    opened = open_database(f"sqlite:///{path}")
    with pytest.raises(DatabaseUnusableError) as caught:
        upgrade_database(opened)
    assert str(tmp_path) not in str(caught.value)
    opened.close()


def test_a_wrong_statement_stays_what_it_is(database):
    kind = exc.OperationalError if database.is_sqlite else exc.ProgrammingError
    with pytest.raises(kind), database.reading() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))


def test_a_postgres_that_is_silent_is_away(monkeypatch, postgres_address):
    opened = open_database(postgres_address)
    with monkeypatch.context() as patched:
        patched.setattr(BoundedConnection, "answer_seconds", 0.2)
        with pytest.raises(DatabaseAwayError), opened.reading() as connection:
            connection.execute(text("SELECT pg_sleep(60)"))
    assert opened.is_answering()  # by another connection
    opened.close()
