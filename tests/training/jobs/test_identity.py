"""A worker keeps its name, and workers that share a folder have one each."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from training.jobs.errors import StateError
from training.jobs.identity import take_identity

HOLDER = """
import sys, time
from pathlib import Path
from training.jobs.identity import take_identity
held = take_identity(Path(sys.argv[1]), None)
print(held.executor_id, flush=True)
time.sleep(300)
"""


def name_in(state, given=None):
    with take_identity(state, given) as identity:
        return identity.executor_id


def started_in(state):
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", HOLDER, str(state)], stdout=subprocess.PIPE, text=True
    )
    return process, process.stdout.readline().strip()


def killed(process):
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_name_is_made_once(tmp_path):
    first = name_in(tmp_path / "state")
    assert name_in(tmp_path / "state") == first
    assert name_in(tmp_path / "other") != first
    assert name_in(tmp_path / "state", "given") == "given"


def test_a_name_that_was_set_is_held_by_one(tmp_path):
    with take_identity(tmp_path, "a"), pytest.raises(StateError, match="at work as a"):
        take_identity(tmp_path, "a")
    assert name_in(tmp_path, "a") == "a"


def test_replicas_that_share_a_folder_have_a_name_each_and_take_it_again(tmp_path):
    """A worker that was killed is at once who it was: its job waits for no lapse."""
    one, first = started_in(tmp_path)
    two, second = started_in(tmp_path)
    try:
        assert first != second
        killed(one)
        one, again = started_in(tmp_path)
        assert again == first
        killed(two)
        two, again = started_in(tmp_path)
        assert again == second
    finally:
        killed(one)
        killed(two)


def test_many_that_start_at_once_have_a_name_each(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        held = list(pool.map(lambda _: take_identity(tmp_path, None), range(8)))
    assert len({one.executor_id for one in held}) == 8
    for one in held:
        one.lock.close()
    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(lambda _: take_identity(tmp_path, None), range(8)))
    assert {one.executor_id for one in again} == {one.executor_id for one in held}
    for one in again:
        one.lock.close()


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StateError, match="cannot be used"):
        take_identity(tmp_path / "state", None)
