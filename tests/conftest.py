"""What tests of several packages share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from models.jobs.board import JobBoard
from tests.postgres import Postgres, find_postgres, running_postgres

NEW_NAMES = count()
if not os.environ.get("CI"):  # with it, Hypothesis chooses a profile that knows of slow machines
    settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("shared")
CHECKOUT = Path(__file__).resolve().parents[1]


def find_shared_data() -> Path | None:
    """Find the folder of real public data: CUPROMARK_MIRROR, else ../shared/data."""
    mirror = os.environ.get("CUPROMARK_MIRROR", "")
    candidates = [Path(mirror)] if mirror and "://" not in mirror else []
    candidates.append(CHECKOUT.parent / "shared" / "data")
    return next((folder for folder in candidates if (folder / "MANIFEST.json").is_file()), None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = find_shared_data()
    if folder is not None:
        return folder
    reason = "no real data: neither CUPROMARK_MIRROR nor ../shared/data is a folder of it"
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for all tests of this process."""
    binaries = find_postgres()
    if binaries is None:
        pytest.skip("no Postgres: neither pg_ctl on the path nor /usr/lib/postgresql/*/bin")
    with running_postgres(binaries) as server:
        yield server


@pytest.fixture
def postgres_address(postgres: Postgres) -> Iterator[str]:
    """An empty database on the server of the session."""
    name = f"test_{next(NEW_NAMES)}"
    postgres.execute(f"CREATE DATABASE {name}")
    yield postgres.address(name)
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def jobs_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.db'}"
    address: str = request.getfixturevalue("postgres_address")
    return address


@pytest.fixture
def board(jobs_address: str) -> Iterator[JobBoard]:
    """A board of jobs, as workers and the command line see it, on each kind of database."""
    opened = JobBoard(jobs_address, mlflow_url="http://mlflow.example/")
    opened.start()
    yield opened
    opened.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Where nothing may be missing, a test that is skipped has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI=true forbids: {report.longrepr}"
    return report
