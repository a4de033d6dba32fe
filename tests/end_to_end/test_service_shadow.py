"""The shadow in a real store: swaps of either bundle, and a damaged challenger, cost no caller."""

import time

import httpx
import pytest

from models.bundle_files import write_bundle
from models.store import local_store
from tests.end_to_end.running_service import load_make_bundle, make_keys, question_of, serving
from tests.end_to_end.service_load import load_on

pytestmark = pytest.mark.slow

PATH = "/v1/predictions"
PATIENCE_SECONDS = 60.0
SHADOWED = {
    "CUPROMARK_SERVE_SHADOW_SHARE": "1",
    "CUPROMARK_SERVE_SHADOW_STORE_SECONDS": "0.5",
    "CUPROMARK_SERVE_WATCH_SECONDS": "1",
}


@pytest.fixture
def make_store(tmp_path):
    """Make a store with some versions, the first of them champion, the last challenger."""
    make_bundle = load_make_bundle()

    def register(store, seed):
        write_bundle(make_bundle(seed=seed), tmp_path / str(seed))
        return store.register(tmp_path / str(seed))

    def make_store():
        store = local_store(tmp_path / "var")
        register(store, 0)
        store.promote("1")
        register(store, 1)
        return store, register

    return make_store


def wait_for(condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    return pytest.fail(f"it did not happen within {PATIENCE_SECONDS} s")


def teller(service):
    headers = {"Authorization": f"Bearer {service.keys['operate']}"}

    def told():
        answer = httpx.get(f"{service.address}/v1/shadow", headers=headers, timeout=60)
        return answer.raise_for_status().json()

    return told


def test_either_bundle_is_swapped_under_load_and_fails_nobody(make_store, tmp_path):
    store, register = make_store()
    state = tmp_path / "state"
    question = question_of(load_make_bundle()(), n_samples=30)
    with serving(state, make_keys(state), "--store", tmp_path / "var", **SHADOWED) as service:
        told = teller(service)
        wait_for(lambda: told()["state"] == "on")
        asked = {"key": service.keys["predict"], "n_threads": 3, "pause_seconds": 0.005}
        with load_on(service.address, PATH, question, **asked) as load:
            wait_for(lambda: told()["pair"])
            register(store, 2)  # another challenger
            wait_for(lambda: told()["challenger_version"] == "3")
            wait_for(lambda: len(told()["pairs"]) == 2)
            store.promote("3")  # another champion: no challenger is left
            wait_for(lambda: told()["challenger_version"] is None)
            register(store, 3)
            wait_for(lambda: told()["challenger_version"] == "4")
            pairs = wait_for(lambda: len(told()["pairs"]) == 3 and told()["pairs"])
            requests = told()["requests"]
        assert service.end() == 0
    assert {one.came for one in load.outcomes} == {200}
    assert len(load.answers) == 2  # one of each champion, none of a challenger
    versions = {(one["challenger"]["version"], one["champion"]["version"]) for one in pairs}
    assert versions == {("2", "1"), ("3", "1"), ("4", "3")}
    assert requests["failed"] == requests["refused"] == 0


def test_a_damaged_challenger_has_no_shadow_and_the_champion_answers(make_store, tmp_path):
    make_store()
    whole = (tmp_path / "1" / "linear.npz").read_bytes()
    stored = [one for one in (tmp_path / "var").rglob("linear.npz") if one.read_bytes() == whole]
    assert stored
    for one in stored:
        one.write_bytes(whole[:-10])
    state = tmp_path / "state"
    question = question_of(load_make_bundle()(), n_samples=2)
    with serving(state, make_keys(state), "--store", tmp_path / "var", **SHADOWED) as service:
        told = teller(service)
        refused = wait_for(lambda: told()["state"] == "refused" and told())
        with service.http() as http:
            answer = http.post(PATH, json=question)
        assert service.end() == 0
    assert answer.status_code == 200
    assert answer.json()["bundle"]["version"] == "1"
    assert refused["reason"]
    assert refused["requests"]["answered"] == 0
