"""A job and a champion that changes between the gate and the promotion, over a real MLflow."""

from dataclasses import replace

import pytest

from models.errors import StoreError
from models.jobs.spec import JobSpec
from tests.training.jobs.in_memory import Checkpoints, InMemoryAttempt
from training.jobs.errors import StepFailedError
from training.jobs.gate_rounds import MOST_ROUNDS
from training.jobs.outside import NothingOutside
from training.jobs.work import Task
from training.jobs.work_gate import decide, find_version, promote, read_policy
from training.jobs.workflow import JobWorkflow

STEPS = {"find": find_version, "policy": read_policy, "gate": decide, "promote": promote}
ROUND = ["gate: policy", "gate: review desk", "gate", "gate: trail", "promote"]


class Others(NothingOutside):
    """Somebody else promotes between the decision and the promotion, in turn."""

    def __init__(self, store, versions):
        self.store, self.left, self.told = store, list(versions), []

    def decided(self, version, decision):
        if self.left:
            self.store.promote(self.left.pop(0))

    def approvals(self, version, people):
        return {"approvals_approved": "Cisplatin"}

    def promoted(self, version, before):
        self.told.append((version.version, before))


@pytest.fixture
def versions(store):
    """Ours and another one; both are as good as the champion, version 1."""
    return [store.register(store.fetch("1")) for _ in range(2)]


@pytest.fixture
def task(store, policy, versions, tmp_path):
    (tmp_path / "quick.json").write_text(policy.to_json())
    spec = JobSpec(kind="promote", bundle=versions[0], policy="quick")
    return Task("job1", spec, tmp_path, store, 1, tmp_path, "ada", {})


def champion_of(store):
    return store.find("champion").version


def run(task, outside, checkpoints):
    attempt = InMemoryAttempt(task, STEPS)
    return JobWorkflow(attempt, outside, checkpoints).run("ada"), attempt


def numbered(number):
    return [f"{name} {number}" for name in ROUND]


def test_another_champion_sends_the_job_before_the_gate_again(task, store, versions):
    ours, other = versions
    outside, checkpoints = Others(store, [other]), Checkpoints()
    outcome, attempt = run(task, outside, checkpoints)
    assert (outcome, champion_of(store), store.standing().previous) == ("promoted", ours, other)
    assert checkpoints.names == [
        "fetch", "shadow", *ROUND, "gate: round 2", "shadow 2", *numbered(2), "promote: trail 2",
    ]  # fmt: skip
    assert attempt.said == ["another version became champion meanwhile: round 2 at the gate"]
    assert outside.told == [(ours, other)]
    assert dict(checkpoints.kept)["gate 2"]["champion"] == other
    assert store.show(ours).tags["approvals_approved"] == "Cisplatin"


def test_a_replay_goes_the_same_way_and_does_nothing(task, store, versions):
    checkpoints = Checkpoints()
    run(task, Others(store, versions[1:]), checkpoints)
    outside, again = Others(store, []), Checkpoints(checkpoints.kept)
    outcome, attempt = run(task, outside, again)
    assert (outcome, attempt.ordered, attempt.said, outside.told) == ("promoted", [], [], [])
    assert again.kept == checkpoints.kept
    # A worker that died before any of the later checkpoints leaves it to the next to end it.
    for name in checkpoints.names[checkpoints.names.index("gate: round 2") :]:
        again = Checkpoints(checkpoints.until(name))
        assert run(task, Others(store, []), again)[0] == "promoted"
        assert champion_of(store) == versions[0]


def test_a_job_that_an_earlier_release_left_at_the_promotion_goes_on(task, store, versions):
    checkpoints = Checkpoints()
    run(task, Others(store, []), checkpoints)
    kept = {**dict(checkpoints.until("promote")), "gate: trail": {"told": True}}
    done = [*kept.items(), ("promote", {"before": "1", "is_new": True})]
    outside = Others(store, [])
    assert run(task, outside, Checkpoints(done))[0] == "promoted"
    assert outside.told == [(versions[0], "1")]
    # It had failed there, since another version was champion by then, whenever it was resumed.
    store.promote(versions[1])
    resumed = Checkpoints(list(kept.items()))
    assert run(task, Others(store, []), resumed)[0] == "promoted"
    assert "gate: round 2" in resumed.names
    assert champion_of(store) == versions[0]


def test_it_does_not_go_before_the_gate_for_ever_and_can_be_resumed(task, store, versions):
    others = [versions[1], "1"] * MOST_ROUNDS
    checkpoints = Checkpoints()
    with pytest.raises(StepFailedError, match="became champion 5 times between the decision"):
        run(task, Others(store, others), checkpoints)
    assert len([name for name in checkpoints.names if name.startswith("promote")]) == MOST_ROUNDS
    assert run(task, Others(store, []), Checkpoints(checkpoints.kept))[0] == "promoted"
    assert champion_of(store) == versions[0]


def test_a_job_whose_version_was_champion_at_the_gate_may_lose_its_place(task, store, versions):
    ours, other = versions
    store.promote(ours)
    outside = Others(store, [other])
    assert run(task, outside, Checkpoints())[0] == "promoted"
    assert outside.told == [(ours, other)]


def test_its_own_promotion_is_not_taken_for_that_of_another(task, store, versions, monkeypatch):
    ours = versions[0]
    promote_there = type(store).promote

    def lost(self, version, **asked):
        promote_there(self, version, **asked)
        raise StoreError("MLflow is away.", needed="it.", remedy="wait.")

    outside = Others(store, [])
    with monkeypatch.context() as patched:
        patched.setattr(type(store), "promote", lost)
        outcome, attempt = run(task, outside, Checkpoints())
    assert (outcome, champion_of(store), attempt.said) == ("promoted", ours, [])
    assert outside.told == [(ours, "1")]
    assert store.show(ours).tags["approvals_approved"] == "Cisplatin"


def test_what_else_stands_in_the_way_of_a_promotion_is_said(task):
    given = {"version": "99", "champion": "1", "approvals": {}}
    with pytest.raises(StoreError, match="99"):
        promote(replace(task, given=given))
