"""Jobs reach the review desk and the audit trail, and wait where these are away."""

import importlib.util
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cupromark.job_outside import ServiceOutside
from models.bundle_files import verify_bundle, write_bundle
from models.store import local_store
from serving.access.audit_entries import read_entries
from serving.database.engine import open_database
from serving.database.schema import upgrade_database
from serving.shadow.store import Pair, add_sums
from serving.shadow.sums import DrugSums, PairSums
from training.jobs.errors import AwayError
from training.jobs.outside import Registered
from training.promotion.shadow_checks import ShadowFigures

MADE_UP = Path(__file__).resolve().parents[1] / "models" / "conftest.py"
ASKED = {"statuses": ["supported"], "people": 1, "judged_kinds": []}
VERSION = Registered("job1", "ada", "1", "f" * 64, "gdsc")


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
    assert "no database" in outside.registered(VERSION)
    assert outside.answers_in_shadow(VERSION, "a" * 64) is None
    assert outside.missing_sign_offs(VERSION, ASKED)
    assert not (tmp_path / "none").exists()


def test_a_database_that_is_away_is_waited_for(tmp_path):
    address = "postgresql://nobody@127.0.0.1:1/none"
    outside = ServiceOutside(str(tmp_path / "var"), address=address, state=tmp_path)
    for ask in (
        lambda: outside.registered(VERSION),
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


def test_a_registered_version_gets_to_the_desk(outside, tmp_path):
    spec = importlib.util.spec_from_file_location("made_up_bundles", MADE_UP)
    made_up = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made_up)
    write_bundle(made_up.make_bundle(), tmp_path / "bundle")
    version = local_store(tmp_path / "var").register(tmp_path / "bundle")
    sha256 = verify_bundle(tmp_path / "bundle").sha256
    registered = Registered("job1", "ada", version, sha256, "gdsc")
    assert "not at the review desk" in outside.missing_sign_offs(registered, ASKED)[0]
    assert "4 drugs" in outside.registered(registered)
    assert outside.missing_sign_offs(registered, ASKED) == [
        "1 drug: nobody decided about Cisplatin."
    ]
