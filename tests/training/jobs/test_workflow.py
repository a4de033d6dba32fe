"""What a job tells the service of the version that it has registered."""

from types import SimpleNamespace

import pytest

from models.jobs.spec import JobSpec
from training.jobs.outside import NothingOutside
from training.jobs.workflow import DRILL_SAID, JobWorkflow

REGISTERED = {"version": "2", "bundle_sha256": "ab" * 32, "run_id": "r", "experiment_id": "1"}
RETRAIN = {"kind": "retrain", "cohort": "tcga", "promote": "never"}


class FakeAttempt:
    """Does every order at once, and keeps what is said."""

    def __init__(self, spec):
        self.job = SimpleNamespace(job_id="a job", spec=spec)
        self.course = SimpleNamespace(passed=lambda step, share: None)
        self.said = []

    def order(self, name, given, **_):
        answers = {
            "fetch": {"files": {}},
            "join": {"drugs": ["Cisplatin"], "question": "q"},
            "news": {"version": None},
            "register": REGISTERED,
        }
        return answers.get(name, {})

    def write(self, change):
        change(SimpleNamespace(say=self.said.append, note=lambda *given, **named: None))

    def waiting(self, ask, *, step):
        return ask()

    def add_to_orders(self, **given):
        """Forget it."""

    def check(self):
        """Let the job go on."""


class Desk(NothingOutside):
    def __init__(self):
        self.versions = []

    def registered(self, version, *, check):
        self.versions.append(version.version)
        return "at the desk"


@pytest.mark.parametrize(
    ("drill", "at_desk", "said"),
    [(None, ["2"], "at the desk"), ("shuffled_labels", [], DRILL_SAID)],
)
def test_what_chance_has_found_in_a_drill_does_not_get_to_the_desk(drill, at_desk, said):
    attempt, desk = FakeAttempt(JobSpec.from_json(RETRAIN | {"drill": drill})), Desk()
    workflow = JobWorkflow(attempt, desk, lambda name, step: step())
    assert workflow.run("somebody") == "registered"
    assert (desk.versions, attempt.said) == (at_desk, [said])
