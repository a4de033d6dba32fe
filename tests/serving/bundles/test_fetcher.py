"""The loop of the child; what it says is tested with the poll, and with MLflow end to end."""

import queue
import sqlite3
import subprocess
import sys

import pytest

from serving.bundles.fetcher import stamp_of, watch
from serving.bundles.messages import Orders

LIGHT = """
import sys
import serving.bundles.metrics, serving.bundles.opening, serving.bundles.readiness
heavy = {"mlflow", "sklearn", "xgboost", "shap", "pandas", "pyarrow", "scipy"}
print(sorted(heavy & set(sys.modules)))
"""


class Enough(Exception):  # noqa: N818 - it ends a loop that has no end
    pass


class FakePoll:
    def __init__(self, looks):
        self.looks_left = looks
        self.done = []

    def look(self):
        self.done.append("look")
        self.looks_left -= 1
        if not self.looks_left:
            raise Enough

    def fetch(self, version):
        self.done.append(f"fetch {version}")

    def again(self, version):
        self.done.append(f"again {version}")


def orders(poll_seconds):
    return Orders("sqlite:///x", "cache", "cupromark", "champion", poll_seconds, ())


def test_it_looks_at_every_interval():
    poll = FakePoll(3)
    with pytest.raises(Enough):
        watch(poll, orders(0.001), queue.SimpleQueue(), stamp=tuple)
    assert poll.done == ["look"] * 3


def test_it_looks_at_once_when_the_database_changed():
    poll, stamps = FakePoll(2), iter([((1, 1),), ((2, 1),), ((2, 1),)])
    with pytest.raises(Enough):
        watch(poll, orders(3600), queue.SimpleQueue(), stamp=lambda: next(stamps))
    assert poll.done == ["look", "look"]


def test_a_change_during_a_look_is_not_missed():
    """The times are read before the look: what changes while it looks makes it look again."""
    now = {"stamp": ((1, 1),)}

    class Changing(FakePoll):
        def look(self):
            now["stamp"] = ((2, 1),)
            super().look()

    poll = Changing(2)
    with pytest.raises(Enough):
        watch(poll, orders(3600), queue.SimpleQueue(), stamp=lambda: now["stamp"])
    assert poll.done == ["look", "look"]


def test_requests_are_followed_between_two_looks():
    requests = queue.SimpleQueue()
    for request in ("fetch 3", "again 4", "dance 5"):
        requests.put(request)
    poll, stamps = FakePoll(2), iter([(), ((1, 1),), ()])
    with pytest.raises(Enough):
        watch(poll, orders(3600), requests, stamp=lambda: next(stamps))
    assert poll.done == ["look", "fetch 3", "again 4", "look"]


def test_the_stamp_of_a_database_changes_when_it_is_written_to(tmp_path):
    path = tmp_path / "mlflow.db"
    assert stamp_of(None) == stamp_of(path) == ()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE aliases (version TEXT)")
        connection.commit()
        before = stamp_of(path)
        assert stamp_of(path) == before
        connection.execute("INSERT INTO aliases VALUES ('2')")
        connection.commit()
        assert stamp_of(path) != before
    connection.close()


def test_the_answering_process_needs_nothing_heavy_to_watch():
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
