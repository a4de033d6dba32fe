"""Retraining with everything real: API, worker, store, review desk, and Chromium to watch it in."""

import json
import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from datetime import datetime

import httpx
import pytest
from playwright.sync_api import expect

from models.store import CHAMPION, local_store
from tests.end_to_end.logging_in import login_cookies
from tests.end_to_end.running_service import PATIENCE_SECONDS, SCRIPT, make_keys, serving
from training.jobs.question import DRILL_TAG
from training.promotion.policy import load_policy

pytestmark = pytest.mark.slow

JOB_SECONDS = 240
SERVED_SECONDS = 10  # until the service answers with another champion, where nothing is held up
FIRST = {"kind": "retrain", "cohort": "ccle-gdsc2", "drugs": ["Cisplatin", "Docetaxel"]}
FIRST |= {"n_seeds": 1}
# What was learned and more: no worse than the champion, whatever chance does with the folds.
MORE = FIRST | {"drugs": [*FIRST["drugs"], "Olaparib"], "policy": "signed"}
STRICT = ("supported", "exploratory")  # statuses of which people have to approve every drug
ENDED = {"succeeded", "failed", "cancelled"}


@contextmanager
def working(store, folder, **environment):
    """Run `cupromark worker` until the block ends; killed if it does not end as asked."""
    command = (SCRIPT, "worker", "--store", store, "--service-state", store / "serving")
    log = folder / "worker.log"
    with (
        log.open("ab") as errors,
        subprocess.Popen(  # noqa: S603
            [*map(str, command), "--state", str(folder / "worker"), "--json"],
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | environment,
        ) as process,
    ):
        try:
            yield log
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        finally:
            process.kill()


@pytest.fixture
def policies(tmp_path):
    """Folder with the policy that is shipped, but for asking people about more drugs."""
    folder = tmp_path / "policies"
    folder.mkdir()
    rules = json.loads(load_policy().to_json())
    rules["version"] = "signed"
    rules["rules"]["sign_off_statuses"]["value"] = list(STRICT)
    (folder / "signed.json").write_text(json.dumps(rules))
    return folder


@pytest.fixture
def place(tmp_path, policies, shared_data):
    """A service and a worker at a store in which nothing is yet."""
    store = tmp_path / "var"
    keys = make_keys(store / "serving")
    of_worker = {
        "CUPROMARK_MIRROR": str(shared_data),
        "CUPROMARK_WORKER_POLICIES": str(policies),
        "CUPROMARK_WORKER_POLL_SECONDS": "0.1",
        "CUPROMARK_WORKER_PROCESSES": "1",
        # A commit that somebody makes meanwhile is new code, and so would be news to a job.
        "GIT_DIR": str(tmp_path / "no-repository"),
    }
    with (
        serving(store / "serving", keys, "--store", store) as service,
        working(store, tmp_path, **of_worker) as worker_log,
    ):
        headers = {"Authorization": f"Bearer {service.keys['admin']}"}
        with httpx.Client(base_url=service.address, headers=headers, timeout=60) as http:
            yield Place(service, store, worker_log, http)
        assert service.end() == 0
        assert '"status":500' not in service.log.read_text()


class Place:
    """What an operator does over HTTP, and what the store holds after it."""

    def __init__(self, service, folder, worker_log, http):
        self.service = service
        self.folder = folder
        self.store = local_store(folder)
        self.http = http
        self._worker_log = worker_log

    def submit(self, spec):
        answer = self.http.post("/v1/jobs", json=spec)
        assert answer.status_code == 202, answer.text
        return answer.json()["job_id"]

    def job(self, job_id):
        return self.http.get(f"/v1/jobs/{job_id}").json()

    def log_of(self, job_id):
        lines = self.http.get(f"/v1/jobs/{job_id}/log", params={"limit": 500}).json()["items"]
        return [line["text"] for line in lines]

    def ended(self, job_id):
        """Wait for the end of a job that nobody watches."""
        end = time.monotonic() + JOB_SECONDS
        while (job := self.job(job_id))["state"] not in ENDED:
            assert time.monotonic() < end, (job, self._worker_log.read_text()[-2000:])
            time.sleep(0.2)
        return job

    def aliases(self, name):
        found = self.store.find(name)
        return None if found is None else found.version

    def approve_all(self, sha256):
        """Approve every drug of a bundle, as a lead does over the API."""
        known = self.http.get("/v1/reviews/sign-offs", params={"bundle": sha256}).json()["items"]
        for drug in known:
            body = {"bundle_sha256": sha256, "drug": drug["drug"], "decision": "approve"}
            body |= {"comment": "Seen.", "figures_sha256": drug["figures_sha256"]}
            headers = {"If-Match": f'"{drug["version"]}"'}
            answer = self.http.post("/v1/reviews/sign-offs", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
        return [drug["drug"] for drug in known]

    def serves(self, version):
        """Wait until predictions come from a version; the drugs that are answered then."""
        end = time.monotonic() + PATIENCE_SECONDS
        while (ready := self.http.get("/v2/health/ready").json()).get("version") != version:
            assert time.monotonic() < end, ready
            time.sleep(0.05)
        paths = self.http.get("/openapi.json").json()["paths"]
        content = paths["/v1/predictions"]["post"]["requestBody"]["content"]["application/json"]
        question = next(iter(content["examples"].values()))["value"]
        answer = self.http.post("/v1/predictions", json=question | {"drugs": None})
        assert answer.status_code == 200, answer.text
        assert answer.json()["bundle"]["version"] == version
        return {one["drug"]: one["approval"] for one in answer.json()["predictions"]}


@pytest.fixture
def watch(open_page, place):
    """Open the page of a job and follow it to its end."""
    service = place.service
    page = open_page(
        service.address, cookies=login_cookies(service.address, service.keys["operate"])
    )

    def to_its_end(job_id):
        page.goto(f"/jobs/{job_id}")
        # A short job may have ended before the page is there.
        live = re.compile("Live: this page follows the job|The job has ended")
        expect(page.locator("#job-link")).to_have_text(live)
        over = page.locator("#job-link", has_text="The job has ended.")
        expect(over).to_be_visible(timeout=JOB_SECONDS * 1000)
        return page

    return to_its_end


def gate_of(page):
    """Rows of the table in which the page lists what the gate had against a bundle."""
    rows = page.locator(".gate tbody tr")
    expect(rows.first).to_be_visible()
    return [" ".join(row.split()) for row in rows.all_inner_texts()]


def test_from_the_first_champion_over_refusals_to_the_next_and_back(place, watch, run_script):
    the_first_is_trained_and_promoted(place, watch)
    nothing_new_trains_nothing(place)
    a_fire_drill_is_refused(place, watch)
    version = a_challenger_waits_for_people(place, watch)
    people_approve_and_a_job_promotes(place, watch, version)
    going_back_is_followed(place, run_script, version)


def the_first_is_trained_and_promoted(place, watch):
    assert place.http.get("/v2/health/ready").status_code == 503
    job_id = place.submit(FIRST)
    page = watch(job_id)
    expect(page.locator("#job-standing")).to_contain_text("passed the gate and is the champion")
    expect(page.locator("#job-percent")).to_have_text("100%")
    for drug in FIRST["drugs"]:
        expect(page.locator("#job-log")).to_contain_text(f"trained {drug}: roc_auc 0.7")
    assert place.job(job_id)["version"] == "1"
    assert place.serves("1") == dict.fromkeys(FIRST["drugs"], "none")


def nothing_new_trains_nothing(place):
    job = place.ended(place.submit(FIRST))
    assert (job["state"], job["outcome"], job["version"]) == ("succeeded", "nothing_new", "1")
    assert not [line for line in place.log_of(job["job_id"]) if line.startswith("trained")]
    assert [one.version for one in place.store.list()] == ["1"]


def a_fire_drill_is_refused(place, watch):
    job_id = place.submit(FIRST | {"drill": "shuffled_labels"})
    page = watch(job_id)
    expect(page.locator("#job-standing")).to_contain_text("refused by the gate")
    expect(page.locator("#job-standing")).to_contain_text("fire drill")
    job = place.job(job_id)
    assert len(gate_of(page)) == len(job["reasons"]) > 0
    (ranking,) = (row for row in gate_of(page) if row.startswith("roc_auc "))
    assert "0 of 2 shared drugs can be compared" in ranking
    assert "shared lines changed their label" in ranking
    drilled = place.store.show(job["version"])
    assert drilled.tags[DRILL_TAG] == "shuffled_labels"
    at_desk = place.http.get("/v1/reviews/bundles").json()["items"]
    assert drilled.sha256 not in [one["sha256"] for one in at_desk] != []
    assert place.aliases(CHAMPION) == "1"
    place.serves("1")


def a_challenger_waits_for_people(place, watch):
    job_id = place.submit(MORE)
    page = watch(job_id)
    expect(page.locator("#job-standing")).to_contain_text("The gate refused it")
    (reason,) = gate_of(page)
    assert reason.startswith("sign offs")
    assert "nobody decided about Cisplatin, Docetaxel, Olaparib" in reason
    assert place.aliases(CHAMPION) == "1"
    return place.job(job_id)["version"]


def people_approve_and_a_job_promotes(place, watch, version):
    again = {"kind": "promote", "bundle": version, "policy": MORE["policy"]}
    assert place.ended(place.submit(again))["outcome"] == "refused"
    assert set(place.approve_all(place.store.show(version).sha256)) == set(MORE["drugs"])
    page = watch(place.submit(again))
    expect(page.locator("#job-standing")).to_contain_text("passed the gate and is the champion")
    assert place.serves(version) == dict.fromkeys(MORE["drugs"], "approved")


def going_back_is_followed(place, run_script, version):
    options = ("--store", place.folder, "--state", place.folder / "serving")
    back = run_script("models", "rollback", *options)
    assert (back.returncode, back.stdout) == (0, "Version 1 is champion again.\n"), back.stderr
    assert place.serves("1") == dict.fromkeys(FIRST["drugs"], "none")
    listed = run_script("audit", "list", "--json", "--limit", 10_000, *options[2:])
    assert min(seconds_to_serve(place, json.loads(listed.stdout))) < SERVED_SECONDS
    trail = [(one["action"], one.get("bundle_version")) for one in json.loads(listed.stdout)]
    assert [one for one in reversed(trail) if one[0].startswith("bundle.")] == [
        ("bundle.accepted", "1"),
        ("bundle.promoted", "1"),
        ("bundle.refused", "2"),  # the drill
        ("bundle.refused", version),
        ("bundle.refused", version),
        ("bundle.accepted", version),
        ("bundle.promoted", version),
        ("bundle.rolled_back", "1"),
    ]


def seconds_to_serve(place, trail):
    """From each change of the champion, as it was written down, to the swap that followed."""
    logged = [json.loads(line) for line in place.service.log.read_text().splitlines()]
    served = [
        (one["version"], datetime.fromisoformat(one["timestamp"]))
        for one in logged
        if one["event"] == "bundle_served"
    ]
    changes = [
        (one["bundle_version"], datetime.fromisoformat(one["at"]))
        for one in reversed(trail)
        if one["action"] in ("bundle.promoted", "bundle.rolled_back")
    ]
    assert [version for version, _ in served] == [version for version, _ in changes]
    return [
        (swapped - changed).total_seconds()
        for (_, swapped), (_, changed) in zip(served, changes, strict=True)
    ]
