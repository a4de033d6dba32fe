"""Promotion, rollback and retention from the command line, with the desk and the audit trail."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cupromark.databases import opened_database
from models.bundle_files import load_bundle, write_bundle
from models.store import local_store
from serving.reviews.reviewers import Reviewer
from serving.reviews.sign_offs import NewSignOff, list_drugs, sign_off
from serving.reviews.words import KINDS
from training.promotion.policy import JUDGED_KINDS, load_policy


@pytest.fixture
def own(store, tmp_path, monkeypatch):
    """Options of a store and a desk that may be changed; artifacts stay where they are."""
    for name in ("DATABASE_URL", "STATE", "JOBS_DATABASE_URL"):
        monkeypatch.delenv(f"CUPROMARK_SERVE_{name}", raising=False)
    monkeypatch.setenv("CUPROMARK_MIRROR", "")
    folder = tmp_path / "store"
    folder.mkdir()
    shutil.copy(store / "mlflow.db", folder / "mlflow.db")
    return ("--store", str(folder), "--state", str(tmp_path / "desk"))


@pytest.fixture
def registered(own, bundle, tmp_path):
    """Register the champion with every drug at a status; gives the version."""

    def registered(status):
        models = {drug: replace(one, status=status) for drug, one in bundle.drugs.items()}
        folder = tmp_path / status
        write_bundle(replace(bundle, drugs=models, golden=bundle.golden), folder)
        return local_store(tmp_path / "store").register(folder)

    return registered


def approve_all(state, bundle_sha256):
    with opened_database(None, Path(state)) as database:
        for drug in list_drugs(database, bundle_sha256, n_people=1):
            decided = NewSignOff(
                bundle_sha256=bundle_sha256,
                drug=drug["drug"],
                decision="approve",
                limits="",
                comment="Seen.",
                figures_sha256=drug["figures_sha256"],
            )
            someone = Reviewer("somebody", "key", is_lead=True)
            now = datetime.now(UTC)
            sign_off(database, decided, seen_version=0, reviewer=someone, now=now, n_people=1)


def actions(run, own):
    trail = json.loads(run("audit", "list", "--state", own[-1], "--json").out)
    return [one["action"] for one in trail]


def test_the_policy_knows_the_findings_of_the_desk():
    assert JUDGED_KINDS == KINDS


def test_a_dry_run_says_what_would_be_and_changes_nothing(run, own, registered, tmp_path):
    version = registered("exploratory")
    looked = run("promote", version, "--dry-run", *own)
    assert looked.code == 0
    assert looked.out.endswith(f"Version {version} passes.\n")
    assert "passed  roc_auc_floor" in looked.out
    assert local_store(tmp_path / "store").find("champion").version == "1"
    assert actions(run, own) == []
    promoted = json.loads(run("promote", version, "--json", *own).out)
    assert (promoted["version"], promoted["promoted"]) == (version, True)
    assert {check["name"] for check in promoted["checks"] if check["passed"]} >= {
        "golden_answers",
        "roc_auc",
        "worse_drugs",
        "latency",
    }
    assert actions(run, own) == ["bundle.promoted", "bundle.accepted"]


def test_a_supported_drug_needs_a_decision_of_the_desk(run, own, registered):
    version = registered("supported")
    refused = run("promote", version, *own)
    assert refused.code == 1
    assert f"cupromark reviews prepare --bundle {version}" in refused.out
    assert run("reviews", "prepare", "--bundle", version, *own).code == 0
    refused = run("promote", version, *own)
    assert refused.code == 1
    assert "nobody decided about Cisplatin, Docetaxel" in refused.out
    approve_all(own[-1], local_store(own[1]).show(version).sha256)
    promoted = run("promote", version, *own)
    assert "nothing is missing for 2 drugs" in promoted.out
    assert actions(run, own) == [
        "bundle.promoted",
        "bundle.accepted",
        "bundle.refused",
        "reviews.prepared",
        "bundle.refused",
    ]
    # What was signed off is never removed, however old it is.
    local_store(own[1]).promote("1")
    local_store(own[1]).promote("2")
    local_store(own[1]).promote("3")
    kept = json.loads(run("retention", "--json", *own).out)["kept"]
    assert {one["version"]: one["why"] for one in kept}[version] == "signed off"


def test_own_rules_can_be_given_and_are_refused_where_they_make_no_sense(run, own, tmp_path):
    shown = run("promote", "--show-policy")
    assert shown.out == load_policy().to_json()
    rules = json.loads(shown.out)
    rules["version"] = "strict"
    rules["rules"]["roc_auc_floor"]["value"] = 0.95
    path = tmp_path / "strict.json"
    path.write_text(json.dumps(rules))
    refused = json.loads(run("promote", "1", "--policy", path, "--json", *own).out)
    assert refused["blocking"] == ["roc_auc_floor"]
    assert refused["policy_version"].startswith("strict (")
    path.write_text("{}")
    assert run("promote", "1", "--policy", path, *own).code == 2


def test_force_and_its_reason_go_together(run, own):
    for options in (("--force",), ("--because", "I say so"), ("--force", "--because", " ")):
        refused = run("promote", "2", *options, *own)
        assert (refused.code, refused.out) == (2, "")
        assert "--force and --because go together" in refused.err


def test_going_back_does_not_wait_for_the_audit_trail(run, own, registered, tmp_path):
    assert run("promote", registered("exploratory"), *own).code == 0
    (tmp_path / "desk" / "serving.db").write_bytes(b"damaged" * 1000)
    back = run("models", "rollback", *own)
    assert (back.code, back.out) == (0, "Version 1 is champion again.\n")
    assert "Not in the audit trail" in back.err
    # A promotion does wait: without a trace nobody is promoted.
    assert run("promote", "4", *own).code == 2
    assert local_store(tmp_path / "store").find("champion").version == "1"


def test_retention_says_what_would_go_and_keeps_what_matters(run, own, tmp_path):
    kept = run("retention", *own)
    assert kept.code == 0
    assert "0 things would be removed" in kept.out
    rules = {
        name: {"value": value, "reason": "A test."}
        for name, value in (
            ("keep_newest", 1),
            ("keep_days", 0),
            ("keep_run_days", 9000),
            ("keep_log_days", 0),
            ("keep_job_days", 0),
        )
    }
    path = tmp_path / "retention.json"
    path.write_text(
        json.dumps({"format": 1, "policy": "retention", "version": "test", "rules": rules})
    )
    found = json.loads(run("retention", "--policy", path, "--json", *own).out)
    assert found["removed"] is False
    assert next((one["kind"], one["name"]) for one in found["items"]) == ("version", "2")
    assert {one["version"]: one["why"] for one in found["kept"]} == {
        "1": "champion",
        "3": "challenger",
    }
    assert load_bundle(local_store(tmp_path / "store").fetch("2")).cohort == "depmap-gdsc2"
