"""Real jobs on a simulated cohort, workers that do them, and what became of both."""

import re
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass

from models.bundle_files import verify_bundle
from models.jobs.board import JobBoard
from models.jobs.spec import JobSpec
from models.store import CHAMPION, local_store
from tests.training.jobs.acting import WorkerProcess, until

SMALL = JobSpec(
    kind="retrain",
    cohort="simulated",
    drugs=("Cisplatin", "Venetoclax", "Paclitaxel"),
    n_folds=2,
    n_seeds=1,
    batch_drugs=1,
    force=True,
)
TRAINED = re.compile(r"trained ([^:]+): ")


@dataclass(frozen=True)
class Kill:
    """What a worker was killed at, and how soon the job was taken up again by the board's log."""

    step: str | None
    killed_at: float
    taken_up_after: float


class Bench:
    """A board of jobs, a store, and workers that share a folder.

    Parameters
    ----------
    address
        Database of the jobs.
    folder
        For all that they keep.
    settings
        Of every worker.
    """

    def __init__(self, address, folder, *, script=None, program=None, **settings):
        self.address, self.folder, self.script = address, folder, script
        self.settings = {"processes": 1, **settings}
        if program is not None:
            self.settings["program"] = program
        if script is None:
            self.store = local_store(folder / "var")
        self.board = JobBoard(address)
        self.board.start()
        self.workers = {}

    @classmethod
    @contextmanager
    def opened(cls, *arguments, **options):
        bench = cls(*arguments, **options)
        try:
            yield bench
        finally:
            for worker in bench.workers.values():
                if worker.process.poll() is None:
                    worker.kill()
            bench.board.close()

    def start(self, executor_id="one", *, wait=True, **settings):
        worker = WorkerProcess(
            self.address,
            self.folder,
            self.script,
            **{"executor_id": executor_id, **self.settings, **settings},
        )
        self.workers[executor_id] = worker
        return worker.wait_ready() if wait else worker

    def submit(self, spec=SMALL):
        return self.board.submit(spec, submitted_by="ada").job.job_id

    def ended(self, job_id):
        def over():
            job = self.board.get(job_id)
            return job if job.state.is_over else None

        return until(over, f"the job {job_id} is over")

    def until_step(self, job_id, step):
        until(lambda: self.board.get(job_id).step == step, f"the job {job_id} is at {step}")

    def kill_at_work(self, job_id):
        """Kill the worker that has a job; give the job as it was, that worker, and the moment."""
        job = self.board.get(job_id)
        victim = job.executor_id or "one"
        self.workers[victim].process.kill()
        killed_at = time.time()
        self.workers[victim].kill()
        return job, victim, killed_at

    def taken_up(self, job, killed_at):
        """Wait until a job is taken up again; None where it was over, or another's, by then."""

        def found():
            is_over = self.board.get(job.job_id).state.is_over
            later = [line for line in self.lines(job.job_id) if line.at > killed_at]
            taken = [line.at for line in later if line.text.startswith("taken up")]
            return taken[:1] or (["over"] if is_over else None)

        (at,) = until(found, f"the job {job.job_id} is taken up again")
        return None if at == "over" else Kill(job.step, killed_at, at - killed_at)

    def lines(self, job_id):
        lines, after = [], 0
        while page := self.board.log(job_id, after=after, limit=1000):
            lines += page
            after = page[-1].number
        return lines

    def log(self, job_id):
        return [line.text for line in self.lines(job_id)]

    def trained_again(self, job_id):
        """How often a drug was trained that had been trained before."""
        found = [TRAINED.match(text) for text in self.log(job_id)]
        return sum(n - 1 for n in Counter(one[1] for one in found if one).values())

    def versions_of(self, job_id):
        """Versions that a job registered, each of them fetched and verified."""
        found = [one for one in self.store.list() if one.tags.get("job") == job_id]
        for one in found:
            assert verify_bundle(self.store.fetch(one.version)).sha256 == one.sha256
        return found

    @property
    def champion(self):
        found = self.store.find(CHAMPION)
        return None if found is None else found.version
