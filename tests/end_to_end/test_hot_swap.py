"""Promotion, rollback and faults over a real MLflow store, seen from the process that answers."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from models.bundle_files import verify_bundle, write_bundle
from models.calibration import SigmoidCalibration
from models.store import BundleStore, local_store
from serving.bundles.choice import StoreAddress, StoreChoice
from serving.bundles.loading import load_proved
from serving.bundles.watcher import StoreWatcher

pytestmark = pytest.mark.slow

MADE_UP = Path(__file__).resolve().parents[1] / "models" / "conftest.py"
PATIENCE_SECONDS = 60.0
MOST_SECONDS_TO_SERVE = 10.0
MOST_SECONDS_TO_RESTART = 5.0
MOST_ROUNDS = 3  # a machine that is held up spoils a time, but not every one
# An answering process without HTTP: it says its state whenever that changes.
ANSWERING = """
import json, sys, time
from dataclasses import asdict
from pathlib import Path
began = time.monotonic()
import structlog
from serving.bundles.loading import load_proved
from serving.bundles.opening import open_bundles
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
store, cache = sys.argv[1:]
source = open_bundles(
    "champion", store=store, cache=Path(cache), load=load_proved, poll_seconds=1.0
)
source.start()
heavy = {"mlflow", "sklearn", "xgboost", "shap", "pandas", "pyarrow", "scipy"}
told = None
while True:
    state = source.bundles.state()
    said = (state.ready, state.version, state.source, state.last_error, state.restarts)
    if said != told:
        told = said
        extra = {
            "heavy": sorted(heavy & set(sys.modules)),
            "seconds": time.monotonic() - began,
            "child_pid": source.child_pid,
        }
        print(json.dumps({**asdict(state), **extra}), flush=True)
    time.sleep(0.005)
"""


@pytest.fixture(scope="module")
def make_bundle():
    spec = importlib.util.spec_from_file_location("made_up_bundles", MADE_UP)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make_bundle


@pytest.fixture(scope="module")
def registered(make_bundle, tmp_path_factory):
    """Store with three versions, the first of them champion; making it takes seconds."""
    root = tmp_path_factory.mktemp("registered")
    store = local_store(root / "var")
    for seed in range(3):
        write_bundle(make_bundle(seed=seed), root / str(seed))
        store.register(root / str(seed))
    store.promote("1")
    return root / "var"


@pytest.fixture
def var(registered, tmp_path):
    """Copy of the store that may be changed; its artifacts stay where they are."""
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copy(registered / "mlflow.db", folder)
    return folder


@pytest.fixture
def store(var, tmp_path):
    return BundleStore(f"sqlite:///{var / 'mlflow.db'}", cache=tmp_path / "elsewhere")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def watcher(store, cache):
    """Watch the store, in this process; MLflow is asked in a real child."""
    watcher = StoreWatcher(
        StoreChoice("champion"),
        StoreAddress(store.tracking_uri, cache=cache),
        load=load_proved,
        poll_seconds=1.0,
    )
    yield watcher
    watcher.stop()


def wait_for(watcher, **expected):
    """Wait until the state is as expected; return it."""

    def is_so():
        state = watcher.bundles.state()
        return all(getattr(state, name) == value for name, value in expected.items())

    _wait(is_so, lambda: f"{expected} did not come; the state is {watcher.bundles.state()}")
    return watcher.bundles.state()


def _wait(condition, say_what):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            pytest.fail(say_what())
        time.sleep(0.01)


def answers_of(watcher):
    """What the bundle that answers now says about its own training mean."""
    bundle = watcher.bundles.current().bundle
    reference = bundle.bundle.features.reference_
    profile = reference.location[None, :]
    scale = bundle.expression_scale
    answers = bundle.predict(list(reference.genes), profile, scale=scale, align="none")
    return answers.probability_sensitive[0].tolist()


def test_promotions_and_rollbacks_are_served_within_seconds(watcher, store):
    watcher.start()
    wait_for(watcher, version="1", source="store", degraded=False)
    first = answers_of(watcher)
    kept = watcher.bundles.current()
    n_rounds = 0
    for _ in range(MOST_ROUNDS):
        n_rounds += 1
        began = time.monotonic()
        store.promote("2")
        wait_for(watcher, version="2", degraded=False)
        promoted = time.monotonic() - began
        assert answers_of(watcher) != first
        assert kept.version == "1"  # a request under way goes on with the bundle that it took
        began = time.monotonic()
        store.rollback()
        wait_for(watcher, version="1", degraded=False)
        rolled_back = time.monotonic() - began
        assert answers_of(watcher) == first
        if max(promoted, rolled_back) < MOST_SECONDS_TO_SERVE:
            break
    assert max(promoted, rolled_back) < MOST_SECONDS_TO_SERVE
    state = watcher.bundles.state()
    assert (state.swaps, state.refusals, state.last_error) == (1 + 2 * n_rounds, 0, None)
    versions = watcher.bundles.versions()
    assert [one.version for one in versions] == ["3", "2", "1"]
    assert versions[2].aliases == ("champion",)


def test_what_must_not_be_served_is_refused_and_the_last_good_one_stays(
    watcher, store, registered, make_bundle, tmp_path
):
    watcher.start()
    wait_for(watcher, version="1")
    write_bundle(make_bundle(seed=7), tmp_path / "damaged")
    write_bundle(_unsound(make_bundle(seed=8)), tmp_path / "unsound")
    for name, reason in (("damaged", "linear.npz"), ("unsound", "golden answers")):
        version = store.register(tmp_path / name)
        if name == "damaged":
            _damage(registered / "artifacts", tmp_path / name / "linear.npz")
        store.promote(version)
        state = wait_for(watcher, failed_version=version)
        assert reason in state.last_error
        assert str(tmp_path) not in state.last_error
        assert (state.ready, state.version, state.degraded) == (True, "1", True)
    store.promote("2")
    state = wait_for(watcher, version="2")
    assert (state.degraded, state.failed_version, state.last_error) == (False, None, None)


def test_another_version_is_fetched_when_it_is_asked_for(watcher):
    from serving.errors import NotReadyError

    watcher.start()
    wait_for(watcher, version="1")
    with pytest.raises(NotReadyError):
        watcher.bundles.version("3")
    sha256 = watcher.bundles.versions()[0].sha256
    _wait(lambda: watcher.bundles.kept("3", sha256), lambda: "version 3 did not come")
    assert watcher.bundles.version("3").sha256 == sha256
    assert watcher.bundles.current().version == "1"


def test_a_child_that_is_killed_is_replaced_and_follows_on(watcher, store):
    watcher.start()
    wait_for(watcher, version="1")
    os.kill(watcher.child_pid, signal.SIGKILL)
    state = wait_for(watcher, restarts=1)
    assert (state.ready, state.version) == (True, "1")
    store.promote("2")
    wait_for(watcher, version="2", last_error=None)


def test_a_store_that_is_no_database_is_said_to_be(watcher, var):
    (var / "mlflow.db").write_bytes(b"not a database " * 100)
    watcher.start()
    _wait(lambda: watcher.bundles.state().last_error, lambda: "nothing was said")
    state = watcher.bundles.state()
    assert not state.ready
    assert str(var) not in state.last_error


class Answering:
    """An answering process, and what it says."""

    def __init__(self, var, cache):
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", ANSWERING, str(var), str(cache)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # its log
            text=True,
        )

    def wait_for(self, **expected):
        patience = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        patience.start()
        try:
            for line in self.process.stdout:
                state = json.loads(line)
                if all(state[name] == value for name, value in expected.items()):
                    return SimpleNamespace(**state)
        finally:
            patience.cancel()
        return pytest.fail(f"it ended, or did not come to {expected} in time")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def answering(var, cache):
    started = []

    def start(store_folder=var):
        started.append(Answering(store_folder, cache))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def test_kill_9_and_restart(answering, store, cache):
    """Ready again at once from the cache, with the same bundle, and no process is left behind."""
    first = answering()
    before = first.wait_for(ready=True)
    assert before.heavy == []
    first.kill()
    for _ in range(MOST_ROUNDS):
        began = time.monotonic()
        second = answering()
        again = second.wait_for(ready=True)
        seconds = time.monotonic() - began
        if seconds < MOST_SECONDS_TO_RESTART:
            break
        second.kill()
    assert seconds < MOST_SECONDS_TO_RESTART
    assert (again.source, again.version, again.sha256) == ("cache", "1", before.sha256)
    assert again.heavy == []
    _wait(lambda: not _is_running(before.child_pid), lambda: "an orphan is left")
    assert second.wait_for(source="store").heavy == []
    store.promote("2")
    assert second.wait_for(version="2").heavy == []
    assert {path.name for path in cache.iterdir() if not path.name.startswith(".")} == {
        "served-champion.json",
        before.sha256,
        store.show("2").sha256,
    }


def test_without_its_store_it_starts_from_the_cache_or_says_why_not(answering, var, cache):
    first = answering()
    sha256 = first.wait_for(ready=True).sha256
    first.kill()
    (var / "mlflow.db").rename(var / "away.db")
    away = answering().wait_for(ready=True, store_reachable=False)
    assert (away.source, away.sha256) == ("cache", sha256)
    assert "no store of bundles yet" in away.last_error
    assert not (var / "mlflow.db").exists()
    shutil.rmtree(cache)
    nothing = answering().wait_for(store_reachable=False)
    assert not nothing.ready
    assert "no store of bundles yet" in nothing.last_error


def test_a_damaged_cache_is_refused_and_fetched_again(answering, cache):
    first = answering()
    sha256 = first.wait_for(ready=True).sha256
    first.kill()
    (cache / sha256 / "calibration.npz").write_bytes(b"damaged")
    second = answering()
    refused = second.wait_for(ready=False)
    assert "The cache was refused: calibration.npz was changed" in refused.last_error
    again = second.wait_for(ready=True)
    assert (again.source, again.sha256) == ("store", sha256)
    assert verify_bundle(cache / sha256).sha256 == sha256


def _damage(artifacts, like):
    """Change the artifact that is a copy of a file."""
    raw = like.read_bytes()
    (copy,) = (path for path in artifacts.rglob(like.name) if path.read_bytes() == raw)
    copy.write_bytes(raw[:-1] + b"x")


def _unsound(bundle):
    """The same bundle with another calibration of one drug, and the old golden answers."""
    from dataclasses import replace

    drug = bundle.drugs["Elesclomol"]
    calibration = SigmoidCalibration(drug.calibration.slope, drug.calibration.intercept + 1e-4)
    drugs = {**bundle.drugs, "Elesclomol": replace(drug, calibration=calibration)}
    return replace(bundle, drugs=drugs)


def _is_running(pid):
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return status != "Z"
