"""A version that a job promotes is as much on record as one that somebody promotes by hand."""

import importlib.util
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from cupromark import promotion
from cupromark.databases import opened_database
from cupromark.job_outside import ServiceOutside
from cupromark.main import main
from cupromark.promotion import has_database
from cupromark.review_desk import put_at_desk
from models.bundle_files import write_bundle
from models.jobs.spec import JobSpec
from models.store import DRILL_TAG, local_store
from serving.access.audit_entries import read_entries
from serving.database.errors import DatabaseAwayError
from serving.reviews.reviewers import Reviewer
from serving.reviews.sign_offs import NewSignOff, list_drugs, sign_off
from tests.training.jobs.in_memory import Checkpoints, InMemoryAttempt
from training.jobs.work import Task
from training.jobs.work_gate import decide, find_version, promote, read_policy
from training.jobs.workflow import JobWorkflow
from training.promotion.policy import load_policy
from training.promotion.retention import DAY, plan_retention
from training.promotion.retention_policy import load_retention_policy

MADE_UP = Path(__file__).resolve().parents[1] / "models" / "conftest.py"
STEPS = {"find": find_version, "policy": read_policy, "gate": decide, "promote": promote}
NO_FIGURES = ("sign_off_statuses", "external_cohorts", "unknown_blocks")
APPROVED = ["Cisplatin", "Elesclomol"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """A bundle of no learning, as if it ranked every line that it held out rightly."""
    spec = importlib.util.spec_from_file_location("made_up_bundles", MADE_UP)
    made_up = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made_up)
    made = made_up.make_bundle()
    drugs = {drug: replace(one, held_out=ranked(one.held_out)) for drug, one in made.drugs.items()}
    folder = tmp_path_factory.mktemp("bundles") / "made-up"
    write_bundle(replace(made, drugs=drugs, golden=made.golden), folder)
    return folder


def ranked(held_out):
    score = np.where(held_out.is_sensitive, 1.0, -1.0) + np.zeros_like(held_out.score)
    return replace(held_out, score=score.astype(held_out.score.dtype))


@pytest.fixture
def place(tmp_path, bundle, monkeypatch):
    """A store with a champion, version 1, and a challenger, version 2; its desk and its policy."""
    for name in ("DATABASE_URL", "STATE"):
        monkeypatch.delenv(f"CUPROMARK_SERVE_{name}", raising=False)
    monkeypatch.setenv("CUPROMARK_MIRROR", "")
    return Place(tmp_path, bundle)


class Place:
    def __init__(self, folder, bundle):
        self.folder, self.state = folder, folder / "serving"
        self.store = local_store(folder / "store")
        for _ in range(2):
            self.store.register(bundle)
        self.store.promote("1")
        rules = dict.fromkeys(NO_FIGURES, ()) | {"n_draws": 200, "worse_statuses_share": 1.0}
        self.policy = replace(load_policy(), **rules)
        (folder / "own.json").write_text(self.policy.to_json())

    def approve(self, version):
        """Put a version at the desk, and approve two of its drugs as different people do."""
        self.state.mkdir(exist_ok=True)
        bundle = self.store.load(version)
        put_at_desk(bundle, address=None, state=self.state)
        with opened_database(None, self.state) as database:
            for drug in list_drugs(database, bundle.sha256, n_people=1):
                if drug["drug"] in APPROVED:
                    figures = drug["figures_sha256"]
                    new = NewSignOff(bundle.sha256, drug["drug"], "approve", "", "", figures)
                    lead, now = Reviewer("Lea", "key-lea", is_lead=True), datetime.now(UTC)
                    sign_off(database, new, seen_version=0, reviewer=lead, now=now, n_people=1)

    def promote_by_job(self, version="2"):
        spec = JobSpec(kind="promote", bundle=version, policy="own")
        task = Task("job1", spec, self.folder, self.store, 1, self.folder, "ada", {})
        attempt = InMemoryAttempt(task, STEPS)
        outside = ServiceOutside(str(self.folder / "store"), address=None, state=self.state)
        return JobWorkflow(attempt, outside, Checkpoints()).run("ada")

    def promote_by_hand(self, *options, version="2"):
        """Give the code with which the command ended."""
        where = ("--store", self.folder / "store", "--state", self.state)
        given = ("promote", version, "--policy", self.folder / "own.json", *options, *where)
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in given])
        return ended.value.code or 0

    @property
    def champion(self):
        return self.store.find("champion").version

    def trail(self):
        """Action and detail of the lines about bundles, oldest first."""
        with opened_database(None, self.state) as database:
            entries = read_entries(database)
        return [
            (one.action, one.detail) for one in reversed(entries) if one.action[:7] == "bundle."
        ]


def approvals_of(stored):
    return {tag: names for tag, names in stored.tags.items() if tag.startswith("approvals_")}


def test_what_people_had_decided_stays_with_a_version_that_a_job_promoted(place):
    place.approve("2")
    assert place.promote_by_job() == "promoted"
    by_job = approvals_of(place.store.show("2"))
    assert by_job["approvals_approved"] == ", ".join(APPROVED)
    # Years later it is champion no more, and the desk is out of reach.
    for version in ("1", "2", "1"):
        place.store.register(place.store.fetch(version))
    for version in ("3", "4", "5"):
        place.store.promote(version)
    rules = replace(load_retention_policy(), keep_newest=1)
    later = datetime.now(UTC).timestamp() + 1000 * DAY
    plan = plan_retention(place.store, rules, signed_off=(), now=later)
    assert {one.version: one.why for one in plan.kept}["2"] == "signed off"
    assert "1" in [item.name for item in plan.items if item.kind == "version"]


def test_a_promotion_by_job_and_by_hand_leave_the_same_lines_and_tags(place):
    place.approve("2")
    assert place.promote_by_job() == "promoted"
    by_job = place.trail()
    tags = approvals_of(place.store.show("2"))
    place.store.rollback()
    assert place.promote_by_hand() == 0
    by_hand = place.trail()[len(by_job) :]
    policy = f"policy {place.policy.name}"
    assert by_hand == [
        ("bundle.accepted", policy),
        ("bundle.promoted", "champion until then: version 1"),
    ]
    assert by_job == [(action, f"job job1; {detail}") for action, detail in by_hand]
    again = approvals_of(place.store.show("2"))
    assert again.pop("approvals_at") >= tags.pop("approvals_at")
    assert again == tags


def test_who_is_overtaken_at_the_last_moment_is_not_said_to_be_champion(place, monkeypatch):
    place.store.register(place.store.fetch("1"))
    write = promotion.write_to_audit_trail

    def others_are_faster(*arguments, **options):
        write(*arguments, **options)
        place.store.promote("3")

    monkeypatch.setattr(promotion, "write_to_audit_trail", others_are_faster)
    assert place.promote_by_hand() == 2
    assert place.champion == "3"
    assert [action for action, _ in place.trail()] == ["bundle.accepted"]


def test_who_forces_is_on_record_with_the_reason_and_what_came_of_it(place, capsys):
    strict = replace(place.policy, size_mb=0.1, latency_ms=0.1)
    (place.folder / "own.json").write_text(replace(strict, answered_drugs_share=1.0).to_json())
    assert place.promote_by_hand() == 1
    assert place.promote_by_hand("--force", "--because", "a trial") == 0
    (refused, first), (forced, second), (promoted, third) = place.trail()
    assert (refused, forced, promoted) == ("bundle.refused", "bundle.forced", "bundle.promoted")
    assert "answered_drugs: " in first
    assert "; because: a trial; " in second
    assert "answered_drugs: " in second
    assert third == "champion until then: version 1"


def test_a_trail_that_is_lost_after_the_promotion_is_said_and_changes_nothing(
    place, monkeypatch, capsys
):
    write = promotion.write_to_audit_trail

    def lost(action, *arguments, **options):
        if action == "bundle.promoted":
            raise DatabaseAwayError("The database is away.", needed="it.", remedy="wait.")
        write(action, *arguments, **options)

    monkeypatch.setattr(promotion, "write_to_audit_trail", lost)
    assert place.promote_by_hand("--json") == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["promoted"] is True
    assert "Not on record that it is champion now: The database is away." in captured.err
    assert place.champion == "2"
    assert [action for action, _ in place.trail()] == ["bundle.accepted"]


def test_a_version_that_is_champion_already_gets_its_approvals_and_no_line_of_a_promotion(place):
    place.approve("1")
    assert place.promote_by_hand(version="1") == 0
    assert [action for action, _ in place.trail()] == ["bundle.accepted"]
    assert approvals_of(place.store.show("1"))["approvals_approved"] == ", ".join(APPROVED)
    assert place.promote_by_job("1") == "promoted"
    assert [action for action, _ in place.trail()] == ["bundle.accepted"] * 2


def test_nobody_promotes_a_fire_drill(place, capsys):
    drill = place.store.register(
        place.store.fetch("2"), tags={DRILL_TAG: "shuffled_labels"}, is_challenger=False
    )
    assert place.store.find("challenger").version == "2"
    assert place.promote_by_hand(version=drill) == 1
    assert "drill: A fire drill tries the gate" in capsys.readouterr().out
    for options in ((), ("--dry-run",)):
        forced = ("--force", "--because", "it looks good", *options)
        assert place.promote_by_hand(*forced, version=drill) == 2
        assert "Nobody can overrule drill" in capsys.readouterr().err
    assert place.promote_by_job(drill) == "refused"
    assert place.champion == "1"
    lines = place.trail()
    assert [action for action, _ in lines] == ["bundle.refused"] * 2
    assert all("drill: a fire drill (shuffled_labels)" in detail for _, detail in lines)


def test_after_a_training_the_trail_is_written_where_the_service_has_a_database(place, monkeypatch):
    monkeypatch.setattr("training.promotion.policy.load_policy", lambda: place.policy)
    quiet = Console(quiet=True)
    settled = promotion.promote_trained(place.store, "2", quiet, state=place.state)
    assert settled.promoted
    assert not has_database(None, place.state)
    place.approve("1")
    assert promotion.promote_trained(place.store, "1", quiet, state=place.state).promoted
    assert [action for action, _ in place.trail()] == ["bundle.accepted", "bundle.promoted"]
    assert approvals_of(place.store.show("1"))["approvals_approved"] == ", ".join(APPROVED)
