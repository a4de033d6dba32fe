"""Benches of workers on SQLite and on the real Postgres that the tests of jobs start."""

import importlib.util
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.end_to_end.faults.bench import Bench


def load_fixtures(place):
    path = Path(__file__).resolve().parents[2] / place / "conftest.py"
    spec = importlib.util.spec_from_file_location(f"fixtures_of_{path.parent.name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_service, _jobs = load_fixtures("serving"), load_fixtures("training/jobs")
asgi_client, make_service = _service.asgi_client, _service.make_service
postgres, postgres_address = _jobs.postgres, _jobs.postgres_address
jobs_address, script = _jobs.jobs_address, _jobs.script


@pytest.fixture
def make_bench(jobs_address, tmp_path):
    """Put a board and its workers together; all are gone when the test ends."""
    with ExitStack() as at_end:

        def make(script=None, **settings):
            given = {"heartbeat_seconds": 1, **settings}
            bench = Bench.opened(jobs_address, tmp_path, script=script, **given)
            return at_end.enter_context(bench)

        yield make
