"""A fire drill tries the gate, and is never the challenger, accepted or promoted."""

import shutil
from dataclasses import replace

import pytest

from models.jobs.spec import JobSpec
from models.store import CHALLENGER, DRILL_TAG, JOB_TAG
from tests.training.jobs.in_memory import Checkpoints, InMemoryAttempt
from training.jobs import work_store
from training.jobs.outside import NothingOutside
from training.jobs.work import Task
from training.jobs.work_gate import decide, find_version, promote, read_policy
from training.jobs.work_training import BUNDLE
from training.jobs.workflow import JobWorkflow
from training.promotion.errors import RefusedError
from training.promotion.promoting import consider, settle

GATE = {"find": find_version, "policy": read_policy, "gate": decide, "promote": promote}
# As good as the champion otherwise: the drill that a broken gate would let pass.
REASON = "drill: a fire drill (shuffled_labels); needed a version that was trained to be used"
RETRAIN = JobSpec(kind="retrain", cohort="simulated", policy="quick", drill="shuffled_labels")


@pytest.fixture
def drill(store):
    tags = {DRILL_TAG: "shuffled_labels", JOB_TAG: "job1"}
    return store.register(store.fetch("1"), tags=tags, is_challenger=False)


@pytest.fixture
def task(store, policy, drill, tmp_path):
    (tmp_path / "quick.json").write_text(policy.to_json())
    spec = JobSpec(kind="promote", bundle=drill, policy="quick")
    return Task("job1", spec, tmp_path, store, 1, tmp_path, "ada", {})


def test_registering_a_drill_leaves_the_challenger_in_its_place(store, task, tmp_path):
    waiting = store.register(store.fetch("1"))
    shutil.copytree(store.fetch("1"), tmp_path / BUNDLE)
    given = {"question": "q"}

    class Data:
        def log(self, text):
            pass

    registering = replace(task, spec=RETRAIN, given=given)
    registered = work_store.register(registering, Data())
    assert store.show(registered["version"]).tags[DRILL_TAG] == "shuffled_labels"
    assert store.find(CHALLENGER).version == waiting
    # What is no drill takes the alias, also when it is registered a second time.
    work_store.register(replace(registering, spec=replace(RETRAIN, drill=None)), Data())
    assert store.find(CHALLENGER).version == registered["version"]


@pytest.mark.parametrize("never_overruled", [("golden_answers",), ()])
def test_nobody_promotes_a_drill_whatever_the_policy_says(store, policy, drill, never_overruled):
    rules = replace(policy, never_overruled=never_overruled)
    asked = {"missing_sign_offs": lambda bundle: (), "decided_by": "a test"}
    considered = consider(store, drill, rules, **asked)
    assert considered.decision.reasons == [REASON]
    with pytest.raises(RefusedError, match="Nobody can overrule drill"):
        settle(store, considered, policy=rules, because="it looks good")
    assert settle(store, considered, policy=rules)[1] is False
    tags = store.show(drill).tags
    assert (tags["promotion"], tags["promotion_reasons"]) == ("refused", REASON)
    assert store.find("champion").version == "1"


def test_a_job_that_is_to_promote_a_drill_is_refused(store, task):
    attempt = InMemoryAttempt(task, GATE)
    assert JobWorkflow(attempt, NothingOutside(), Checkpoints()).run("ada") == "refused"
    assert attempt.reasons == [REASON]
    assert store.find("champion").version == "1"


def test_a_gate_that_has_nothing_but_the_drill_itself_against_it_is_told_of(store, task, drill):
    found = find_version(task) | {"files": [], "drugs": ["Cisplatin"], "question": "q"}
    attempt = InMemoryAttempt(replace(task, spec=RETRAIN), GATE, found)
    told = []

    class Trail(NothingOutside):
        def decided(self, version, decision):
            told.append(decision["accepted"])

    assert JobWorkflow(attempt, Trail(), Checkpoints()).run("ada") == "refused"
    assert attempt.reasons == ["the gate let a fire drill pass: its policy must be mended"]
    assert told == [False]
    assert store.show(drill).tags["promotion"] == "refused"
