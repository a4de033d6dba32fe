"""Workers die, are cancelled and lose their clock at any step; a child acts the work."""

import itertools
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from models.jobs.spec import JobSpec
from tests.end_to_end.faults.faulty_worker import set_clock
from tests.end_to_end.faults.metronome import (
    MOST_LOST_SECONDS,
    MOST_REPEATED,
    Exit,
    Metronome,
)
from tests.training.jobs.acting import TINY, until

PROMOTE = JobSpec(kind="promote", bundle="challenger")
FAULTY = str(Path(__file__).with_name("faulty_worker.py"))
STEP_SECONDS = 0.05
GONE_SECONDS = 5.0
on_postgres = pytest.mark.parametrize("jobs_address", ["postgres"], indirect=True)


def without_repetitions(steps):
    return [step for step, _ in itertools.groupby(steps)]


def slow_down(script, steps):
    for step in steps:
        script.act(step, seconds=STEP_SECONDS)


def test_a_job_killed_over_and_over_does_only_the_steps_again_that_died(make_bench, script):
    bench = make_bench(script)
    bench.start()
    orders = script.steps_of(bench.ended(bench.submit(TINY)).job_id)
    slow_down(script, orders)
    rng, n_kills = random.Random(0), 3  # noqa: S311 - moments, no secrets
    job_id = bench.submit(TINY)
    for _ in range(n_kills):
        time.sleep(rng.uniform(0, 4 * STEP_SECONDS))
        bench.workers["one"].kill()
        bench.start()
    assert bench.ended(job_id).outcome == "promoted"
    done = script.steps_of(job_id)
    assert without_repetitions(done) == orders
    assert len(done) <= len(orders) + n_kills
    numbers = [line.number for line in bench.board.log(job_id, limit=1000)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_job_cancelled_again_and_again_leaves_no_process_and_does_no_other_step_again(
    make_bench, script
):
    bench = make_bench(script, stop_seconds=0.2)
    bench.start()
    held = script.steps_of(bench.ended(bench.submit(TINY)).job_id)
    for step in held:
        script.act(step, hold=True)  # deaf to SIGTERM, too
    job_id = bench.submit(TINY)
    n_cancelled = Counter()
    with Metronome.beating() as metronome:
        for step in held:
            while is_cancelled_in_vain(bench, job_id, step, n_cancelled, metronome):
                bench.board.resume(job_id, by="ada")
            script.forget(step)
            bench.board.resume(job_id, by="ada")
    assert bench.ended(job_id).outcome == "promoted"
    done = Counter(script.steps_of(job_id))
    assert done == {step: n_cancelled[step] + 1 for step in held}


def is_cancelled_in_vain(bench, job_id, step, n_cancelled, metronome):
    """Cancel a job at a step; True where this machine stood still, and it is to be timed anew."""
    script = bench.script
    until(lambda: script.steps_of(job_id).count(step) > n_cancelled[step], f"{step} has begun")
    child_exit = Exit(script.pid_of(job_id))
    bench.board.cancel(job_id, by="ada")
    gone_at = child_exit.wait()
    assert gone_at is not None, f"the child lives on at {step}"
    assert bench.board.get(job_id).reason == "cancelled by ada"
    n_cancelled[step] += 1
    told = [line.at for line in bench.lines(job_id) if line.text == "cancelled by ada"]
    assert len(told) == n_cancelled.total()
    if gone_at - told[-1] <= GONE_SECONDS:
        return False
    lost = metronome.lost(told[-1], gone_at)
    said = f"the child was ended {gone_at - told[-1]:.1f} s after the cancel at {step}"
    print(f"{said}, {lost:.1f} s of which this machine stood still")  # noqa: T201
    assert lost > MOST_LOST_SECONDS, said
    assert n_cancelled[step] <= MOST_REPEATED, said
    return True


@on_postgres
def test_jobs_of_two_workers_that_are_killed_in_turn_are_done_once_each(make_bench, script):
    bench = make_bench(script, heartbeat_seconds=30)  # each is back before the other misses it
    ids = [bench.submit(PROMOTE) for _ in range(20)]
    for name in ("one", "two"):
        bench.start(name)
    killed = ["one", "two", "one"]
    for n_done, name in enumerate(killed, start=1):
        until(
            lambda n_done=n_done: bench.board.counts()["succeeded"] >= 4 * n_done,
            "some more jobs are done",
        )
        bench.workers[name].kill()
        bench.start(name)
    jobs = [bench.ended(job_id) for job_id in ids]
    assert {job.outcome for job in jobs} == {"promoted"}
    counts = Counter(script.done)
    assert {job for job, _ in counts} == set(ids)
    assert sum(n - 1 for n in counts.values()) <= len(killed)


def test_a_clock_that_is_moved_by_an_hour_neither_loses_a_job_nor_does_it_twice(
    make_bench, script, tmp_path
):
    clock = tmp_path / "clock"
    set_clock(clock, 0)
    bench = make_bench(script, program=(FAULTY, "--clock", str(clock)), heartbeat_seconds=10)
    script.act("train b", hold=True)
    for name in ("one", "two"):
        bench.start(name)
    job_id = bench.submit(TINY)
    until(lambda: "train b" in script.steps_of(job_id), "the second batch has begun")
    for hours in (1, 0):
        set_clock(clock, 3600 * hours)
        beats = [one.beat_at for one in bench.board.executors()]
        until(
            lambda beats=beats: not set(beats) & {one.beat_at for one in bench.board.executors()},
            "both have given a sign of life under the new clock",
        )
    script.forget("train b")
    job = bench.ended(job_id)
    assert (job.outcome, job.attempt) == ("promoted", 1)
    assert set(Counter(script.steps_of(job_id)).values()) == {1}


def test_a_worker_that_dies_as_the_clock_is_set_back_is_missed_all_the_same(
    make_bench, script, tmp_path
):
    clock = tmp_path / "clock"
    set_clock(clock, 3600)
    bench = make_bench(script, program=(FAULTY, "--clock", str(clock)))
    script.act("train b", hold=True)
    bench.start("one")
    job_id = bench.submit(TINY)
    until(lambda: "train b" in script.steps_of(job_id), "the second batch has begun")
    bench.workers["one"].kill()
    set_clock(clock, 0)
    bench.start("two")
    script.forget("train b")
    job = bench.ended(job_id)
    assert (job.outcome, job.executor_id) == ("promoted", "two")
