"""Workers do every job once, whatever dies on the way."""

import signal
from collections import Counter
from pathlib import Path

import pytest

from models.jobs.job import JobState
from models.jobs.spec import JobSpec
from tests.training.jobs.acting import TINY, freeze, until

PROMOTE = JobSpec(kind="promote", bundle="challenger")
ORDERS = [
    "fetch", "verify", "join", "news", "train a", "train b", "train c", "evidence", "report",
    "register", "shadow", "policy", "gate", "promote",
]  # fmt: skip
on_sqlite = pytest.mark.parametrize("jobs_address", ["sqlite"], indirect=True)


def is_gone(pid):
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_a_job_goes_through_every_step_and_is_told_of(start_worker, submit, ended, script, board):
    worker = start_worker()
    job = ended(submit())
    assert (job.state, job.outcome, job.version, job.percent) == (
        "succeeded",
        "promoted",
        "1",
        100.0,
    )
    assert script.steps_of(job.job_id) == ORDERS
    assert job.figures == {"n_drugs": 3, "mean_roc_auc": 0.7, "bundle_sha256": "f" * 64}
    assert (job.step, job.reason, job.attempt) == ("promote", None, 1)
    (executor,) = board.executors()
    assert executor.executor_id == job.executor_id
    assert worker.stop() == 0
    assert board.executors() == []


def test_forty_jobs_and_two_workers_none_twice_none_lost(start_worker, submit, ended, script):
    script.act("find", hold=True)
    for name in ("one", "two"):
        start_worker(executor_id=name, heartbeat_seconds=30)
    ids = [submit(PROMOTE) for _ in range(40)]
    until(lambda: len(script.done) == 2, "each has one")  # alone, one could be through in seconds
    script.forget("find")
    jobs = [ended(job_id) for job_id in ids]
    assert {job.state for job in jobs} == {JobState.SUCCEEDED}
    counts = Counter(script.done)
    assert set(counts.values()) == {1}
    assert {job for job, _ in counts} == set(ids)
    assert {job.executor_id for job in jobs} == {"one", "two"}


def test_a_job_of_a_killed_worker_goes_on_at_another_after_its_last_checkpoint(
    start_worker, submit, ended, script, board
):
    script.act("train b", hold=True)
    first = start_worker(executor_id="one")
    job_id = submit()
    until(lambda: (job_id, "train b") in script.done, "the second batch has begun")
    child = script.pid_of(job_id)
    first.kill()
    until(lambda: is_gone(child), "the child has died with its worker")
    start_worker(executor_id="two")  # not before: should "one" stall, it would take the job sooner
    script.forget("train b")
    job = ended(job_id)
    assert (job.state, job.executor_id, job.attempt) == ("succeeded", "two", 2)
    at = ORDERS.index("train b")
    assert script.steps_of(job_id) == [*ORDERS[: at + 1], *ORDERS[at:]]
    numbers = [line.number for line in board.log(job_id)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_worker_that_starts_again_under_its_id_takes_its_job_up_at_once(
    start_worker, submit, ended, script
):
    script.act("register", hold=True)
    worker = start_worker(heartbeat_seconds=600)  # nobody else would take it over in time
    job_id = submit()
    until(lambda: (job_id, "register") in script.done, "it registers")
    worker.kill()
    script.forget("register")
    start_worker(heartbeat_seconds=600)
    job = ended(job_id)
    assert (job.outcome, job.attempt) == ("promoted", 2)
    assert Counter(script.steps_of(job_id)) == {**dict.fromkeys(ORDERS, 1), "register": 2}


@on_sqlite
def test_a_frozen_worker_whose_job_was_taken_over_can_do_nothing_more_with_it(
    start_worker, submit, ended, script, board
):
    script.act("train b", hold=True)
    frozen = start_worker(executor_id="frozen")
    job_id = submit()
    until(lambda: (job_id, "train b") in script.done, "the second batch has begun")
    child = script.pid_of(job_id)
    freeze(frozen, board)
    start_worker(executor_id="other", heartbeat_seconds=10)  # not to lose the job to the frozen one
    until(lambda: board.get(job_id).executor_id == "other", "the other took it over")
    frozen.process.send_signal(signal.SIGCONT)
    until(lambda: is_gone(child), "the frozen worker has ended its child")
    script.forget("train b")
    job = ended(job_id)
    assert (job.state, job.executor_id) == ("succeeded", "other")
    at = ORDERS.index("train b")
    assert script.steps_of(job_id) == [*ORDERS[: at + 1], *ORDERS[at:]]


@on_sqlite
def test_a_worker_that_is_told_to_end_gives_its_job_back(
    start_worker, submit, ended, script, board
):
    script.act("train b", hold=True)
    worker = start_worker(executor_id="one", heartbeat_seconds=600)
    job_id = submit()
    until(lambda: (job_id, "train b") in script.done, "the second batch has begun")
    child = script.pid_of(job_id)
    assert worker.stop() == 0
    assert is_gone(child)
    assert board.get(job_id).state == "queued"
    script.forget("train b")
    start_worker(executor_id="two")
    assert ended(job_id).outcome == "promoted"
    assert script.steps_of(job_id).count("train a") == 1


def test_cancelling_ends_the_child_and_resuming_goes_on(start_worker, submit, ended, script, board):
    script.act("train b", hold=True)
    start_worker()
    job_id = submit()
    until(lambda: (job_id, "train b") in script.done, "the second batch has begun")
    child = script.pid_of(job_id)
    assert board.cancel(job_id, by="ada").state == "cancelled"
    until(lambda: is_gone(child), "the child has been ended")
    assert ended(submit(PROMOTE)).state == "succeeded"
    assert board.get(job_id).reason == "cancelled by ada"
    script.forget("train b")
    board.resume(job_id, by="ada")
    assert ended(job_id).outcome == "promoted"
    assert script.steps_of(job_id).count("train a") == 1


@on_sqlite
def test_a_job_that_failed_goes_on_once_that_is_mended(start_worker, submit, ended, script, board):
    script.act("evidence", say={"failed": "no space is left on the disk (result.npz)"})
    start_worker()
    job_id = submit()
    job = ended(job_id)
    assert (job.state, job.step) == ("failed", "evidence")
    assert job.reason == "no space is left on the disk (result.npz)"
    script.forget("evidence")
    board.resume(job_id, by="ada")
    job = ended(job_id)
    assert (job.outcome, job.reason) == ("promoted", None)
    assert Counter(script.steps_of(job_id)) == {**dict.fromkeys(ORDERS, 1), "evidence": 2}


@on_sqlite
def test_a_crash_of_the_child_fails_its_job_and_the_worker_lives(
    start_worker, submit, ended, script
):
    script.act("evidence", signal=signal.SIGSEGV)
    start_worker()
    job = ended(submit())
    assert (job.state, job.reason) == (
        "failed",
        "the process of the step evidence crashed: it was ended by SIGSEGV",
    )
    assert ended(submit(PROMOTE)).state == "succeeded"


@on_sqlite
def test_memory_beyond_the_limit_fails_the_job_and_the_worker_lives(
    start_worker, submit, ended, script
):
    script.act("evidence", bytes=300 * 1024**2)
    start_worker(memory_bytes_per_child=256 * 1024**2)
    job = ended(submit())
    assert job.state == "failed"
    assert job.reason.startswith("out of memory: the step evidence held ")
    assert ended(submit(PROMOTE)).state == "succeeded"


@on_sqlite
def test_while_mlflow_is_away_the_job_waits_and_then_goes_on(
    start_worker, submit, ended, script, board
):
    script.act("register", say={"away": "MLflow at http://x cannot be reached."})
    start_worker()
    job_id = submit()
    until(lambda: board.get(job_id).state == "waiting", "the job waits")
    assert board.get(job_id).reason == "register: MLflow at http://x cannot be reached."
    until(lambda: script.steps_of(job_id).count("register") > 1, "it was tried again")
    script.forget("register")
    job = ended(job_id)
    assert (job.outcome, job.reason) == ("promoted", None)
    waited = [line for line in board.log(job_id) if line.text.startswith("waiting")]
    assert len(waited) == 1


@on_sqlite
def test_a_job_that_waits_can_be_cancelled(start_worker, submit, ended, script, board):
    script.act("register", say={"away": "MLflow at http://x cannot be reached."})
    start_worker()
    job_id = submit()
    until(lambda: board.get(job_id).state == "waiting", "the job waits")
    board.cancel(job_id, by="ada")
    assert ended(submit(PROMOTE)).state == "succeeded"


@pytest.mark.parametrize("jobs_address", ["postgres"], indirect=True)
def test_while_the_database_is_away_the_work_goes_on(start_worker, submit, ended, script, postgres):
    script.act("train b", hold=True)
    start_worker()
    job_id = submit()
    until(lambda: (job_id, "train b") in script.done, "the second batch has begun")
    child = script.pid_of(job_id)
    postgres.stop()
    try:
        script.forget("train b")
        assert not is_gone(child)
    finally:
        postgres.start()
    job = ended(job_id)
    assert (job.outcome, job.reason) == ("promoted", None)
    assert Counter(script.steps_of(job_id)) == dict.fromkeys(ORDERS, 1)


@on_sqlite
def test_nothing_new_trains_nothing_unless_forced(start_worker, submit, ended, script):
    known = {"version": "7", "aliases": ["champion"], "run_id": "r7"}
    script.act("news", answer=known)
    start_worker()
    job = ended(submit())
    assert (job.outcome, job.version, job.run_id) == ("nothing_new", "7", "r7")
    assert script.steps_of(job.job_id) == ORDERS[:4]
    forced = JobSpec.from_json(TINY.to_json() | {"force": True})
    assert ended(submit(forced)).outcome == "promoted"


@on_sqlite
def test_a_drill_that_passes_the_gate_is_not_promoted(start_worker, submit, ended, script):
    start_worker()
    drill = JobSpec.from_json(TINY.to_json() | {"drill": "shuffled_labels"})
    job = ended(submit(drill))
    assert (job.outcome, job.reasons) == (
        "refused",
        ("the gate let a fire drill pass: its policy must be mended",),
    )
    assert "promote" not in script.steps_of(job.job_id)


OVERTAKEN = {"before": "1", "is_new": False, "is_overtaken": True}
ROUND = ["shadow", "policy", "gate", "promote"]


@on_sqlite
def test_a_job_that_was_overtaken_goes_before_the_gate_again_over_a_death_of_its_worker(
    start_worker, submit, ended, script, board
):
    script.act("promote", answer=OVERTAKEN, hold=True)
    worker = start_worker(heartbeat_seconds=600)
    job_id = submit(PROMOTE)
    until(lambda: (job_id, "promote") in script.done, "it is about to promote")
    script.act("shadow", hold=True)
    script.forget("promote")
    until(lambda: script.steps_of(job_id).count("shadow") == 2, "the second round has begun")
    worker.kill()
    script.forget("shadow")
    start_worker(heartbeat_seconds=600)
    job = ended(job_id)
    assert (job.outcome, job.attempt) == ("promoted", 2)
    assert script.steps_of(job_id) == ["find", *ROUND, "shadow", *ROUND]
    said = [line.text for line in board.log(job_id)]
    assert said.count("another version became champion meanwhile: round 2 at the gate") == 1


@on_sqlite
def test_a_job_that_is_overtaken_again_and_again_fails_and_can_be_resumed(
    start_worker, submit, ended, script, board
):
    script.act("promote", answer=OVERTAKEN)
    start_worker()
    job_id = submit(PROMOTE)
    job = ended(job_id)
    assert (job.state, job.step) == ("failed", "promote")
    assert job.reason.startswith("another version became champion 5 times between the decision")
    assert script.steps_of(job_id) == ["find", *5 * ROUND]
    script.forget("promote")
    board.resume(job_id, by="ada")
    assert ended(job_id).outcome == "promoted"
    assert script.steps_of(job_id) == ["find", *6 * ROUND]


@on_sqlite
def test_a_refusal_comes_with_its_reasons(start_worker, submit, ended, script):
    decision = {"accepted": False, "reasons": ["roc_auc: worse"], "policy_version": "1"}
    gate = {"decision": decision, "reasons": ["roc_auc: worse"], "champion": "3"}
    script.act("gate", answer=gate)
    start_worker()
    job = ended(submit())
    assert (job.state, job.outcome, job.reasons) == ("succeeded", "refused", ("roc_auc: worse",))
    never = JobSpec.from_json(TINY.to_json() | {"promote": "never"})
    job = ended(submit(never))
    assert job.outcome == "registered"
    assert "gate" not in script.steps_of(job.job_id)
