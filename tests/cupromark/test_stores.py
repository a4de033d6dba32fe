"""What changes a store works on one that is there."""

import pytest

from cupromark.main import main
from cupromark.stores import open_present_store, open_store
from models.errors import StoreError


@pytest.mark.parametrize(
    "words", [["promote", "--dry-run"], ["promote", "1"], ["models", "rollback"], ["retention"]]
)
def test_no_command_makes_an_empty_store_to_change(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("CUPROMARK_STORE", "CUPROMARK_SERVE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"There is no store in {tmp_path / 'var'}" in said
    assert "CUPROMARK_STORE" in said
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_there_is_opened(tmp_path):
    made = open_store(str(tmp_path))
    with pytest.raises(StoreError, match="There is no store"):
        open_present_store(str(tmp_path))
    made.experiment_id()
    assert open_present_store(str(tmp_path)).tracking_uri == made.tracking_uri
    assert open_present_store("http://127.0.0.1:1").tracking_uri == "http://127.0.0.1:1"
