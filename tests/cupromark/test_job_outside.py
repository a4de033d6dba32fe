"""Jobs reach the review desk and the audit trail, and wait where these are away."""

import importlib.util
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from cupromark import job_outside
from cupromark.job_outside import ServiceOutside
from models.bundle_files import verify_bundle, write_bundle
from models.store import local_store
from serving.access.audit_entries import read_entries
from serving.database.engine import open_database
from serving.database.schema import upgrade_database
from serving.shadow.store import Pair, add_sums
from serving.shadow.sums import DrugSums, PairSums
from tests.training.jobs.acting import until
from training.jobs.errors import AwayError
from training.jobs.outside import Registered
from training.promotion.shadow_checks import ShadowFigures

MADE_UP = Path(__file__).resolve().parents[1] / "models" / "conftest.py"
ASKED = {"statuses": ["supported"], "people": 1, "judged_kinds": []}
N_DRUGS, KILLED_SECONDS = 4, 10
VERSION = Registered("job1", "ada", "1", "f" * 64, "gdsc")


def going_on():
    """Nobody has cancelled the job."""


@pytest.fixture
def state(tmp_path):
    folder = tmp_path / "serving"
    folder.mkdir()
    database = open_database(f"sqlite:///{folder / 'serving.db'}")
    upgrade_database(database)
    database.close()
    return folder


@pytest.fixture
def outside(tmp_path, state):
    return ServiceOutside(str(tmp_path / "var"), address=None, state=state)


def test_decisions_and_promotions_stand_in_the_audit_trail(outside, state):
    outside.decided(VERSION, {"accepted": True, "reasons": [], "policy_version": "1 (ab)"})
    outside.promoted(VERSION, "3")
    refused = {"accepted": False, "reasons": ["roc_auc: worse"], "policy_version": "1 (ab)"}
    outside.decided(VERSION, refused)
    database = open_database(f"sqlite:///{state / 'serving.db'}")
    entries = {entry.action: entry for entry in read_entries(database)}
    database.close()
    assert set(entries) == {"bundle.accepted", "bundle.promoted", "bundle.refused"}
    assert entries["bundle.promoted"].caller == "ada"
    assert entries["bundle.promoted"].bundle_version == "1"
    assert entries["bundle.promoted"].detail == "job job1; champion until then: version 3"
    assert "roc_auc: worse" in entries["bundle.refused"].detail


def test_without_a_service_nothing_is_written_and_the_desk_lacks_everything(tmp_path):
    outside = ServiceOutside(str(tmp_path / "var"), address=None, state=tmp_path / "none")
    outside.decided(VERSION, {"accepted": True, "reasons": [], "policy_version": "1"})
    outside.promoted(VERSION, None)
    assert "no database" in outside.registered(VERSION, check=going_on)
    assert outside.answers_in_shadow(VERSION, "a" * 64) is None
    assert outside.missing_sign_offs(VERSION, ASKED)
    assert outside.approvals(VERSION, 1) == {}
    assert not (tmp_path / "none").exists()


def test_a_database_that_is_away_is_waited_for(tmp_path):
    address = "postgresql://nobody@127.0.0.1:1/none"
    outside = ServiceOutside(str(tmp_path / "var"), address=address, state=tmp_path)
    for ask in (
        lambda: outside.registered(VERSION, check=going_on),
        lambda: outside.approvals(VERSION, 1),
        lambda: outside.missing_sign_offs(VERSION, ASKED),
        lambda: outside.answers_in_shadow(VERSION, "a" * 64),
        lambda: outside.promoted(VERSION, None),
    ):
        with pytest.raises(AwayError):
            ask()


def test_what_the_service_counted_in_the_shadow_is_told(outside, state):
    champion = "a" * 64
    assert outside.answers_in_shadow(VERSION, champion) == ShadowFigures(0, 0)
    database = open_database(f"sqlite:///{state / 'serving.db'}")
    sums = PairSums(n_requests=1, n_profiles=10)
    drugs = {"Cisplatin": DrugSums(10, 0, 0.5, 0.25, (7, 1, 0, 0, 0, 2, 0, 0, 0))}
    pair = Pair(VERSION.bundle_sha256, champion, "2", "1")
    add_sums(database, pair, sums, drugs, datetime.now(UTC))
    database.close()
    assert outside.answers_in_shadow(VERSION, champion) == ShadowFigures(10, 3)
    assert outside.answers_in_shadow(VERSION, "b" * 64) == ShadowFigures(0, 0)


@pytest.fixture
def registered(tmp_path):
    spec = importlib.util.spec_from_file_location("made_up_bundles", MADE_UP)
    made_up = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made_up)
    write_bundle(made_up.make_bundle(), tmp_path / "bundle")
    version = local_store(tmp_path / "var").register(tmp_path / "bundle")
    sha256 = verify_bundle(tmp_path / "bundle").sha256
    return Registered("job1", "ada", version, sha256, "gdsc")


def test_a_registered_version_gets_to_the_desk(outside, registered):
    assert "not at the review desk" in outside.missing_sign_offs(registered, ASKED)[0]
    assert "4 drugs" in outside.registered(registered, check=going_on)
    assert outside.missing_sign_offs(registered, ASKED) == [
        "1 drug: nobody decided about Cisplatin."
    ]
    assert "were at the desk already" in outside.registered(registered, check=going_on)


class Cancelled(BaseException):
    """As `training.jobs.errors.StepAbandoned`: no Exception."""


def sleeping(tmp_path, monkeypatch, script):
    """Have another program in the place of the one that prepares the desk; its pids in a file."""
    program = tmp_path / "program.py"
    pids = tmp_path / "pids"
    imports = "import os, subprocess, sys, time\nfrom pathlib import Path"
    program.write_text(f"{imports}\npids = {str(pids)!r}\n{script}")
    monkeypatch.setattr(job_outside, "DESK_CHILD", (sys.executable, str(program)))
    return pids


FAMILY = """
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
Path(pids + ".new").write_text(f"{os.getpid()} {other.pid}")
os.rename(pids + ".new", pids)
time.sleep(600)
"""


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_job_that_is_cancelled_takes_the_process_and_what_it_started_along(
    outside, tmp_path, monkeypatch
):
    pids = sleeping(tmp_path, monkeypatch, FAMILY)

    def check():
        if pids.exists():
            raise Cancelled

    with pytest.raises(Cancelled):
        outside.registered(VERSION, check=check)
    both = [int(pid) for pid in pids.read_text().split()]
    assert len(both) == 2
    until(lambda: all(map(is_gone, both)), "both processes are gone", 60)


def test_a_desk_that_takes_too_long_is_given_up_and_told_of(tmp_path, state, monkeypatch):
    pids = sleeping(tmp_path, monkeypatch, FAMILY)
    outside = ServiceOutside("var", address=None, state=state, longest_seconds=2)
    said = outside.registered(VERSION, check=lambda: until(pids.exists, "it has begun"))
    assert said == "the review desk was not prepared: it took longer than 2 s"
    until(lambda: all(is_gone(int(pid)) for pid in pids.read_text().split()), "it is gone", 60)


def test_a_desk_that_takes_too_much_memory_is_given_up_and_told_of(tmp_path, state, monkeypatch):
    sleeping(tmp_path, monkeypatch, "held = b'x' * 200_000_000\ntime.sleep(600)")
    outside = ServiceOutside("var", address=None, state=state, memory_bytes=100_000_000)
    said = outside.registered(VERSION, check=going_on)
    held = re.fullmatch(
        "the review desk was not prepared: it held ([0-9,]+) bytes of the 100,000,000 that it may",
        said,
    )
    assert held, said
    assert int(held[1].replace(",", "")) > 100_000_000  # it is weighed while it still grows


def test_a_desk_that_cannot_be_prepared_is_told_of_with_the_reason(
    outside, registered, tmp_path, monkeypatch
):
    missing = replace(registered, version="99")
    said = outside.registered(missing, check=going_on)
    assert said.startswith("the review desk was not prepared: ")
    assert "99" in said
    sleeping(tmp_path, monkeypatch, "sys.exit('no luck')")
    said = outside.registered(VERSION, check=going_on)
    assert said == "the review desk was not prepared: ended with code 1: no luck"


def test_a_database_that_goes_away_while_the_desk_is_prepared_is_waited_for(
    tmp_path, state, monkeypatch
):
    outside = ServiceOutside("var", address=None, state=state)
    damage = f"Path({str(state / 'serving.db')!r}).write_bytes(b'damaged' * 1000)"
    sleeping(tmp_path, monkeypatch, f"{damage}\nsys.exit(1)")
    with pytest.raises(AwayError, match="cannot be used"):
        outside.registered(VERSION, check=going_on)


@pytest.mark.parametrize(("store", "said"), [("http://127.0.0.1:1", "MLflow at")])
def test_a_store_that_is_away_is_waited_for_by_the_desk_too(state, store, said):
    outside = ServiceOutside(store, address=None, state=state)
    with pytest.raises(AwayError, match=said):
        outside.registered(VERSION, check=going_on)


def test_the_process_of_the_desk_dies_with_its_worker(tmp_path, state):
    """Killed, a worker has no moment left to end it."""
    worker = (
        "from pathlib import Path; import sys, time\n"
        "from training.jobs.child_process import ChildProcess\n"
        "from cupromark.job_outside import DESK_CHILD\n"
        "child = ChildProcess(command=DESK_CHILD)\n"  # it waits for its order
        "print(child.pid, flush=True)\ntime.sleep(600)\n"
    )
    command = [sys.executable, "-c", worker]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603
        try:
            pid = int(process.stdout.readline())
            desk = psutil.Process(pid)
            until(lambda: desk.children(), "it has begun", 60)
            guard = desk.children()[0].pid
        finally:
            process.kill()
    until(lambda: is_gone(pid) and is_gone(guard), "it is gone", 60)
