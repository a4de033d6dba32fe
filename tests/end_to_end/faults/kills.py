"""Workers that are killed at random moments of real jobs, and what becomes of these jobs."""

import statistics
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.end_to_end.faults.bench import Bench
from tests.end_to_end.faults.metronome import MOST_LOST_SECONDS, MOST_REPEATED, Metronome

BY_OTHER = "another worker"
BY_ITSELF = "any worker, the killed one being started again at once"
LATE_SECONDS = 5.0


@dataclass
class Kills:
    """What came of all kills.

    Attributes
    ----------
    n_spoilt
        Kills that do not count: this machine stood still meanwhile.
    by
        Who went on, and after how many seconds.
    breaks
        What should not have happened, a sentence each.
    """

    n_finished: int = 0
    n_trained_again: int = 0
    n_spoilt: int = 0
    steps: Counter = field(default_factory=Counter)
    by: dict[str, list[float]] = field(default_factory=lambda: {BY_OTHER: [], BY_ITSELF: []})
    breaks: list[str] = field(default_factory=list)

    @property
    def n(self):
        return sum(map(len, self.by.values()))

    def lines(self):
        whole = "with one version and the bundle of an undisturbed job"
        yield f"{self.n} kills, {self.n_finished} jobs finished {whole}"
        yield "killed at: " + ", ".join(f"{step} {n}" for step, n in self.steps.most_common())
        yield f"drugs trained a second time: {self.n_trained_again}"
        if self.n_spoilt:
            yield f"killed anew, as this machine stood still meanwhile: {self.n_spoilt}"
        for who, seconds in self.by.items():
            if seconds:
                middle = statistics.median(seconds)
                yield f"taken up by {who}: median {middle:.1f} s, longest {max(seconds):.1f} s"


def kill_often(bench: Bench, n_kills, rng, *, tell=lambda line: None) -> Kills:
    """Kill the worker of one job after another, each at a random moment of it.

    Two workers share the queue. Of three killed workers the third starts again at once, under its
    id; of the others the job is taken over.
    """
    for name in ("one", "two"):
        bench.start(name)
    seconds, sha256 = _undisturbed(bench)
    tell(f"an undisturbed job takes {seconds:.0f} s")
    kills = Kills()
    with Metronome.beating() as metronome:
        while kills.n < n_kills:
            job_id = bench.submit()
            time.sleep(rng.uniform(0, seconds))
            if bench.board.get(job_id).state.is_over:
                continue  # it was faster than that; the moment is drawn anew
            kill, who = _kill(bench, job_id, of_itself=kills.n % 3 == 2)
            is_whole = _judge(bench, job_id, kills, sha256)
            if kill is None:
                continue  # it ended, or another had it, in the moment of the kill
            if _is_late(bench, kill, who):
                lost = metronome.lost(kill.killed_at, kill.killed_at + kill.taken_up_after)
                said = f"{job_id} was taken over after {kill.taken_up_after:.1f} s"
                said += f", {lost:.1f} s of which this machine stood still"
                tell(said)
                if lost > MOST_LOST_SECONDS and kills.n_spoilt < MOST_REPEATED:
                    kills.n_spoilt += 1
                    continue
                kills.breaks.append(said)
            kills.steps[kill.step or "queued"] += 1
            kills.by[who].append(kill.taken_up_after)
            kills.n_finished += is_whole
            tell(f"{kills.n} kills, {kills.n_finished} finished")
    return kills


def _undisturbed(bench):
    job = bench.ended(bench.submit())
    return job.ended_at - job.submitted_at, job.figures["bundle_sha256"]


def _kill(bench, job_id, *, of_itself):
    job, victim, killed_at = bench.kill_at_work(job_id)
    if of_itself:
        bench.start(victim)
    kill = bench.taken_up(job, killed_at)
    if not of_itself:
        bench.start(victim, wait=False)
    return kill, BY_ITSELF if of_itself else BY_OTHER


def _is_late(bench, kill, who):
    lapse = bench.settings["heartbeat_seconds"]
    return who == BY_OTHER and kill.taken_up_after > lapse + LATE_SECONDS


def _judge(bench, job_id, kills, sha256):
    job = bench.ended(job_id)
    versions = bench.versions_of(job_id)
    again = bench.trained_again(job_id)
    kills.n_trained_again += again
    found = [
        None if job.outcome in ("promoted", "refused") else f"ended {job.state}: {job.reason}",
        None if len(versions) == 1 else f"has {len(versions)} versions",
        None if {one.sha256 for one in versions} == {sha256} else "has another bundle",
        None if again <= 1 else f"trained {again} drugs again after one kill",
    ]
    breaks = [f"{job_id} {one}" for one in found if one]
    kills.breaks += breaks
    return not breaks
