"""A clock of the database that is moved is noticed; one that goes on is not."""

import pytest

from models.jobs import executors
from models.jobs.database import open_jobs_engine
from models.jobs.executors import ClockWatch


@pytest.mark.parametrize(("moved", "noticed"), [(0.0, False), (3600.0, True), (-3600.0, True)])
def test_a_clock_that_is_moved_is_noticed_once(jobs_address, monkeypatch, moved, noticed):
    of_database = executors.read_database_seconds
    ahead = [0.0]
    monkeypatch.setattr(
        executors, "read_database_seconds", lambda *asked: of_database(*asked) + ahead[0]
    )
    engine = open_jobs_engine(jobs_address)
    clock = ClockWatch(engine)
    assert not clock.has_jumped(60)
    assert not clock.has_jumped(60)
    ahead[0] = moved
    assert clock.has_jumped(60) == noticed
    assert not clock.has_jumped(60)
    engine.dispose()


def test_a_database_that_stood_still_looks_like_one_whose_clock_was_moved(jobs_address):
    own = [100.0]
    engine = open_jobs_engine(jobs_address)
    clock = ClockWatch(engine, monotonic=lambda: own[0])
    clock.has_jumped(60)
    own[0] += 600
    assert clock.has_jumped(60)
    engine.dispose()
