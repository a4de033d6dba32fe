"""Long faults, one function each: does it to real processes, tells figures, gives what broke."""

import statistics
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from functools import partial

import httpx
import psutil

from models.bundle_files import write_bundle
from models.jobs.job import JobState
from models.jobs.spec import JobSpec
from models.store import BundleStore
from tests.end_to_end.faults.mlflow_server import mlflow_at
from tests.end_to_end.running_service import load_make_bundle, make_keys, serving
from tests.ports import free_port
from tests.training.jobs.acting import until

PROMOTE = JobSpec(kind="promote", bundle="challenger")
MIB = 1024**2
GONE_SECONDS = 5.0
DONE = ("promoted", "refused")


def cancel_often(bench, n, rng, tell):
    """Cancel one real job again and again at random moments, and let it go on each time."""
    worker = bench.start()
    job = bench.ended(bench.submit())
    seconds = job.ended_at - job.started_at
    gone, breaks, at = [], [], Counter()
    while len(gone) < n:
        job_id = bench.submit()
        for _ in range(5):
            until(lambda j=job_id: bench.board.get(j).state != JobState.QUEUED, "it is taken up")
            time.sleep(rng.uniform(0, seconds / 3))
            children = psutil.Process(worker.process.pid).children(recursive=True)
            if bench.board.get(job_id).state.is_over:
                break
            at[bench.board.cancel(job_id, by="ada").step] += 1
            began = time.monotonic()
            until(lambda c=children: not any(map(_runs, c)), "no child is left")
            gone.append(time.monotonic() - began)
            if len(found := bench.versions_of(job_id)) > 1:
                breaks.append(f"{job_id} has {len(found)} versions")
            bench.board.resume(job_id, by="ada")
        job = bench.ended(job_id)
        if job.outcome not in DONE or len(bench.versions_of(job_id)) != 1:
            breaks.append(f"{job_id} ended {job.state}: {job.reason}")
    tell(f"{len(gone)} cancelled, at: {', '.join(f'{step} {k}' for step, k in at.most_common())}")
    tell(f"child gone: median {statistics.median(gone):.1f} s, longest {max(gone):.1f} s")
    late = [f"a child was gone after {one:.1f} s" for one in gone if one > GONE_SECONDS]
    return breaks + late


def many_jobs(bench, n, tell):
    """Do many small jobs with two workers, a child acting them."""
    ids = [bench.submit(PROMOTE) for _ in range(n)]
    began = time.monotonic()
    for name in ("one", "two"):
        bench.start(name, heartbeat_seconds=30)
    while bench.board.counts()[JobState.SUCCEEDED] < n and time.monotonic() - began < 10 * n:
        time.sleep(1)
    took = time.monotonic() - began
    states = Counter(str(bench.board.get(job_id).state) for job_id in ids)
    by = Counter(bench.board.get(job_id).executor_id for job_id in ids)
    counts = Counter(bench.script.done)
    twice = [job for (job, _), k in counts.items() if k != 1]
    lost = set(ids) - {job for job, _ in counts}
    tell(f"{n:,} jobs in {took:.0f} s: {dict(states)}, by {dict(by)}")
    tell(f"steps done twice: {len(twice)}, jobs lost: {len(lost)}")
    whole = states == {"succeeded": n} and not twice and not lost
    return [] if whole else ["jobs were lost, failed or done twice"]


def database_away(bench, postgres, seconds, tell):
    """Stop Postgres while a real job trains and others wait; submit over HTTP meanwhile."""
    bench.start()
    with service_of(bench) as (service, keys):
        job_id = bench.submit()
        waiting = [bench.submit() for _ in range(5)]
        bench.until_step(job_id, "train")
        postgres.stop()
        try:
            answers, longest = _submit_for(seconds, service.address, keys["operate"])
        finally:
            postgres.start()
        back = time.monotonic()
        job = bench.ended(job_id)
        ended_after = time.monotonic() - back
        others = [bench.ended(one) for one in waiting]
        after, _ = _submit_for(0.1, service.address, keys["operate"])
    tell(f"away for {seconds:.0f} s: submissions answered {dict(answers)}, {longest:.1f} s at most")
    tell(f"once it was back: {dict(after)}")
    tell(f"the job at work ended {job.outcome} {ended_after:.0f} s later, attempt {job.attempt}")
    ended = Counter(f"{one.outcome or one.reason}, attempt {one.attempt}" for one in others)
    tell(f"the {len(others)} acknowledged jobs ended: {dict(ended)}")
    breaks = [
        f"{one.job_id} ended {one.state}: {one.reason}"
        for one in (job, *others)
        if one.outcome not in DONE or len(bench.versions_of(one.job_id)) != 1
    ]
    refused_alone = set(answers) == {"503 with Retry-After"} and set(after) == {"202"}
    return breaks if refused_alone else [f"answered {answers}, then {after}", *breaks]


def _submit_for(seconds, address, key):
    """Submit over HTTP again and again; how often each answer came, and the longest wait."""
    answers, longest = Counter(), 0.0
    headers = {"Authorization": f"Bearer {key}"}
    began = time.monotonic()
    with httpx.Client(base_url=address, headers=headers, timeout=60) as http:
        while time.monotonic() - began < seconds:
            asked = time.monotonic()
            answer = http.post("/v1/jobs", json={"kind": "promote", "bundle": "challenger"})
            longest = max(longest, time.monotonic() - asked)
            is_told = " with Retry-After" if "retry-after" in answer.headers else ""
            answers[f"{answer.status_code}{is_told}"] += 1
            time.sleep(0.5)
    return answers, longest


@contextmanager
def service_of(bench):
    """Serve a made-up bundle beside the jobs of a bench; give the service and its keys."""
    folder, state = bench.folder / "bundle", bench.folder / "service"
    write_bundle(load_make_bundle()(), folder)
    keys = make_keys(state)
    environment = {"CUPROMARK_SERVE_JOBS_DATABASE_URL": bench.address}
    with serving(state, keys, "--bundle", folder, **environment) as service:
        yield service, keys


def mlflow_away(bench, tell):
    """Start a real job while MLflow's server does not run, and start that server later."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    bench.start(store=address)
    job_id = bench.submit()
    job = until(lambda: _in_state(bench, job_id, JobState.WAITING), "the job waits")
    tell(f"waits with the reason: {job.reason.replace(str(port), 'PORT')}")
    with mlflow_at(port, bench.folder / "mlflow"):
        began = time.monotonic()
        job = bench.ended(job_id)
        found = BundleStore(address, cache=bench.folder / "cache").list()
        tell(f"ended {job.outcome} {time.monotonic() - began:.0f} s after MLflow answered")
    whole = job.outcome in DONE and [one.tags["job"] for one in found] == [job_id]
    again = bench.trained_again(job_id)
    return [] if whole and not again else [f"{job_id} ended {job.state}: {job.reason}"]


def disk_full(make_bench, folder, n, rng, tell):
    """Let a disk run full at random points of a real job.

    `make_bench` takes the number of the try and the disk; it gives a bench, and whether its
    database is on that disk, too.
    """
    breaks, reasons = [], Counter()
    for number in range(n):
        disk = folder / str(number)  # of its own: MLflow keeps databases open in this process
        disk.mkdir(parents=True)
        with (
            small_disk(disk, 24 * MIB),
            make_bench(number, disk) as (bench, is_with_database),
        ):
            # MLflow makes the tables of a new store in no transaction; they are here before.
            bench.store.experiment_id()
            bench.start()
            job_id = bench.submit()
            filler = disk / "filler"
            bench.until_step(job_id, rng.choice(("join", "train", "evidence", "register")))
            fill(filler, leave=rng.randrange(0, MIB))
            job = until(partial(_stuck, bench, job_id), "the job is over, or waits for room")
            where = "with its database" if is_with_database else "without its database"
            reasons[f"{where}, {_kind(job)}"] += 1
            if job.state == JobState.FAILED and not _names_room(job):
                breaks.append(f"{job_id} failed for another reason: {job.reason}")
            filler.unlink()
            if job.state == JobState.FAILED:
                bench.board.resume(job_id, by="ada")
            job = bench.ended(job_id)
            if job.outcome not in DONE or len(bench.versions_of(job_id)) != 1:
                breaks.append(f"{job_id} ended {job.state}: {job.reason}")
    for reason, k in reasons.most_common():
        tell(f"{k}: {reason}")
    tell(f"{n - len(breaks)} of {n} ended with one version once there was room")
    return breaks


def memory(bench, tell):
    """Give a real job less memory than it needs, and then enough."""
    worker = bench.start(memory_bytes_per_child=256 * MIB)
    job = bench.ended(bench.submit())
    tell(f"failed with the reason: {job.reason}")
    lives = worker.process.poll() is None
    second = bench.ended(bench.submit(PROMOTE))
    tell(f"the worker lives: {lives}; its next job ended {second.state}: {second.reason}")
    worker.kill()
    bench.start()
    bench.board.resume(job.job_id, by="ada")
    after = bench.ended(job.job_id)
    tell(f"resumed with enough memory it ended {after.outcome}")
    told = str(job.reason).startswith("out of memory")
    return [] if told and lives and after.outcome in DONE else [f"{job.reason}; {after.reason}"]


@contextmanager
def small_disk(folder, n_bytes):
    """A file system of its own in memory; takes the rights of root."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={n_bytes}", "none", str(folder)]
    subprocess.run(command, check=True)  # noqa: S603
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)  # noqa: S603, S607


def fill(path, *, leave):
    """Take all the room on a disk but so many bytes."""
    free = psutil.disk_usage(str(path.parent)).free
    path.write_bytes(b"x" * max(free - leave, 0))


def _runs(process):
    """Whether it still does anything; one that is dead may wait for init to notice."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _in_state(bench, job_id, state):
    job = bench.board.get(job_id)
    return job if job.state == state else None


def _stuck(bench, job_id):
    """A job that is over; one that has not moved for ten seconds waits for room."""
    job = bench.board.get(job_id)
    if job.state.is_over:
        return job
    n_lines = len(bench.log(job_id))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = bench.board.get(job_id)
        if now.state.is_over:
            return now
        if (now.step, len(bench.log(job_id))) != (job.step, n_lines):
            return None
    return job


def _names_room(job):
    return "disk" in str(job.reason).lower() or "space" in str(job.reason).lower()


def _kind(job):
    if job.state == JobState.FAILED:
        return f"failed: {str(job.reason).split('(')[0].strip()[:120]}"
    if job.state == JobState.SUCCEEDED:
        return "there was room enough"
    return "waited for room"
