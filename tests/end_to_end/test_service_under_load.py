"""The end of the process while it is asked: killed, asked to end, and started again."""

import signal
import time

import pytest

from tests.end_to_end.running_service import make_keys, serving
from tests.end_to_end.service_load import BROKEN, REFUSED, load_on
from tests.ports import free_port

N_THREADS = 8
PATH = "/v1/predictions"
MOST_SECONDS_TO_READY = 15.0  # 5 on a machine that does nothing else
# Pages of code and caches that fill; a leak of 1 KB a request would be more.
MOST_MIB_MORE = 8.0


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def keys(state):
    return make_keys(state)


def test_killed_under_load_only_requests_in_flight_fail(state, keys, made_up_folder, question):
    port = free_port()
    options = ("--bundle", made_up_folder)
    with (
        serving(state, keys, *options, port=port) as first,
        load_on(first.address, PATH, question, key=keys["predict"], n_threads=N_THREADS) as load,
    ):
        load.wait_for_success(since=0, patience_seconds=20)
        time.sleep(0.5)
        first.process.kill()
        first.process.wait()
        killed_at = time.monotonic()
        time.sleep(0.3)
        started_at = time.monotonic()
        with serving(state, keys, *options, port=port) as second:
            ready_at = load.wait_for_success(since=killed_at, patience_seconds=60)
            time.sleep(0.5)
            broken = load.of(BROKEN)
            assert len(broken) <= N_THREADS
            assert all(one.began <= killed_at for one in broken)
            assert load.others == []
            assert load.of(REFUSED, since=ready_at) == []
            assert len(load.answers) == 1  # after the restart what was answered before it
            assert second.process.poll() is None
    assert ready_at - started_at < MOST_SECONDS_TO_READY


def test_asked_to_end_under_load_no_request_is_dropped(state, keys, made_up_folder, question):
    with (
        serving(state, keys, "--bundle", made_up_folder) as service,
        load_on(service.address, PATH, question, key=keys["predict"], n_threads=N_THREADS) as load,
    ):
        load.wait_for_success(since=0, patience_seconds=20)
        time.sleep(0.5)
        n_before = len(load.outcomes)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(60) == 0
        time.sleep(0.1)
        assert n_before > N_THREADS
        assert load.of(BROKEN) == []
        assert load.others == []
        assert load.of(REFUSED) != []


def test_memory_stays_flat_under_load(state, keys, made_up_folder, question):
    with serving(state, keys, "--bundle", made_up_folder) as service:
        asked = {"key": keys["predict"], "n_threads": 4}
        with load_on(service.address, PATH, question, **asked):
            time.sleep(4)
        warm_mib = service.resident_mib
        with load_on(service.address, PATH, question, **asked) as load:
            time.sleep(8)
        assert load.others == []
        assert len(load.of(200)) == len(load.outcomes) > 500
        assert service.resident_mib - warm_mib < MOST_MIB_MORE
        assert service.end() == 0
