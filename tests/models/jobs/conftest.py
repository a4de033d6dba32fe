"""Boards of jobs on SQLite and on the real Postgres that the tests of the service start."""

import importlib.util
from pathlib import Path

import pytest

from models.jobs.board import JobBoard

_SERVING = Path(__file__).resolve().parents[2] / "serving" / "conftest.py"
_spec = importlib.util.spec_from_file_location("databases_of_tests", _SERVING)
_databases = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_databases)
postgres = _databases.postgres
postgres_address = _databases.postgres_address


@pytest.fixture(params=["sqlite", "postgres"])
def jobs_address(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.db'}"
    return request.getfixturevalue("postgres_address")


@pytest.fixture
def board(jobs_address):
    """A board of each kind."""
    opened = JobBoard(jobs_address, mlflow_url="http://mlflow.example/")
    opened.start()
    yield opened
    opened.close()
