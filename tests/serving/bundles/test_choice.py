import pytest

from models.errors import BundleError
from models.store import local_store
from serving.bundles.choice import (
    FolderChoice,
    StoreAddress,
    StoreChoice,
    local_address,
    parse_choice,
)


@pytest.mark.parametrize("text", ["champion", "challenger", "7", "previous_champion"])
def test_aliases_and_versions(text):
    assert parse_choice(text) == StoreChoice(text)


def test_folders(tmp_path, monkeypatch):
    assert parse_choice(str(tmp_path)) == FolderChoice(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert parse_choice("mine") == StoreChoice("mine")  # a folder, but not of a bundle
    (tmp_path / "mine" / "manifest.json").touch()
    assert parse_choice("mine") == FolderChoice(tmp_path / "mine")


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "a b", "x" * 200, "é"])
def test_anything_else_is_refused(text):
    with pytest.raises(BundleError, match="neither a folder"):
        parse_choice(text)


def test_a_local_address_is_where_the_store_lies(tmp_path):
    address, store = local_address(tmp_path / "var"), local_store(tmp_path / "var")
    assert (address.tracking_uri, address.cache, address.name) == (
        store.tracking_uri,
        store.cache,
        store.name,
    )
    assert address.database == (tmp_path / "var" / "mlflow.db").resolve()


def test_the_id_of_a_store_does_not_depend_on_the_password(tmp_path):
    def store_id(uri, name="cupromark"):
        return StoreAddress(uri, cache=tmp_path, name=name).store_id

    plain = store_id("postgresql://host/db")
    assert store_id("postgresql://me:pw@host/db") == store_id("postgresql://you:x@host/db") == plain
    assert store_id("postgresql://other/db") != plain
    assert store_id("postgresql://host/db", "another") != plain
    assert StoreAddress("http://host", cache=tmp_path).database is None
