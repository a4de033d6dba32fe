import os

import pytest

from serving.reports.kept import KeptReports


def key(number):
    return f"{number:064x}"


@pytest.fixture
def kept(tmp_path):
    return KeptReports(tmp_path / "reports", most_bytes=3000)


def put(kept, number, *, size=1000, used_at=None):
    folder = kept.folder_of(key(number))
    folder.mkdir(parents=True)
    (folder / "record.json").write_bytes(b"x" * size)
    os.utime(folder, (used_at or number, used_at or number))


def held(kept, numbers):
    return [number for number in numbers if kept.folder_of(key(number)).is_dir()]


def test_the_least_used_goes_first(kept):
    for number in range(1, 6):
        put(kept, number)
    assert kept.has(key(1), "record.json")  # used now
    kept.make_room(key(5))
    assert held(kept, range(1, 6)) == [1, 4, 5]


def test_the_report_in_use_stays_however_large_it_is(kept):
    put(kept, 1)
    put(kept, 2, size=9000)
    kept.make_room(key(2))
    assert held(kept, (1, 2)) == [2]


def test_what_is_no_report_is_left_alone(kept):
    put(kept, 1, size=9000)
    other = kept.folder_of("notes")
    other.mkdir()
    (other / "one").write_bytes(b"x" * 9000)
    kept.make_room(key(2))
    assert other.is_dir()
    assert held(kept, (1,)) == []


def test_nothing_is_there_before_the_first(kept):
    assert not kept.has(key(1), "record.json")
    kept.make_room(key(1))
