"""Databases for tests of the service: SQLite files, and a real Postgres started for the session."""

import asyncio
import importlib.util
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from models.compiled import CompiledBundle
from serving.access.opening import open_access
from serving.app import ROUTERS, create_app
from serving.bundles.holder import ServedBundles
from serving.bundles.served import ServedBundle
from serving.database.engine import open_database
from serving.database.schema import upgrade_database
from serving.jobs.opening import open_jobs
from serving.reviews.opening import open_approvals
from serving.settings import ServingSettings
from serving.uploads.readers import open_uploads

MADE_UP = Path(__file__).resolve().parents[1] / "models" / "conftest.py"


@pytest.fixture(params=["sqlite", "postgres"])
def database_address(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'serving.db'}"
    return request.getfixturevalue("postgres_address")


@pytest.fixture
def database(database_address):
    """A database of each kind, its tables up to date."""
    opened = open_database(database_address)
    upgrade_database(opened)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(tmp_path):
    """A SQLite database, its tables up to date: for what does not depend on the kind."""
    opened = open_database(f"sqlite:///{tmp_path / 'serving.db'}")
    upgrade_database(opened)
    yield opened
    opened.close()


class AsgiClient:
    """Calls an ASGI app in this process, as if from an address."""

    def __init__(self, app: Any, *, client_host: str = "127.0.0.1") -> None:
        self._app = app
        self._address = (client_host, 50_000)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app, client=self._address)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1"
            ) as client:
                return await client.request(method, path, **options)

        return asyncio.run(ask())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)


@pytest.fixture(scope="session")
def asgi_client():
    return AsgiClient


class FakeClock:
    """Time that goes on when a test says so."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(scope="session")
def make_clock():
    return FakeClock


@pytest.fixture
def clock(make_clock):
    return make_clock()


class NoBundles:
    """A source of bundles that never has one."""

    def __init__(self):
        self.bundles = ServedBundles()

    def start(self):
        pass

    def stop(self):
        pass


@pytest.fixture
def make_service(tmp_path):
    """Put the service together as `cupromark serve` does: every layer, in open mode unless told.

    Returns the application; its access is open, its bundles are `source`.
    """
    opened = []
    started = []
    jobs = []

    def make(*, source=None, monotonic=time.monotonic, routers=ROUTERS, thin_paths=(), **given):
        settings = ServingSettings(**{"state": tmp_path, "open_mode": True} | given)
        access = open_access(settings, clock=time.time, monotonic=time.monotonic)
        access.start()
        opened.append(access)
        started.append(open_uploads(settings))
        jobs.append(open_jobs(settings, clock=time.time, monotonic=monotonic))
        # Read once, and of no age.
        approvals = open_approvals(settings, access, clock=lambda: 1_800_000_000.0)
        approvals.refresh()
        return create_app(
            settings,
            bundles=source or NoBundles(),
            access=access,
            uploads=started[-1],
            jobs=jobs[-1],
            approvals=approvals,
            monotonic=monotonic,
            routers=routers,
            thin_paths=thin_paths,
        )

    yield make
    for one in jobs:
        one.close()
    for uploads in started:
        uploads.close()
    for access in opened:
        access.close()


class OneBundle(NoBundles):
    """A source whose bundle is there from the beginning, as version 1."""

    def __init__(self, bundle):
        super().__init__()
        self.served = ServedBundle(CompiledBundle(bundle), "1", "ab" * 32, "store", 0.0)
        self.bundles.serve(self.served)


@pytest.fixture(scope="session")
def made_up():
    """The module that makes the small synthetic bundle and the profiles of tests of models."""
    spec = importlib.util.spec_from_file_location("made_up_bundles", MADE_UP)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def one_bundle():
    """Make a source of a bundle in memory."""
    return OneBundle


@pytest.fixture(scope="session")
def made_up_source(made_up, one_bundle):
    return one_bundle(made_up.make_bundle())
