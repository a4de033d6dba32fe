"""Workers in processes of their own, with a child that acts a script, on both databases."""

import importlib.util
from pathlib import Path

import pytest

from tests.training.jobs.acting import TINY, Script, WorkerProcess, until

_SHARED = Path(__file__).resolve().parents[2] / "models" / "jobs" / "conftest.py"
_spec = importlib.util.spec_from_file_location("boards_of_tests", _SHARED)
_boards = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_boards)
postgres = _boards.postgres
postgres_address = _boards.postgres_address
jobs_address = _boards.jobs_address
board = _boards.board


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
