"""A service over a made-up bundle, in this process and behind a real socket."""

import socket
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import uvicorn

from serving.bundles.messages import KnownVersion


@pytest.fixture(scope="session")
def source(made_up, one_bundle):
    made = one_bundle(made_up.make_bundle())
    listed = (KnownVersion("1", made.served.sha256, ("champion",), 0.0, {}),)
    made.bundles.note(replace(made.bundles.progress, versions=listed))
    return made


@pytest.fixture(scope="session")
def compiled(source):
    return source.served.bundle


@pytest.fixture(scope="session")
def profiles(made_up):
    """Profiles on the scale of the cohort: float32, samples x genes."""
    return made_up.make_training_profiles(n_samples=5, seed=7)


@pytest.fixture(scope="session")
def expected(compiled, profiles):
    """Answer of the bundle itself for all drugs, at a level that is not the default."""
    return compiled.predict(
        list(profiles.columns),
        np.ascontiguousarray(profiles.to_numpy()),
        scale="rma_log2",
        drugs=compiled.drugs,
        level=0.9,
        lineage={"line_0": "Lung", "line_1": "Ovary"},
        sample_ids=list(profiles.index),
    )


@pytest.fixture
def client(make_service, asgi_client, source):
    return asgi_client(make_service(source=source))


@pytest.fixture
def address(make_service, source):
    """Host and port of the service, listening on the loopback address."""
    config = uvicorn.Config(make_service(source=source), lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.005)
        yield listener.getsockname()
        server.should_exit = True
        thread.join()
