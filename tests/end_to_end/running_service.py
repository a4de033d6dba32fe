"""Starting and ending `cupromark serve` as a process, with a key of each scope."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np

from models.bundle_files import load_bundle
from serving.access.callers import Scope
from serving.access.key_store import KeyStore
from serving.database.engine import open_database
from serving.database.schema import prepare_database
from serving.reviews.material import make_material
from serving.reviews.material_store import store_material

MADE_UP = Path(__file__).resolve().parents[1] / "models" / "conftest.py"
SCRIPT = Path(sys.executable).with_name("cupromark")
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Service:
    """A process that answers, and what is needed to ask it."""

    process: subprocess.Popen
    address: str
    keys: dict[str, str]
    log: Path

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.keys['predict']}"}

    def http(self, **options):
        options = {"timeout": PATIENCE_SECONDS} | options
        return httpx.Client(base_url=self.address, headers=self.headers, **options)

    def end(self):
        """End it as an operator does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    @property
    def resident_mib(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024


def load_make_bundle():
    """`make_bundle` of the tests of `models`, whose fixtures are not seen from here."""
    spec = importlib.util.spec_from_file_location("made_up_bundles", MADE_UP)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make_bundle


def make_keys(state):
    """Make a key of each scope in the database that the service will find."""
    state.mkdir(parents=True, exist_ok=True)
    database = open_database(f"sqlite:///{state / 'serving.db'}")
    prepare_database(database, upgrade=True)
    store = KeyStore(database, clock=time.time)
    keys = {str(s): store.create(str(s), [s], created_by="test")[0].text for s in Scope}
    database.close()
    return keys


def put_at_review_desk(state, folder):
    """Put the findings of the bundle in a folder into the database that the service will find."""
    database = open_database(f"sqlite:///{state / 'serving.db'}")
    material = make_material(load_bundle(folder))
    store_material(database, material, clock=time.time, stored_by="test")
    database.close()


@contextmanager
def serving(state, keys, *options, port=0, **environment):
    """Run `cupromark serve` until the block ends; killed if it was not ended before."""
    log = state / "serve.log"
    command = [SCRIPT, "serve", "--port", port, "--state", state, "--keys", "--json", *options]
    with (
        log.open("ab") as errors,
        subprocess.Popen(  # noqa: S603
            [*map(str, command)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | environment,
        ) as process,
    ):
        try:
            said = ""
            while not said.endswith("}\n"):
                line = process.stdout.readline()
                assert line, f"the service did not start: {log.read_text()[-2000:]}"
                said += line
            yield Service(process, json.loads(said)["address"], keys, log)
        finally:
            process.kill()


def question_of(bundle, *, n_samples=2, seed=0):
    """Profiles that a bundle answers for, as the arguments of `Client.predict`."""
    reference = bundle.features.reference_
    noise = np.random.default_rng(seed).normal(size=(n_samples, len(reference.genes)))
    values = np.clip(reference.location + reference.scale * noise, 0.1, 14).round(3)
    return {
        "genes": list(reference.genes),
        "values": values.tolist(),
        "scale": "rma_log2",
        "ids": [f"sample {number}" for number in range(1, n_samples + 1)],
    }
