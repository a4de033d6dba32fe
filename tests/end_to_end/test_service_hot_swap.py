"""Promotion and rollback in a real store, as callers over HTTP see them while they ask."""

import json
import time

import pytest

from models.bundle_files import write_bundle
from models.store import local_store
from tests.end_to_end.running_service import load_make_bundle, make_keys, serving
from tests.end_to_end.service_load import load_on

pytestmark = pytest.mark.slow

PATH = "/v1/predictions"
MOST_SECONDS_TO_SERVE = 10.0
PATIENCE_SECONDS = 60.0
MOST_ROUNDS = 3  # a machine that is held up spoils a time, but not every one


@pytest.fixture
def store(tmp_path):
    """A store with two versions, the first of them champion."""
    make_bundle = load_make_bundle()
    store = local_store(tmp_path / "var")
    for seed in range(2):
        write_bundle(make_bundle(seed=seed), tmp_path / str(seed))
        store.register(tmp_path / str(seed))
    store.promote("1")
    return store


def wait_for_version(http, question, version):
    """Ask until a version answers; how many seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE_SECONDS:
        answer = http.post(PATH, json=question)
        if answer.status_code == 200 and answer.json()["bundle"]["version"] == version:
            return time.monotonic() - began
        assert answer.status_code in (200, 503)  # 503 until the first bundle is there
        time.sleep(0.02)
    return pytest.fail(f"version {version} did not answer within {PATIENCE_SECONDS} s")


def test_promotion_and_rollback_are_served_within_seconds_and_fail_nobody(
    store, question, tmp_path
):
    state = tmp_path / "state"
    keys = make_keys(state)
    options = ("--store", tmp_path / "var", "--bundle", "champion")
    with (
        serving(state, keys, *options, CUPROMARK_SERVE_WATCH_SECONDS="1") as service,
        service.http() as http,
    ):
        wait_for_version(http, question, "1")
        asked = {"key": keys["predict"], "n_threads": 3, "pause_seconds": 0.005}
        with load_on(service.address, PATH, question, **asked) as load:
            for _ in range(MOST_ROUNDS):
                store.promote("2")
                promoted = wait_for_version(http, question, "2")
                ready = http.get("/v2/health/ready").json()
                listed = {one["version"]: one for one in http.get("/v1/bundles").json()["items"]}
                example = http.get("/openapi.json").json()["paths"][PATH]["post"]["requestBody"]
                store.rollback()
                rolled_back = wait_for_version(http, question, "1")
                if max(promoted, rolled_back) < MOST_SECONDS_TO_SERVE:
                    break
        assert service.end() == 0
    assert promoted < MOST_SECONDS_TO_SERVE
    assert rolled_back < MOST_SECONDS_TO_SERVE
    assert (ready["version"], ready["degraded"]) == ("2", False)
    assert (listed["2"]["serves"], listed["1"]["serves"]) == (True, False)
    assert listed["2"]["aliases"] == ["champion"]
    assert example["content"]["application/json"]["examples"]
    assert {one.came for one in load.outcomes} == {200}
    # Every answer is all of one version: there are as many different ones as versions.
    versions = [json.loads(body)["bundle"]["version"] for body in load.answers]
    assert versions == ["1", "2"]
