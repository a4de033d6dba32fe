"""The store over a real MLflow: SQLite and artifacts in a folder."""

import importlib
import os
import shutil
import socket
import time

import pytest

from models.bundle_files import verify_bundle, write_bundle
from models.errors import BundleDamagedError, StoreError
from models.mlflow_session import mlflow_session, shown
from models.store import BundleStore, local_store


@pytest.fixture(scope="module")
def folders(make_bundle, tmp_path_factory):
    """Three bundles that differ."""
    root = tmp_path_factory.mktemp("bundles")
    for seed in range(3):
        write_bundle(make_bundle(seed=seed), root / str(seed))
    return [root / str(seed) for seed in range(3)]


@pytest.fixture(scope="module")
def empty_var(tmp_path_factory):
    """A store in which nothing was registered; making its database takes seconds."""
    var = tmp_path_factory.mktemp("empty") / "var"
    local_store(var).experiment_id()
    return var


@pytest.fixture
def store(empty_var, tmp_path):
    """A store with a copy of the empty database."""
    database = shutil.copy(empty_var / "mlflow.db", tmp_path)
    return BundleStore(f"sqlite:///{database}", cache=tmp_path / "cache")


def aliases(store):
    return {alias: one.version for one in store.list() for alias in one.aliases}


def test_an_empty_store(store):
    assert store.list() == []
    with pytest.raises(StoreError, match="none is set"):
        store.fetch("champion")
    with pytest.raises(StoreError, match="refused"):
        store.show("3")


def test_registering_makes_a_challenger(store, folders):
    assert store.register(folders[0], tags={"note": "first"}) == "1"
    assert store.register(folders[1]) == "2"
    assert aliases(store) == {"challenger": "2"}
    newest, first = store.list()
    assert (newest.version, first.version) == ("2", "1")
    assert first.sha256 == verify_bundle(folders[0]).sha256
    assert first.tags == {"cohort": "made-up", "simulated": "true", "n_drugs": "4", "note": "first"}
    assert abs(first.created_at - time.time()) < 600


def test_what_is_no_challenger_leaves_the_alias_where_it_is(store, folders):
    store.register(folders[0])
    drill = {"tags": {"job": "j"}, "is_challenger": False}
    assert store.register(folders[1], **drill) == "2"
    assert store.register(folders[1], **drill) == "2"  # of a job that was killed meanwhile
    assert aliases(store) == {"challenger": "1"}


def test_tags_are_written_in_the_place_of_those_before(store, folders):
    store.register(folders[0], tags={"note": "first", "other": "stays"})
    store.tag("1", {"note": "second", "more": ""})
    tags = store.show("1").tags
    assert (tags["note"], tags["other"], tags["more"]) == ("second", "stays", "")


def test_promotion_and_rollback(store, folders):
    for folder in folders:
        store.register(folder)
    assert store.promote("1").aliases == ("champion",)
    assert aliases(store) == {"champion": "1", "challenger": "3"}
    with pytest.raises(StoreError, match="No version of cupromark was champion before"):
        store.rollback()
    store.promote("2")
    assert store.promote("challenger").version == "3"
    assert aliases(store) == {"champion": "3", "previous_champion": "2"}
    store.promote("3")  # again: nothing to remember
    assert store.rollback().version == "2"
    assert aliases(store) == {"champion": "2", "previous_champion": "1"}
    assert store.rollback().version == "1"
    assert aliases(store) == {"champion": "1"}
    with pytest.raises(StoreError, match="at least two promotions"):
        store.rollback()


def test_promoting_what_is_not_there_changes_nothing(store, folders):
    store.register(folders[0])
    for missing in ("9", "nobody"):
        with pytest.raises(StoreError):
            store.promote(missing)
    assert aliases(store) == {"challenger": "1"}


def test_fetching_verifies_and_caches(store, folders):
    store.register(folders[0])
    store.promote("1")
    sha256 = verify_bundle(folders[0]).sha256
    fetched = store.fetch("champion")
    assert fetched == store.cache / sha256
    assert verify_bundle(fetched).sha256 == sha256
    written = (fetched / "linear.npz").stat().st_mtime_ns
    assert (store.fetch("1") / "linear.npz").stat().st_mtime_ns == written
    (fetched / "linear.npz").write_bytes(b"damaged")
    assert verify_bundle(store.fetch("1")).sha256 == sha256
    assert [path.name for path in store.cache.iterdir()] == [sha256]
    assert store.load().version == "1"


def test_a_changed_artifact_is_not_fetched(store, folders, empty_var):
    store.register(folders[0])
    for path in (empty_var / "artifacts").rglob("linear.npz"):
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BundleDamagedError, match=r"linear\.npz"):
        store.fetch("1")
    assert list(store.cache.iterdir()) == []


@pytest.mark.parametrize("tag", ["", "../../elsewhere"])
def test_a_version_without_a_sha256_is_not_fetched(store, folders, tag):
    store.register(folders[0], tags={"bundle_sha256": tag})
    store.cache.mkdir()
    (store.cache / "other").write_text("stays")
    with pytest.raises(StoreError, match="does not say which bundle"):
        store.fetch("1")
    assert (store.cache / "other").exists()


def test_a_damaged_bundle_is_not_registered(store, folders, tmp_path):
    shutil.copytree(folders[0], tmp_path / "bundle")
    (tmp_path / "bundle" / "trees.npz").write_bytes(b"")
    with pytest.raises(BundleDamagedError, match=r"trees\.npz"):
        store.register(tmp_path / "bundle")
    assert store.list() == []


def test_registers_under_a_run_and_leaves_it_running(store, folders):
    with mlflow_session(store.tracking_uri) as client:
        run_id = client.create_run(store.experiment_id()).info.run_id
    store.register(folders[0], run_id=run_id)
    assert store.show("1").run_id == run_id
    with mlflow_session(store.tracking_uri) as client:
        assert client.get_run(run_id).info.status == "RUNNING"


def test_leaves_no_trace_in_the_process_or_the_folder(store, folders, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    before = dict(os.environ)
    store.register(folders[0])
    store.fetch("challenger")
    assert dict(os.environ) == before
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "mlflow.db"}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("scheme", ["http", "postgresql+psycopg"])
def test_a_server_that_is_not_there_fails_in_seconds(tmp_path, scheme):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        uri = f"{scheme}://user:secret@127.0.0.1:{taken.getsockname()[1]}/db"
        began = time.monotonic()
        with pytest.raises(StoreError, match="cannot be reached") as refused:
            BundleStore(uri, cache=tmp_path).list()
    assert time.monotonic() - began < 5
    assert "secret" not in str(refused.value)


def test_a_server_that_never_answers_fails_in_seconds(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = BundleStore(f"http://127.0.0.1:{silent.getsockname()[1]}", cache=tmp_path)
        importlib.import_module("mlflow")  # may take longer than the question
        began = time.monotonic()
        with pytest.raises(StoreError, match="refused"):
            store.list()
    assert time.monotonic() - began < 15


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        local_store(tmp_path / "file" / "var")


def test_addresses_are_shown_without_a_password():
    assert shown("postgresql://me:pw@host/db") == "postgresql://me:***@host/db"
    assert shown("sqlite:///var/mlflow.db") == "sqlite:///var/mlflow.db"


def test_a_job_registers_once(store, folders, monkeypatch):
    assert store.registered_by_job("j1") is None
    first = store.register(folders[0], tags={"job": "j1"})
    store.register(folders[1], tags={"job": "j2"})
    with mlflow_session(store.tracking_uri) as client:
        client.delete_registered_model_alias(store.name, "challenger")
    assert store.registered_by_job("j2").version == "2"
    # Killed after the version was made and before it was the challenger, it registers again.
    assert store.register(folders[1], tags={"job": "j2"}) == "2"
    assert aliases(store) == {"challenger": "2"}
    assert len(store.list()) == 2
    with pytest.raises(StoreError, match="registered another bundle before, as version 1"):
        store.register(folders[2], tags={"job": "j1"})
    store.promote(first)
    store.register(folders[0], tags={"job": "j1"})
    assert aliases(store) == {"champion": "1", "challenger": "2"}
    assert store.find("champion").version == "1"
    assert store.find("previous_champion") is None
