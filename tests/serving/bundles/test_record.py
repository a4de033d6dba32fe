import json

import pytest

from serving.bundles.choice import StoreAddress, StoreChoice
from serving.bundles.record import ServedRecord, read_record, record_path, write_record

RECORD = ServedRecord("store", "3", "ab" * 32, "0.1.0")


def test_a_record_comes_back_and_leaves_nothing_beside_it(tmp_path):
    path = tmp_path / "cache" / "served-champion.json"
    for version in ("2", "3"):
        write_record(path, ServedRecord("store", version, "ab" * 32, "0.1.0"))
    assert read_record(path) == RECORD
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_each_choice_has_its_own_record(tmp_path):
    address = StoreAddress("sqlite:///x", cache=tmp_path)
    paths = {record_path(address, StoreChoice(choice)) for choice in ("champion", "3", "7")}
    assert len(paths) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        json.dumps({"store_id": "x"}).encode(),
        json.dumps({"store_id": "x", "version": 3, "sha256": "ab" * 32, "proved_by": "1"}).encode(),
        json.dumps(
            {"store_id": "x", "version": "3", "sha256": "../../etc", "proved_by": "1"}
        ).encode(),
    ],
)
def test_what_is_not_a_record_counts_as_none(tmp_path, content):
    (tmp_path / "served.json").write_bytes(content)
    assert read_record(tmp_path / "served.json") is None


def test_no_record(tmp_path):
    assert read_record(tmp_path / "served.json") is None


def test_a_record_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "served.json"
    write_record(path, RECORD)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_record(path, ServedRecord("store", "4", "cd" * 32, "0.1.0"))
    assert read_record(path) == RECORD
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
