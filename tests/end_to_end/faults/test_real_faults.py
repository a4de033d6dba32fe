"""Real jobs whose worker dies, whose disk is full, or that find no MLflow; they end well after it."""

import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from models.jobs.spec import JobSpec
from models.store import BundleStore
from tests.end_to_end.faults.bench import SMALL, TRAINED
from tests.end_to_end.running_service import load_make_bundle
from tests.training.jobs.acting import until
from models.bundle_files import write_bundle  # isort: skip

FAULTY = str(Path(__file__).with_name("faulty_worker.py"))
ONE_DRUG = JobSpec.from_json(SMALL.to_json() | {"drugs": ["Cisplatin"]})
on_sqlite = pytest.mark.parametrize("jobs_address", ["sqlite"], indirect=True)


@pytest.fixture
def champion(tmp_path):
    """Give a store a champion."""

    def give(store):
        folder = tmp_path / "made-up"
        write_bundle(load_make_bundle()(), folder)
        version = store.register(folder)
        store.promote(version)
        return version

    return give


def test_killed_between_registration_and_alias_the_old_champion_serves_and_the_job_finishes(
    make_bench, champion, tmp_path
):
    held = tmp_path / "held"
    held.mkdir()
    (held / "hold").touch()
    bench = make_bench(program=(FAULTY, "--held", str(held)))
    old = champion(bench.store)
    bench.start()
    job_id = bench.submit(ONE_DRUG)
    until((held / "reached").exists, "the version is about to get its alias")
    bench.workers["one"].kill()
    (held / "hold").unlink()
    (version,) = bench.versions_of(job_id)
    assert version.aliases == ()
    assert bench.store.load().version == old
    bench.start()
    job = bench.ended(job_id)
    assert job.outcome in ("promoted", "refused"), job.reason
    assert [one.version for one in bench.versions_of(job_id)] == [version.version]
    (standing,) = bench.versions_of(job_id)
    assert standing.aliases == (("champion",) if job.outcome == "promoted" else ("challenger",))
    assert bench.trained_again(job_id) == 0


@on_sqlite
def test_a_job_that_may_write_no_more_fails_with_that_reason_and_goes_on_with_room(make_bench):
    bench = make_bench(program=(FAULTY, "--file-bytes", "100000"))
    bench.start()
    job_id = bench.submit(ONE_DRUG)
    job = bench.ended(job_id)
    assert job.state == "failed"
    assert job.reason.startswith("a file has reached the size that the system allows")
    assert bench.versions_of(job_id) == []
    bench.workers["one"].kill()
    bench.start(program=(FAULTY,))
    bench.board.resume(job_id, by="ada")
    assert bench.ended(job_id).outcome in ("promoted", "refused")
    assert len(bench.versions_of(job_id)) == 1


@on_sqlite
def test_without_mlflow_a_job_waits_with_the_reason_and_goes_on_when_it_is_back(
    make_bench, tmp_path
):
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    bench = make_bench(store=address, longest_wait_seconds=1)
    bench.start()
    job_id = bench.submit(JobSpec.from_json(ONE_DRUG.to_json() | {"promote": "never"}))
    job = until(lambda: waiting(bench, job_id), "the job waits")
    assert (job.step, job.executor_id) == ("register", "one")
    assert job.reason.startswith(f"register: MLflow at {address} cannot be reached")
    with mlflow_at(port, tmp_path / "mlflow"):
        assert bench.ended(job_id).outcome == "registered"
        found = BundleStore(address, cache=tmp_path / "cache").list()
    assert [one.tags["job"] for one in found] == [job_id]
    trained = [text for text in bench.log(job_id) if TRAINED.match(text)]
    assert len(trained) == 1


def waiting(bench, job_id):
    job = bench.board.get(job_id)
    assert not job.state.is_over, job.reason
    return job if job.state == "waiting" else None


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def mlflow_at(port, folder):
    """Run MLflow's own server until the block ends."""
    folder.mkdir()
    command = [
        sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603
        try:
            until(lambda: answers(port), "MLflow answers")
            yield
        finally:
            process.terminate()
            process.wait()


def answers(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200
    except httpx.TransportError:
        return False
