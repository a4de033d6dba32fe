"""Workers in processes of their own, with a child that acts a script, on both databases."""

import pytest

from tests.training.jobs.acting import TINY, Script, WorkerProcess, until


@pytest.fixture
def script(tmp_path):
    return Script(tmp_path / "script")


@pytest.fixture
def start_worker(jobs_address, tmp_path, script):
    """Start workers; all are gone when the test ends."""
    started = []

    def start(*, acted=True, **settings):
        worker = WorkerProcess(jobs_address, tmp_path, script if acted else None, **settings)
        started.append(worker)
        return worker.wait_ready()

    yield start
    for worker in started:
        if worker.process.poll() is None:
            worker.kill()


@pytest.fixture
def submit(board):
    def ask(spec=TINY):
        return board.submit(spec, submitted_by="ada").job.job_id

    return ask


@pytest.fixture
def ended(board):
    """Wait until a job is over."""

    def wait(job_id):
        def over():
            job = board.get(job_id)
            return job if job.state.is_over else None

        return until(over, f"the job {job_id} is over")

    return wait
