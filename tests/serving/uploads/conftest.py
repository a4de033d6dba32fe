"""A service that reads files, kept through a module so that its readers are warm."""

import io
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pandas as pd
import pytest

from serving.access.opening import open_access
from serving.app import create_app
from serving.reviews.opening import open_approvals
from serving.settings import ServingSettings
from serving.uploads.readers import open_uploads


@pytest.fixture(scope="session")
def running(asgi_client):
    """Put a service together on a source of bundles, and end its readers in the end."""

    @contextmanager
    def run(source, folder, **given):
        settings = ServingSettings(**{"state": folder, "open_mode": True} | given)
        access = open_access(settings, clock=time.time, monotonic=time.monotonic)
        access.start()
        uploads = open_uploads(settings)
        approvals = open_approvals(settings, access, clock=lambda: 1_800_000_000.0)
        approvals.refresh()
        app = create_app(
            settings, bundles=source, access=access, uploads=uploads, approvals=approvals
        )
        yield SimpleNamespace(client=asgi_client(app), uploads=uploads, app=app)
        uploads.close()
        access.close()

    return run


@pytest.fixture(scope="module")
def service(running, made_up_source, tmp_path_factory):
    with running(made_up_source, tmp_path_factory.mktemp("state")) as service:
        yield service


@pytest.fixture(scope="session")
def make_profiles(made_up):
    return made_up.make_training_profiles


@pytest.fixture
def profiles(make_profiles):
    return make_profiles(n_samples=7, seed=5)


@pytest.fixture(scope="session")
def as_csv():
    def write(profiles):
        text = io.StringIO()
        pd.DataFrame(profiles).T.to_csv(text)
        return text.getvalue().encode()

    return write
