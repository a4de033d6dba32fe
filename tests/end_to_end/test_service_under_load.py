"""The end of the process while it is asked: killed, asked to end, and started again."""

import signal
import time

import pytest

from serving.http_protocol import LINGER_SECONDS
from tests.end_to_end.running_service import make_keys, serving
from tests.end_to_end.service_load import BROKEN, REFUSED, load_on
from tests.ports import free_port

N_THREADS = 8
PATH = "/v1/predictions"
MOST_SECONDS_TO_READY = 15.0  # 5 on a machine that does nothing else
MOST_ROUNDS = 3  # a machine that is held up spoils a time, but not every one
# Pages of code and caches that fill; a leak of 1 KB a request would be more.
MOST_MIB_MORE = 8.0
N_REQUESTS = 500


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def keys(state):
    return make_keys(state)


def test_killed_under_load_only_requests_in_flight_fail(state, keys, made_up_folder, question):
    for _ in range(MOST_ROUNDS):
        seconds_to_ready = kill_and_restart(state, keys, made_up_folder, question)
        if seconds_to_ready < MOST_SECONDS_TO_READY:
            break
    assert seconds_to_ready < MOST_SECONDS_TO_READY


def kill_and_restart(state, keys, made_up_folder, question):
    """Kill the service under load and start it again; seconds until it answered."""
    port = free_port()
    options = ("--bundle", made_up_folder)
    with (
        serving(state, keys, *options, port=port) as first,
        load_on(first.address, PATH, question, key=keys["predict"], n_threads=N_THREADS) as load,
    ):
        load.wait_for_each(N_THREADS)
        first.process.kill()
        first.process.wait()
        killed_at = time.monotonic()
        time.sleep(0.3)
        started_at = time.monotonic()
        with serving(state, keys, *options, port=port) as second:
            ready_at = load.wait_for_success(since=killed_at, patience_seconds=60)
            load.wait_for(lambda: len(load.of(200, since=ready_at)) > N_THREADS)
            broken = load.of(BROKEN)
            # Once a thread at most, on a connection to the one that was killed: whoever was between
            # two requests then finds out with the next one.
            assert len({one.asker for one in broken}) == len(broken)
            assert all(one.connected <= killed_at for one in broken)
            assert load.others == []
            assert load.of(REFUSED, since=ready_at) == []
            assert len(load.answers) == 1  # after the restart what was answered before it
            assert second.process.poll() is None
    return ready_at - started_at


def test_asked_to_end_under_load_no_request_is_dropped(state, keys, made_up_folder, question):
    with (
        serving(state, keys, "--bundle", made_up_folder) as service,
        load_on(service.address, PATH, question, key=keys["predict"], n_threads=N_THREADS) as load,
    ):
        load.wait_for_each(N_THREADS)
        told_at = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(60) == 0
        load.wait_for(lambda: len({one.asker for one in load.of(REFUSED)}) == N_THREADS)
        # A thread that was held up may ask only when idle connections are closed already.
        late = told_at + LINGER_SECONDS / 2
        assert [one for one in load.of(BROKEN) if one.began < late] == []
        assert load.others == []


def test_memory_stays_flat_under_load(state, keys, made_up_folder, question):
    with serving(state, keys, "--bundle", made_up_folder) as service:
        asked = {"key": keys["predict"], "n_threads": 4}
        with load_on(service.address, PATH, question, **asked) as warming:
            time.sleep(4)
            warming.wait_for(lambda: len(warming.outcomes) > N_REQUESTS)
        warm_mib = service.resident_mib
        with load_on(service.address, PATH, question, **asked) as load:
            time.sleep(8)
            load.wait_for(lambda: len(load.outcomes) > N_REQUESTS)
        assert load.others == []
        assert len(load.of(200)) == len(load.outcomes) > N_REQUESTS
        assert service.resident_mib - warm_mib < MOST_MIB_MORE
        assert service.end() == 0
