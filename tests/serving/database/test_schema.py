import multiprocessing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import exc, inspect, text

from serving.access import tables as access_tables  # noqa: F401 - fills the metadata
from serving.database.engine import open_database
from serving.database.errors import SchemaError
from serving.database.metadata import metadata
from serving.database.schema import (
    MIGRATIONS,
    known_revisions,
    prepare_database,
    schema_state,
    upgrade_database,
)
from serving.drift import tables as drift_tables  # noqa: F401 - fills the metadata
from serving.reviews import tables as review_tables  # noqa: F401 - fills the metadata
from serving.shadow import tables as shadow_tables  # noqa: F401 - fills the metadata


def upgrade_in_child(address, barrier):
    barrier.wait()
    opened = open_database(address, wait_seconds=30)
    upgrade_database(opened)
    opened.close()


def test_an_empty_database_is_brought_up_to_date_and_stays_so(database_address):
    opened = open_database(database_address)
    assert schema_state(opened).state == "empty"
    assert upgrade_database(opened).state == "current"
    assert upgrade_database(opened).state == "current"
    assert set(inspect(opened.engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    opened.close()


def test_migrations_make_the_tables_that_the_code_works_with(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_revisions_are_those_that_alembic_finds():
    script = ScriptDirectory(str(MIGRATIONS))
    assert known_revisions() == tuple(
        reversed([revision.revision for revision in script.walk_revisions()])
    )


def test_processes_that_upgrade_at_once_do_it_once(database_address):
    fork = multiprocessing.get_context("spawn")
    barrier = fork.Barrier(4)
    children = [
        fork.Process(target=upgrade_in_child, args=(database_address, barrier)) for _ in range(4)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0, 0, 0]
    opened = open_database(database_address)
    with opened.reading() as connection:
        assert connection.execute(text("SELECT changes FROM key_changes")).all() == [(0,)]
    opened.close()


def test_an_upgrade_that_fails_leaves_nothing_behind(database_address):
    opened = open_database(database_address)
    with opened.writing() as connection:
        connection.execute(text("CREATE TABLE audit_log (own_table INTEGER)"))
    with pytest.raises(exc.DBAPIError, match="audit_log"):
        upgrade_database(opened)
    assert set(inspect(opened.engine).get_table_names()) == {"audit_log"}
    opened.close()


def test_tables_of_a_later_release_are_refused(database):
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for upgrade in (None, True, False):
        with pytest.raises(SchemaError, match=r"9999.*later release"):
            prepare_database(database, upgrade=upgrade)


def test_sqlite_is_upgraded_at_start_and_postgres_by_command(tmp_path, postgres_address):
    sqlite = open_database(f"sqlite:///{tmp_path / 'new' / 'serving.db'}")
    prepare_database(sqlite)
    assert schema_state(sqlite).state == "current"
    sqlite.close()
    postgres = open_database(postgres_address)
    with pytest.raises(SchemaError, match="cupromark database upgrade"):
        prepare_database(postgres)
    prepare_database(postgres, upgrade=True)
    prepare_database(postgres)
    postgres.close()
