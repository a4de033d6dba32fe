"""Benches of workers on SQLite and on a real Postgres."""

from contextlib import ExitStack

import pytest

from tests.end_to_end.faults.bench import Bench
from tests.training.jobs.acting import Script


@pytest.fixture
def script(tmp_path):
    return Script(tmp_path / "script")


@pytest.fixture
def make_bench(jobs_address, tmp_path):
    """Put a board and its workers together; all are gone when the test ends."""
    with ExitStack() as at_end:

        def make(script=None, **settings):
            given = {"heartbeat_seconds": 1, **settings}
            bench = Bench.opened(jobs_address, tmp_path, script=script, **given)
            return at_end.enter_context(bench)

        yield make
