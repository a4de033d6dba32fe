"""A store whose tables MLflow could not finish, as on a full disk."""

import sqlite3
from contextlib import closing

import pytest

from models.errors import StoreError
from models.store import local_store


def test_what_hinders_mlflow_at_making_its_tables_is_an_error_of_the_store(tmp_path):
    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as half:
        half.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        half.execute("CREATE TABLE _alembic_tmp_experiments (experiment_id INTEGER)")
    with pytest.raises(StoreError, match="_alembic_tmp_experiments already exists"):
        local_store(tmp_path).experiment_id()
