"""Where things lie beside a store."""

from pathlib import Path

from models.store_place import is_address, store_folder


def test_a_folder_is_its_own_place_and_an_address_has_var():
    assert store_folder("some/folder") == Path("some/folder")
    assert store_folder("http://mlflow:5000") == Path("var")
    assert [is_address(one) for one in ("var", "sqlite:///x.db", "http://mlflow")] == [0, 1, 1]
