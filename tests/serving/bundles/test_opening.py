import pytest

from models.errors import BundleError
from serving.bundles.opening import FolderSource, open_bundles, store_address
from serving.bundles.watcher import StoreWatcher


def test_a_folder_is_served_and_not_watched(tmp_path, loader, say):
    folder = tmp_path / say.sha256_of("1")
    source = open_bundles(str(folder), store="var", cache=tmp_path, load=loader)
    assert isinstance(source, FolderSource)
    assert not source.bundles.state().ready
    source.start()
    state = source.bundles.state()
    assert (state.ready, state.source, state.version) == (True, "folder", None)
    assert (state.degraded, state.store_reachable) == (False, None)
    source.stop()


def test_a_folder_that_is_refused_says_why(tmp_path, loader):
    loader.refuse.add(None)
    source = open_bundles(f"{tmp_path}/x", store="var", cache=tmp_path, load=loader)
    source.start()
    assert not source.bundles.state().ready
    assert "linear.npz was changed" in source.bundles.state().last_error


def test_aliases_and_versions_are_watched(tmp_path, loader):
    for bundle in ("champion", "3"):
        source = open_bundles(bundle, store="var", cache=tmp_path / "new", load=loader)
        assert isinstance(source, StoreWatcher)
    assert not (tmp_path / "new").exists()


def test_nonsense_is_refused(tmp_path, loader):
    with pytest.raises(BundleError):
        open_bundles("a b", store="var", cache=tmp_path, load=loader)


def test_stores_are_folders_or_addresses(tmp_path):
    local = store_address(str(tmp_path), tmp_path / "cache")
    assert local.database == tmp_path / "mlflow.db"
    assert local.cache == tmp_path / "cache"
    server = store_address("http://mlflow:5000", tmp_path / "cache")
    assert (server.tracking_uri, server.database) == ("http://mlflow:5000", None)
