"""How fast and how light jobs are: what a worker adds to the work itself."""

import itertools
import json
import statistics
import threading
import time

import psutil

from cupromark.client import Client
from models.jobs.spec import JobSpec
from tests.end_to_end.faults.bench import SMALL
from tests.end_to_end.faults.soaked import service_of
from training.jobs.attempt import Attempt, Limits
from training.jobs.course import RETRAIN
from training.jobs.outside import NothingOutside
from training.jobs.workflow import JobWorkflow

PROMOTE = JobSpec(kind="promote", bundle="challenger")
MIB = 1024**2
# What the figures are held to; a machine that is busy with other work misses them.
MOST_AT_REST_MIB, MOST_WAIT_SECONDS, MOST_OVERHEAD, MOST_PAUSE_SECONDS = 300, 2.0, 0.03, 1.0
LONGER = JobSpec.from_json(SMALL.to_json() | {"n_folds": 5, "n_seeds": 2, "promote": "never"})


def at_rest(bench, tell, *, seconds=20):
    """Memory of a worker without a job, and how soon it takes one up."""
    worker = bench.start(poll_seconds=0.5)
    time.sleep(seconds)
    held = psutil.Process(worker.process.pid).memory_info().rss / MIB
    waits = []
    for _ in range(10):
        job = bench.ended(bench.submit(PROMOTE))
        waits.append(job.started_at - job.submitted_at)
    after = psutil.Process(worker.process.pid).memory_info().rss / MIB
    tell(f"worker at rest: {held:.0f} MiB, {after:.0f} MiB after ten jobs")
    tell(f"submitted to begun: median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s")
    worker.kill()
    return _missed(
        ("MiB at rest", held, MOST_AT_REST_MIB),
        ("s until a job began", max(waits), MOST_WAIT_SECONDS),
    )


def overhead(bench, n_pairs, tell):
    """The same training with and without DBOS, in turn; and the processor time of the worker."""
    worker = bench.start()
    psutil_worker = psutil.Process(worker.process.pid)
    with_dbos, without, own = [], [], []
    for pair in range(n_pairs):
        for is_durable in (True, False) if pair % 2 else (False, True):
            began, cpu = time.monotonic(), _cpu(psutil_worker)
            if is_durable:
                job = bench.ended(bench.submit(LONGER))
                with_dbos.append(job.ended_at - job.started_at)
                own.append(_cpu(psutil_worker) - cpu)
            else:
                run_without_dbos(bench, LONGER, f"direct{pair}")
                without.append(time.monotonic() - began)
    ratios = [a / b - 1 for a, b in zip(with_dbos, without, strict=True)]
    tell(f"{n_pairs} pairs: with {_spread(with_dbos)} s, without {_spread(without)} s")
    tell(f"difference, paired: median {statistics.median(ratios):+.1%}, {_spread(ratios, '+.1%')}")
    tell(f"processor time of the worker itself: median {statistics.median(own):.2f} s a job")
    worker.kill()
    return _missed(("of the time without DBOS", statistics.median(ratios), MOST_OVERHEAD))


def run_without_dbos(bench, spec, name):
    """The same orders to the same child; nothing is checkpointed, and nothing told to a board."""
    folder = bench.folder / "state" / "jobs" / name
    folder.mkdir(parents=True)
    attempt = Attempt(
        _Untold(spec, name),
        orders={
            "job_id": name,
            "spec": spec.to_json(),
            "folder": str(folder),
            "store": str(bench.folder / "var"),
            "processes": 1,
            "policies": str(folder),
            "submitted_by": "ada",
        },
        shares=RETRAIN,
        limits=Limits(4 * 1024 * MIB, 2.0, 60.0),
        is_stopping=threading.Event(),
    )
    try:
        return JobWorkflow(attempt, NothingOutside(), lambda name, do: do()).run("ada")
    finally:
        attempt.close()


class _Untold:
    """A job of which nothing is written down."""

    def __init__(self, spec, job_id):
        self.spec, self.job_id = spec, job_id

    def __getattr__(self, name):
        return lambda *given, **named: None


def events(bench, tell):
    """Longest pause between two events that the service sends while a job trains."""
    with service_of(bench) as (service, keys):
        bench.start()
        with Client(service.address, api_key=keys["operate"]) as client:
            job = client.submit_job(**_wire(LONGER))
            times, step = [], None
            for event in client.watch_job(job["job_id"]):
                step = event["data"].get("step", step)
                if step == "train":
                    times.append(time.monotonic())
    gaps = [b - a for a, b in itertools.pairwise(times)]
    tell(f"{len(times)} events in {times[-1] - times[0]:.0f} s of training; longest pause "
         f"{max(gaps):.2f} s, median {statistics.median(gaps):.2f} s")  # fmt: skip
    return _missed(("s between two events", max(gaps), MOST_PAUSE_SECONDS))


def _missed(*figures):
    return [
        f"{value:.3g} {what}, more than {most:g}" for what, value, most in figures if value > most
    ]


def _wire(spec):
    return json.loads(json.dumps(spec.to_json()))


def _cpu(process):
    times = process.cpu_times()
    return times.user + times.system


def _spread(values, form=".1f"):
    return f"{min(values):{form}} to {max(values):{form}}"
