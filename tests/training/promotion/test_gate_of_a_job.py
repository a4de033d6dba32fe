"""The gate as a job asks it: what the service counted in the shadow is told by the worker."""

from dataclasses import replace

import pytest

from models.bundle_files import write_bundle
from models.jobs.spec import JobSpec
from tests.training.jobs.in_memory import Checkpoints, InMemoryAttempt
from training.jobs.outside import NothingOutside
from training.jobs.work import Task
from training.jobs.work_gate import decide, read_policy
from training.jobs.workflow import JobWorkflow
from training.promotion.shadow_checks import ShadowFigures

N_ANSWERS = 1_000


@pytest.fixture
def challenger(store, champion, changed, tmp_path):
    write_bundle(changed.noisier(champion, 0.01), tmp_path / "challenger")
    return store.register(tmp_path / "challenger")


@pytest.fixture
def task(store, challenger, policy, tmp_path):
    """The order of a job whose policy wants a thousand answers in the shadow."""
    asking = replace(policy, shadow_answers=N_ANSWERS, shadow_changed_share=0.1)
    (tmp_path / "shadowed.json").write_text(asking.to_json())
    spec = JobSpec(kind="promote", bundle=challenger, policy="shadowed")
    given = {"version": challenger, "missing_sign_offs": []}
    return Task("job1", spec, tmp_path, store, 1, tmp_path, "ada", given)


def checked(task, **told):
    decision = decide(replace(task, given=task.given | told))["decision"]
    return next(one for one in decision["checks"] if one["name"] == "shadow")


def test_the_service_is_asked_about_the_champion_of_now_and_only_where_the_policy_wants_it(
    task, store
):
    assert read_policy(task)["shadow_of"] == store.find("champion").sha256
    shipped = replace(task, spec=replace(task.spec, policy=None))
    assert read_policy(shipped)["shadow_of"] is None


def test_answers_in_the_shadow_count_for_the_champion_that_they_were_given_beside(task):
    beside = read_policy(task)["shadow_of"]
    few, enough = ({"n_answers": n, "n_changed": 3} for n in (N_ANSWERS - 1, N_ANSWERS))
    assert checked(task, shadow_of=beside, shadow=enough)["passed"] is True
    assert checked(task, shadow_of=beside, shadow=few)["passed"] is False
    assert checked(task, shadow_of=beside, shadow=None)["passed"] is None
    assert checked(task, shadow_of="f" * 64, shadow=enough)["passed"] is None


def test_what_the_service_counted_reaches_the_gate(task):
    class Service(NothingOutside):
        def answers_in_shadow(self, version, champion_sha256):
            assert (version.version, champion_sha256) == (task.given["version"], beside)
            return ShadowFigures(N_ANSWERS, 3)

    beside = read_policy(task)["shadow_of"]
    found = {"version": task.given["version"], "bundle_sha256": "a" * 64, "cohort": "simulated",
             "run_id": "r", "experiment_id": "0", "is_new": False}  # fmt: skip
    steps = {"policy": read_policy, "gate": decide}
    attempt = InMemoryAttempt(task, steps, found)
    JobWorkflow(attempt, Service(), Checkpoints()).run("ada")
    assert attempt.given["gate"]["shadow"] == {"n_answers": N_ANSWERS, "n_changed": 3}
    assert attempt.given["gate"]["shadow_of"] == beside
