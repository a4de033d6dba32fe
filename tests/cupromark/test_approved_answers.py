"""`cupromark predict --approvals`, and approvals as tags of a version."""

import importlib.util
import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from cupromark.approval_tags import LONGEST_TAG, approval_tags, tag_approvals
from cupromark.main import main
from cupromark.review_desk import put_trained_at_desk, state_beside
from models.bundle_files import load_bundle, write_bundle
from models.store import local_store
from serving.database.engine import open_database
from serving.reviews.approvals import Approval
from serving.reviews.reviewers import Reviewer
from serving.reviews.sign_offs import NewSignOff, list_drugs, sign_off

MADE_UP = Path(__file__).resolve().parents[1] / "models" / "conftest.py"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made_up():
    spec = importlib.util.spec_from_file_location("made_up_bundles", MADE_UP)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(made_up, tmp_path_factory):
    written = tmp_path_factory.mktemp("bundle") / "made-up"
    write_bundle(made_up.make_bundle(), written)
    return written


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "STATE", "TWO_PERSON_RULE"):
        monkeypatch.delenv(f"CUPROMARK_SERVE_{name}", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return run


@pytest.fixture
def profiles(made_up, tmp_path):
    file = tmp_path / "profiles.csv"
    made_up.make_training_profiles(n_samples=2, seed=5).T.to_csv(file)
    return file


def decide(state, sha256, decisions):
    database = open_database(f"sqlite:///{state / 'serving.db'}")
    figures = {
        one["drug"]: one["figures_sha256"] for one in list_drugs(database, sha256, n_people=1)
    }
    for drug, (decision, limits) in decisions.items():
        new = NewSignOff(sha256, drug, decision, limits, "", figures[drug])
        lead = Reviewer("Lea", "key-lea", is_lead=True)
        sign_off(database, new, seen_version=0, reviewer=lead, now=NOW, n_people=1)
    database.close()


DECISIONS = {"Cisplatin": ("reject", ""), "Elesclomol": ("approve_with_limits", "Not for blood.")}


@pytest.fixture
def exported(run, folder, tmp_path):
    """The export of a bundle with one drug rejected and another approved with limits."""
    desk = ("--bundle", folder, "--state", tmp_path)
    run("reviews", "prepare", *desk)
    decide(tmp_path, load_bundle(folder).sha256, DECISIONS)
    code, _, _ = run("reviews", "export", *desk, "--out", tmp_path / "reviews.json")
    assert code == 0
    return tmp_path / "reviews.json"


def test_a_prediction_is_held_to_an_export(run, folder, profiles, exported, tmp_path):
    asked = ("predict", profiles, "--scale", "rma_log2", "--bundle", folder)
    out = tmp_path / "answers.csv"
    code, _, said = run(*asked, "--approvals", exported, "--out", out)
    assert code == 0
    table = pd.read_csv(out)
    assert set(table["drug"]) == {"Elesclomol"}
    assert set(table["approval"]) == {"approved_with_limits"}
    assert set(table["approval_limits"]) == {"Not for blood."}
    assert "withheld, being rejected at review: Cisplatin." in said
    run(*asked, "--out", out)
    without = pd.read_csv(out)
    assert "approval" not in without.columns
    same = without[without["drug"] == "Elesclomol"].reset_index(drop=True)
    pd.testing.assert_frame_equal(table[same.columns], same)


def test_a_rejected_drug_is_not_answered_by_name_either(run, folder, profiles, exported):
    asked = ("predict", profiles, "--scale", "rma_log2", "--bundle", folder)
    code, out, said = run(*asked, "--approvals", exported, "--drugs", "cisplatin")
    assert (code, out) == (2, "")
    assert "rejected at review: Cisplatin" in said


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "no export of reviews"),
        ('{"bundle_sha256": "00", "drugs": []}', "holds the reviews of bundle 00"),
        ('{"bundle_sha256": "00", "drugs": [{"drug": "A", "approval": {"state": "fine", '
         '"limits": "", "people": [], "decided_at": null}}]}', "no export of reviews"),
    ],
)  # fmt: skip
def test_another_file_is_refused(run, folder, profiles, tmp_path, content, words):
    file = tmp_path / "reviews.json"
    file.write_text(content)
    asked = ("predict", profiles, "--scale", "rma_log2", "--bundle", folder)
    code, out, said = run(*asked, "--approvals", file)
    assert (code, out) == (2, "")
    assert words in said


def test_a_trained_version_is_at_the_desk_and_bears_its_approvals(
    run, folder, tmp_path, monkeypatch
):
    from rich.console import Console

    named = str(tmp_path / "store")
    store = local_store(Path(named))
    version = store.register(folder)
    at_desk = put_trained_at_desk(version, named, Console(quiet=True))
    assert (at_desk.n_drugs, at_desk.stored, at_desk.missed) == (4, True, None)
    assert not put_trained_at_desk(version, named, Console(quiet=True)).stored
    state, stored = state_beside(named), store.show(version)
    decide(state, stored.sha256, DECISIONS)
    tag_approvals(store, stored, n_people=1, address=None, state=state)
    tags = store.show(version).tags
    assert tags["approvals_rejected"] == "Cisplatin"
    assert tags["approvals_limits"] == "Elesclomol: Not for blood."
    monkeypatch.setenv("CUPROMARK_SERVE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    missed = put_trained_at_desk(version, named, Console(quiet=True))
    assert "does not answer" in missed.missed
    assert json.loads(json.dumps(missed.to_json())) == {"missed": missed.missed}


def test_tags_are_no_longer_than_mlflow_takes():
    approvals = {f"drug {number}": Approval("rejected") for number in range(1_000)}
    tags = approval_tags(approvals, now=NOW)
    assert len(tags["approvals_rejected"]) == LONGEST_TAG
    assert tags["approvals_approved"] == ""
